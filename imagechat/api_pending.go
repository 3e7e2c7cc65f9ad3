package imagechat

import (
	"context"
	"errors"
	"io"
	"time"
)

// Placeholders that fix the shape of the Service while it is being written.
var errPending = errors.New("imagechat: being written")

// New checks the ports and returns a Service at rest.
func New(p Ports, o *Options) (*Service, error) { return nil, errPending }

// Start recovers what an earlier process left and begins to run turns. It
// returns when recovery is done; turns run until Close.
func (s *Service) Start(ctx context.Context) error { return errPending }

// Drain refuses new turns and waits until running ones ended or ctx did;
// what still runs then ends as interrupted.
func (s *Service) Drain(ctx context.Context) error { return errPending }

// Close ends everything at once (Drain first to be kind) and waits for it.
func (s *Service) Close(ctx context.Context) error { return errPending }

func (s *Service) CreateSession(ctx context.Context, n NewSession) (*Session, error) {
	return nil, errPending
}
func (s *Service) Session(ctx context.Context, id SessionID) (*Session, error) {
	return nil, errPending
}
func (s *Service) Sessions(ctx context.Context, q SessionQuery) (*SessionPage, error) {
	return nil, errPending
}

// Messages returns the newest limit (0: 200, at most 200) messages before one (empty: the end), oldest first, images filled in.
func (s *Service) Messages(ctx context.Context, id SessionID, before MessageID, limit int) (*MessagePage, error) {
	return nil, errPending
}
func (s *Service) Message(ctx context.Context, id MessageID) (*Message, error) {
	return nil, errPending
}
func (s *Service) UpdateSession(ctx context.Context, id SessionID, p SessionPatch) (*Session, error) {
	return nil, errPending
}
func (s *Service) DeleteSession(ctx context.Context, id SessionID) error { return errPending }

// Submission is a turn that was taken in.
type Submission struct {
	Turn    *Turn
	Message *Message // the person's, saved
	// Replayed: the idempotency key was known; this is the first turn's.
	Replayed bool
}

// Submit takes a turn in. key may be empty.
func (s *Service) Submit(ctx context.Context, id SessionID, r TurnRequest, key string) (*Submission, error) {
	return nil, errPending
}

// Estimate is what a request would cost at most.
func (s *Service) Estimate(ctx context.Context, id SessionID, r TurnRequest) (USD, error) {
	return 0, errPending
}
func (s *Service) Turn(ctx context.Context, id TurnID) (*Turn, error) { return nil, errPending }

// Turns lists the turns of a session that have not ended, oldest first.
func (s *Service) Turns(ctx context.Context, id SessionID) ([]Turn, error) { return nil, errPending }

// Wait blocks until the turn ended or ctx did (then it returns the turn as it stands, and no error).
func (s *Service) Wait(ctx context.Context, id TurnID) (*Turn, error)   { return nil, errPending }
func (s *Service) Cancel(ctx context.Context, id TurnID) (*Turn, error) { return nil, errPending }
func (s *Service) Retry(ctx context.Context, id TurnID) (*Turn, error)  { return nil, errPending }

func (s *Service) Image(ctx context.Context, id ImageID) (*Image, error) { return nil, errPending }
func (s *Service) Images(ctx context.Context, q ImageQuery) (*ImagePage, error) {
	return nil, errPending
}
func (s *Service) DeleteImage(ctx context.Context, id ImageID) error { return errPending }
func (s *Service) UpdateImage(ctx context.Context, id ImageID, p ImagePatch) (*Image, error) {
	return nil, errPending
}

// OpenImage returns an image's record and its exact bytes (an *os.File from local stores).
func (s *Service) OpenImage(ctx context.Context, id ImageID) (*Image, io.ReadSeekCloser, error) {
	return nil, nil, errPending
}

// Thumbnail returns a scaled copy, width clamped to 64…2048 pixels, made once and kept.
func (s *Service) Thumbnail(ctx context.Context, id ImageID, width int) (*Variant, io.ReadSeekCloser, error) {
	return nil, nil, errPending
}

