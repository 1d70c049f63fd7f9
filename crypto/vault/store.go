package vault

import (
	"context"
	"time"
)

// Owner is whose card it is: a user, or a merchant. ID is required; cards of one Tenant are sealed under keys of its own.
type Owner struct {
	Tenant string // organisation, in an application that has several
	ID     string // unique within Tenant
}

// Card is what its owner may see of a card. It holds nothing of a number but the last four digits.
type Card struct {
	Token     string
	Brand     string // see PAN.Brand
	Masked    string // see PAN.Masked
	CreatedAt time.Time
	ExpiresAt time.Time // of the token, not of the card; zero: never
}

// Last4 returns the last four digits.
func (c Card) Last4() string { return c.Masked[max(0, len(c.Masked)-lastDigits):] }

// live reports whether the token may be used.
func (c *Card) live(now time.Time) bool { return c.ExpiresAt.IsZero() || now.Before(c.ExpiresAt) }

// Record is what a [Store] keeps of a card.
type Record struct {
	Card
	Owner       Owner
	Sealed      []byte // the number, at most 85 bytes
	Fingerprint []byte // a MAC of 36 bytes, its key's id first; nil: none
}

// Store keeps records. It must be safe for concurrent use, by several processes where several share it; package vaulttest
// checks an implementation. Every step is atomic, and an error means that nothing is known about it. Times are kept to the
// microsecond or better, and the zero time as such. What is returned is the caller's own.
type Store interface {
	// Put adds a record and returns it, unless its owner has one with any of the fingerprints that is live at rec.CreatedAt:
	// then it returns that one and adds nothing. However many calls for an owner come at once, with whichever of the
	// fingerprints in rec, one record is added. Without fingerprints there is nothing to look for. It fails with ErrExists where
	// the token is known, whoever's it is.
	Put(ctx context.Context, rec Record, same [][]byte) (Record, error)
	// Get returns a record, whoever's and however old, or ErrNotFound.
	Get(ctx context.Context, token string) (Record, error)
	// List returns the owner's records that are live at that time, behind the token after, at most n. They come in an order
	// of their tokens that is the store's own and never changes.
	List(ctx context.Context, owner Owner, after string, at time.Time, n int) ([]Record, error)
	// Delete forgets a record, or fails with ErrNotFound: of several calls at once, one succeeds.
	Delete(ctx context.Context, token string) error
	// DeleteExpired forgets the records that expired before, and says how many they were.
	DeleteExpired(ctx context.Context, before time.Time) (int, error)
	// Next returns everybody's records, expired ones too, behind the token after, at most n, in the order of List.
	Next(ctx context.Context, after string, n int) ([]Record, error)
	// Swap sets Sealed and Fingerprint to those of next, and reports true, if the record with old's token still has old's
	// Sealed. Otherwise it changes nothing.
	Swap(ctx context.Context, old, next Record) (bool, error)
}
