package imagechat

import (
	"context"
	"errors"
	"iter"
)

// Abilities are what a port may offer beyond its interface. The Service
// discovers them; a port without one works, with less protection or comfort.

// Locker is implemented by repositories and blob stores that one Service at a
// time may hold. A second Service on the same stores would take the calls
// that the first one is waiting for as lost, so Start takes the lock of every
// port that has one, and fails with [ErrInUse] while somebody else does.
type Locker interface {
	// Lock takes the store until unlock is called, the store is closed or
	// the process ends. It does not wait: while somebody else has the store,
	// in this process or another, it fails with ErrInUse and says where.
	Lock(ctx context.Context) (unlock func() error, err error)
}

// ErrInUse says that another Service holds a store.
var ErrInUse = errors.New("another program uses it")

// StoreID is a mark that a repository and a blob store have in common.
type StoreID string

// Identified is implemented by repositories and blob stores that carry a
// mark, so that a database is never taken for that of another blob store:
// what it does not refer to would be deleted there. Start compares the two
// marks; see [ErrForeignStores].
type Identified interface {
	// Identity returns the mark, empty as long as there is none.
	Identity(ctx context.Context) (StoreID, error)
	// SetIdentity writes the mark, durably, in place of an earlier one.
	SetIdentity(ctx context.Context, id StoreID) error
}

// Trash is implemented by blob stores that can put a blob aside before it is
// deleted for good. A blob in the trash is not found and not listed; Put and
// Adopt of the same bytes make a new blob beside it, and Delete deletes both.
type Trash interface {
	// Discard moves a blob into the trash, durably. One that is not there is
	// no error.
	Discard(ctx context.Context, key BlobKey) error
	// Restore takes a blob back out of the trash. NotFound if it is in
	// neither place; one that is in its place stays as it is.
	Restore(ctx context.Context, key BlobKey) error
	// ListTrash yields every blob in the trash, in no order. Time is when it
	// was discarded.
	ListTrash(ctx context.Context) iter.Seq2[BlobInfo, error]
	// Purge deletes a blob from the trash for good, and from nowhere else.
	// One that is not there is no error.
	Purge(ctx context.Context, key BlobKey) error
}
