package memory

import (
	"cmp"
	"context"
	"slices"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// CreateMessage implements imagechat.MessageStore.
func (v view) CreateMessage(ctx context.Context, m *imagechat.Message) error {
	unlock, err := v.write(ctx, "CreateMessage")
	if err != nil {
		return err
	}
	defer unlock()
	if err := v.needSession(m.SessionID, "message"); err != nil {
		return err
	}
	return create(v, v.messages, m.ID, cloneStoredMessage(m), "message")
}

// GetMessage implements imagechat.MessageStore.
func (v view) GetMessage(ctx context.Context, id imagechat.MessageID) (*imagechat.Message, error) {
	return lookUp(ctx, v, "GetMessage", v.messages, id, "message", cloneMessage)
}

// ListMessages implements imagechat.MessageStore.
func (v view) ListMessages(ctx context.Context, session imagechat.SessionID, before imagechat.MessageID, limit int) ([]*imagechat.Message, error) {
	unlock, err := v.read(ctx, "ListMessages")
	if err != nil {
		return nil, err
	}
	defer unlock()
	var found []*imagechat.Message
	for _, m := range v.messages {
		if m.SessionID == session && (before == "" || m.ID < before) {
			found = append(found, m)
		}
	}
	slices.SortFunc(found, func(a, b *imagechat.Message) int { return cmp.Compare(b.ID, a.ID) })
	found = first(found, limit)
	slices.Reverse(found)
	return copies(found, cloneMessage), nil
}

// ReferencedBlobs implements imagechat.MessageStore.
func (v view) ReferencedBlobs(ctx context.Context, keys []imagechat.BlobKey) ([]imagechat.BlobKey, error) {
	unlock, err := v.read(ctx, "ReferencedBlobs")
	if err != nil {
		return nil, err
	}
	defer unlock()
	held := map[imagechat.BlobKey]bool{}
	for _, m := range v.messages {
		for _, k := range m.Blobs() {
			held[k] = true
		}
	}
	for _, i := range v.images {
		held[i.Blob] = true
	}
	for _, x := range v.variants {
		held[x.Blob] = true
	}
	var out []imagechat.BlobKey
	for _, k := range keys {
		if held[k] && !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	return out, nil
}

// DropParts implements imagechat.MessageStore.
func (v view) DropParts(ctx context.Context, id imagechat.MessageID) error {
	unlock, err := v.write(ctx, "DropParts")
	if err != nil {
		return err
	}
	defer unlock()
	old, err := get(v.messages, id, "message")
	if err != nil {
		return err
	}
	m := *old
	m.Parts = nil
	put(v, v.messages, id, &m)
	return nil
}

// SessionBlobs implements imagechat.MessageStore.
func (v view) SessionBlobs(ctx context.Context, session imagechat.SessionID) ([]imagechat.BlobKey, error) {
	unlock, err := v.read(ctx, "SessionBlobs")
	if err != nil {
		return nil, err
	}
	defer unlock()
	var out []imagechat.BlobKey
	for _, m := range v.messages {
		if m.SessionID == session {
			out = append(out, m.Blobs()...)
		}
	}
	drawn := map[imagechat.BlobKey]bool{}
	for _, i := range v.images {
		if i.SessionID == session {
			out = append(out, i.Blob)
			drawn[i.Blob] = true
		}
	}
	for _, x := range v.variants {
		if drawn[x.Source] {
			out = append(out, x.Blob)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}
