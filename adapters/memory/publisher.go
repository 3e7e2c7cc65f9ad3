package memory

import (
	"context"
	"sync"

	"github.com/gemini-image-chat/gemini-image-chat/imagechat"
)

// Publisher implements imagechat.Publisher within the process. Signals are
// delivered before Publish returns. A subscriber must neither publish nor
// cancel from within its function.
type Publisher struct {
	Faults

	mu   sync.Mutex
	subs map[imagechat.SessionID]map[*subscriber]struct{}
}

type subscriber struct{ fn func(imagechat.Signal) }

// NewPublisher returns a Publisher without subscribers.
func NewPublisher() *Publisher {
	return &Publisher{subs: map[imagechat.SessionID]map[*subscriber]struct{}{}}
}

// Publish implements imagechat.Publisher.
func (p *Publisher) Publish(ctx context.Context, s imagechat.Signal) error {
	if err := p.ready(ctx, "Publish"); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for sub := range p.subs[s.SessionID] {
		sub.fn(s)
	}
	return nil
}

// Subscribe implements imagechat.Publisher.
func (p *Publisher) Subscribe(session imagechat.SessionID, fn func(imagechat.Signal)) (cancel func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	sub := &subscriber{fn}
	if p.subs[session] == nil {
		p.subs[session] = map[*subscriber]struct{}{}
	}
	p.subs[session][sub] = struct{}{}
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.subs[session], sub)
		if len(p.subs[session]) == 0 {
			delete(p.subs, session)
		}
	}
}

var _ imagechat.Publisher = (*Publisher)(nil)
