package imagechat

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// The types below are the rooms behind Service, which passes its calls on to
// them. Arrows between them run one way, from the engine down: a room reaches
// only those that are fields of it. docs/architecture.md draws the picture.

// kit is what every room has.
type kit struct {
	repo Repository
	o    Options
	log  *slog.Logger
	now  func() time.Time // UTC, to the microsecond
}

// recorder writes what must be written, however long the disk is full.
type recorder struct {
	*kit
	life context.Context
}

// feed tells subscribers, waiters and the operator what happened.
type feed struct {
	*kit
	bell    Publisher
	waiters waiters
	life    context.Context
}

// room knows whether there is space for what is about to be paid for.
type room struct {
	*kit
	spool Spool
	blobs BlobStore
}

// stores holds repository and blob store together: locks, marks, sweeping,
// deletion.
type stores struct {
	*kit
	vault *vault
	blobs BlobStore
	spool Spool // to sweep unfinished writes
	// paired says that repository and blob store are known to belong together.
	paired  atomic.Bool
	holding sync.Mutex
	unlocks []func() error // what lets go of the stores
}

// library keeps sessions, messages, images, brands and usage.
type library struct {
	*kit
	feed   *feed
	stores *stores
	vault  *vault
}

// pictures takes uploads in and makes thumbnails, previews, exports and packs.
type pictures struct {
	*kit
	lib       *library
	room      *room
	feed      *feed
	stores    *stores
	vault     *vault
	blobs     BlobStore
	scratches scratches
	making    keyed // thumbnails
	// What previews have shown; a file's figures take about 300 bytes.
	previews *recent[PreviewedFile]
	focuses  *recent[Point]
}

// rules say what may be asked of the generator, what it means, and what it
// costs.
type rules struct {
	*kit
	gen Generator
}

// briefing prepares the call that a turn makes: prompt, pictures, history.
type briefing struct {
	*kit
	gen   Generator
	lib   *library
	rules *rules
	vault *vault
}

// intake takes turns in, with their place in the queue.
type intake struct {
	*kit
	lib      *library
	rules    *rules
	room     *room
	feed     *feed
	queue    *queue
	draining atomic.Bool
}

// inbox keeps what the generator sends, from its first byte in the spool to
// the blob store.
type inbox struct {
	*recorder
	spool Spool
	blobs BlobStore
	vault *vault
}

// engine runs turns: queue, calls, settling, recovery.
type engine struct {
	*recorder
	gen      Generator
	lib      *library
	rules    *rules
	room     *room
	feed     *feed
	stores   *stores
	intake   *intake
	briefing *briefing
	inbox    *inbox

	// life ends when Close is called: nothing new may begin on it.
	life    context.Context
	stop    context.CancelCauseFunc
	work    sync.WaitGroup // running turns and background loops
	started atomic.Bool
	// keyRejected says that the last call's key was refused.
	keyRejected atomic.Bool

	queue   *queue
	runs    runTable
	medians medianCache
	// settling are the turns of an earlier process that are being ended.
	settling sync.WaitGroup
}

// newService puts the rooms together.
func newService(p Ports, o Options) *Service {
	life, stop := context.WithCancelCause(context.Background())
	k := &kit{
		repo: p.Repository, o: o, log: o.Logger,
		now: func() time.Time { return o.Now().UTC().Truncate(time.Microsecond) },
	}
	v := newVault(p)
	f := &feed{kit: k, bell: p.Publisher, life: life}
	r := &room{kit: k, spool: p.Spool, blobs: p.Blobs}
	st := &stores{kit: k, vault: v, blobs: p.Blobs, spool: p.Spool}
	lib := &library{kit: k, feed: f, stores: st, vault: v}
	ru := &rules{kit: k, gen: p.Generator}
	in := &intake{
		kit: k, lib: lib, rules: ru, room: r, feed: f, queue: newQueue(o.MaxConcurrentTurns, o.MaxWaitingTurns),
	}
	rec := &recorder{kit: k, life: life}
	return &Service{
		ports: p, lib: lib, rules: ru, room: r, feed: f, stores: st, intake: in,
		pictures: &pictures{
			kit: k, lib: lib, room: r, feed: f, stores: st, vault: v, blobs: p.Blobs,
			previews: newRecent[PreviewedFile](4096), focuses: newRecent[Point](1024),
		},
		engine: &engine{
			recorder: rec, gen: p.Generator, lib: lib, rules: ru, room: r, feed: f, stores: st, intake: in,
			briefing: &briefing{kit: k, gen: p.Generator, lib: lib, rules: ru, vault: v},
			inbox:    &inbox{recorder: rec, spool: p.Spool, blobs: p.Blobs, vault: v},
			life:     life, stop: stop, queue: in.queue,
		},
	}
}
