package imagechat

import (
	"context"
	"io"
	"time"
)

// Brand returns one brand kit, or NotFound.
func (s *Service) Brand(ctx context.Context, id BrandID) (*Brand, error) {
	return s.lib.Brand(ctx, id)
}

// Brands returns the caller's brand kits by name.
func (s *Service) Brands(ctx context.Context) ([]Brand, error) {
	return s.lib.Brands(ctx)
}

// Conversation returns a session together with what Messages and Turns tell
// of it. Whatever happens meanwhile has a number above its Session's LastSeq.
func (s *Service) Conversation(ctx context.Context, id SessionID, before MessageID, limit int) (*Conversation, error) {
	return s.lib.Conversation(ctx, id, before, limit)
}

// CreateBrand keeps a brand kit; ID, Owner and times are set.
func (s *Service) CreateBrand(ctx context.Context, b Brand) (*Brand, error) {
	return s.lib.CreateBrand(ctx, b)
}

// CreateSession starts a conversation. InvalidRequest says which field is wrong.
func (s *Service) CreateSession(ctx context.Context, n NewSession) (*Session, error) {
	return s.lib.CreateSession(ctx, n)
}

// DailyBudget is the cap on what is spent in 24 hours; 0 means none.
func (s *Service) DailyBudget() USD {
	return s.lib.DailyBudget()
}

// DeleteBrand removes a brand kit and its logo, unless something else uses
// that. Sessions that refer to the kit go on without.
func (s *Service) DeleteBrand(ctx context.Context, id BrandID) error {
	return s.lib.DeleteBrand(ctx, id)
}

// DeleteImage removes a picture with its smaller copies, and their bytes when
// no other image has them. The answer that it came with is no longer kept as
// the model gave it, so that the picture is never sent to a model again: what
// goes on in the conversation goes on from its words.
func (s *Service) DeleteImage(ctx context.Context, id ImageID) error {
	return s.lib.DeleteImage(ctx, id)
}

// Image returns one picture's record, or ImageNotFound.
func (s *Service) Image(ctx context.Context, id ImageID) (*Image, error) {
	return s.lib.Image(ctx, id)
}

// Images returns a page of the caller's pictures, newest first.
func (s *Service) Images(ctx context.Context, q ImageQuery) (*ImagePage, error) {
	return s.lib.Images(ctx, q)
}

// Message returns one message with its images, or NotFound.
func (s *Service) Message(ctx context.Context, id MessageID) (*Message, error) {
	return s.lib.Message(ctx, id)
}

// Messages returns the newest limit messages (1–200; 0 means 200) that come
// before the given one (empty: the end), oldest first, with their images.
func (s *Service) Messages(ctx context.Context, id SessionID, before MessageID, limit int) (*MessagePage, error) {
	return s.lib.Messages(ctx, id, before, limit)
}

// OpenImage returns a picture's record and its exact bytes as the generator
// sent them: an *os.File from local stores.
func (s *Service) OpenImage(ctx context.Context, id ImageID) (*Image, io.ReadSeekCloser, error) {
	return s.lib.OpenImage(ctx, id)
}

// Session returns one conversation, or SessionNotFound.
func (s *Service) Session(ctx context.Context, id SessionID) (*Session, error) {
	return s.lib.Session(ctx, id)
}

// Sessions returns a page of the caller's conversations.
func (s *Service) Sessions(ctx context.Context, q SessionQuery) (*SessionPage, error) {
	return s.lib.Sessions(ctx, q)
}

// SpentToday is what counts against the daily budget now, of all owners
// together.
func (s *Service) SpentToday(ctx context.Context) (USD, error) {
	return s.lib.SpentToday(ctx)
}

// Turn returns a turn as it stands, or TurnNotFound.
func (s *Service) Turn(ctx context.Context, id TurnID) (*Turn, error) {
	return s.lib.Turn(ctx, id)
}

// Turns lists the turns of a session that have not ended, oldest first.
func (s *Service) Turns(ctx context.Context, id SessionID) ([]Turn, error) {
	return s.lib.Turns(ctx, id)
}

// UpdateBrand changes what the patch names. A logo that it replaces goes,
// unless something else uses it.
func (s *Service) UpdateBrand(ctx context.Context, id BrandID, p BrandPatch) (*Brand, error) {
	return s.lib.UpdateBrand(ctx, id, p)
}

// UpdateImage changes what the patch names and tells the clients of its session.
func (s *Service) UpdateImage(ctx context.Context, id ImageID, p ImagePatch) (*Image, error) {
	return s.lib.UpdateImage(ctx, id, p)
}

// UpdateSession changes what the patch names and tells every client.
func (s *Service) UpdateSession(ctx context.Context, id SessionID, p SessionPatch) (*Session, error) {
	return s.lib.UpdateSession(ctx, id, p)
}

// Usage is what the caller spent since a moment; the zero time means 30
// days. Its Budget counts what all owners spent, as the cap does.
func (s *Service) Usage(ctx context.Context, since time.Time) (*Usage, error) {
	return s.lib.Usage(ctx, since)
}

// Collect looks for blobs that nothing has referred to for a day. It may be
// called before Start, and beside another Service on the same stores: what is
// referred to again meanwhile was stored again, too. It fails with
// [ErrForeignStores] where the stores do not belong together.
func (s *Service) Collect(ctx context.Context, o CollectOptions) (c Collection, err error) {
	return s.stores.Collect(ctx, o)
}

// Sweep takes blobs older than a day out of use that no image, variant,
// message or live attempt refers to, and returns how many. They go into the
// trash where the store has one, and for good after 30 days. When they are
// more than a small share of all, none is taken, and the log says so; see
// [Service.Collect]. Before that the uploads go that nothing has used for
// UnusedUploadAge. The Service sweeps by itself, a few times a day.
func (s *Service) Sweep(ctx context.Context) (int, error) {
	return s.stores.Sweep(ctx)
}
