package apikey

import (
	"context"
	"time"
)

// Key is what its owner may see of a key. The key itself is not in it.
type Key struct {
	ID        string // third word of the key, 12 letters and digits
	Name      string // the owner's own word for it
	Owner     string // unique among all tenants
	Tenant    string
	Tier      string
	Scopes    []string // permissions; none: it may do nothing
	CreatedAt time.Time
	ExpiresAt time.Time // zero: never
	RevokedAt time.Time // zero while it was not revoked
	UsedAt    time.Time // last use, late by Config.UsedEvery; zero: never
	RotatedTo string    // ID of the key that replaces this one, if there is one
}

// live reports whether the key may be used.
func (k *Key) live(now time.Time) bool {
	return k.RevokedAt.IsZero() && (k.ExpiresAt.IsZero() || now.Before(k.ExpiresAt))
}

// Record is what a [Store] keeps of a key.
type Record struct {
	Key
	Hash   Hash
	Pepper string // which of Config.Peppers made Hash; empty: none
}

// Store keeps keys. It must be safe for concurrent use, by several processes where several share it; package apikeytest
// checks an implementation. Every step is atomic, and an error means that nothing is known about it. Times are kept to
// the microsecond or better, and the zero time as such. What is returned is the caller's own.
//
// A key is live at a time when it is neither revoked nor, then, past ExpiresAt.
type Store interface {
	// Create adds a key. It fails with ErrExists where the ID is known, and with ErrTooMany where the owner has most keys,
	// or more, that are live at rec.CreatedAt and not rotated: however many calls come at once.
	Create(ctx context.Context, rec Record, most int) error
	// Get returns a key, whatever its state, or ErrNotFound.
	Get(ctx context.Context, id string) (Record, error)
	// Rotate adds next, names it in RotatedTo of the key id, and sets that key's ExpiresAt to until, unless it ends
	// earlier. All or nothing: it fails with ErrNotFound for an unknown id, ErrEnded where the key is not live at
	// next.CreatedAt, ErrRotated where it has a RotatedTo, ErrExists where next's ID is known. Of several calls at once for
	// one key, one succeeds.
	Rotate(ctx context.Context, id string, until time.Time, next Record) error
	// Revoke sets RevokedAt where it is zero. Another call, or an unknown key, changes nothing and is no error.
	Revoke(ctx context.Context, id string, at time.Time) error
	// Touch sets UsedAt, unless it is later. An unknown key is no error.
	Touch(ctx context.Context, id string, at time.Time) error
	// List returns the owner's keys that are live at that time, newest first, at most [MaxList].
	List(ctx context.Context, owner string, at time.Time) ([]Record, error)
	// DeleteExpired forgets the keys that expired or were revoked before, and says how many they were.
	DeleteExpired(ctx context.Context, before time.Time) (int, error)
}

// MaxList is the most keys that [Store.List] returns.
const MaxList = 1000