// Upload stores a picture of the person's, cleaned of metadata. role is ImageReference or ImageLogo.
func (s *Service) Upload(ctx context.Context, r io.Reader, role ImageRole) (*Image, error) {
	return nil, errPending
}

// ExportSpec says what file is wanted.
type ExportSpec struct {
	Purpose       string // or Width and Height
	Width, Height int
	Format        string // png, jpeg; "" lets the purpose decide
	Fit           string // cover (default), contain
	Focus         *Point // nil: found
}

// Point is a place in a picture as fractions 0…1 from the top left.
type Point struct{ X, Y float64 }

// ExportFile is a finished file.
type ExportFile struct {
	Name     string
	Purpose  string
	MIMEType string
	Width    int
	Height   int
	SHA256   BlobKey
	Data     []byte
}

// Export finishes an image to exact pixels.
func (s *Service) Export(ctx context.Context, id ImageID, spec ExportSpec) (*ExportFile, error) {
	return nil, errPending
}

// PackRequest asks for several files of one image.
type PackRequest struct {
	ImageID  ImageID
	Purposes []string
	Formats  []string
	Fit      string
	Focus    *Point
}

// Pack is a ZIP about to be written.
type Pack struct {
	Name string // file name
	// WriteTo streams the ZIP. It fails before the first byte where the request can't be met.
	Write func(ctx context.Context, w io.Writer) error
}

// ExportPack checks a request and returns the ZIP to be streamed.
func (s *Service) ExportPack(ctx context.Context, id SessionID, r PackRequest) (*Pack, error) {
	return nil, errPending
}

func (s *Service) CreateBrand(ctx context.Context, b Brand) (*Brand, error) { return nil, errPending }
func (s *Service) Brand(ctx context.Context, id BrandID) (*Brand, error)    { return nil, errPending }
func (s *Service) Brands(ctx context.Context) ([]Brand, error)              { return nil, errPending }

// BrandPatch changes what is not nil.
type BrandPatch struct {
	Name, Description, Typography, Tone *string
	Palette                             *[]Color
	Do, Dont                            *[]string
	LogoImageID                         *ImageID
}

func (s *Service) UpdateBrand(ctx context.Context, id BrandID, p BrandPatch) (*Brand, error) {
	return nil, errPending
}
func (s *Service) DeleteBrand(ctx context.Context, id BrandID) error { return errPending }

// Usage of the owner since a moment; the zero time means 30 days.
func (s *Service) Usage(ctx context.Context, since time.Time) (*Usage, error) { return nil, errPending }
func (s *Service) Models() []Model                                            { return nil }
func (s *Service) Purposes() *Registry                                        { return nil }

// GeneratorName is the generator's word for people: "gemini", "demo".
func (s *Service) GeneratorName() string { return "" }

// DefaultModel is the model used when a request names none.
func (s *Service) DefaultModel() string { return "" }

// Warnings are sentences for the operator about the generator.
func (s *Service) Warnings() []string { return nil }

// Health asks every port; the map holds the failing ones by name ("database", "blobs", "spool").
func (s *Service) Health(ctx context.Context) map[string]error { return nil }

// Subscribe follows a session's events: those after seq first, in order and once, then the live ones. after < 0 means live only.
func (s *Service) Subscribe(ctx context.Context, id SessionID, after int64) (*Subscription, error) {
	return nil, errPending
}

// Subscription yields updates at the reader's own pace.
type Subscription struct{ start int64 }

// Seq is the session's newest event number when the subscription began.
func (s *Subscription) Seq() int64 { return s.start }

// Next blocks for the next update. It fails with ctx's error, with
// SessionNotFound when the session was deleted, and with Interrupted when the Service closes.
func (s *Subscription) Next(ctx context.Context) (*Update, error) { return nil, errPending }

// Close ends the subscription; it may be called twice.
func (s *Subscription) Close() {}
