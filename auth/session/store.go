package session

import (
	"context"
	"errors"
	"time"

	"github.com/gopalisade/palisade/auth"
)

// Family is one session: every refresh token that descends from one login. It holds no token.
type Family struct {
	ID         string
	User       User
	Tenant     string
	Client     string // what the tokens are bound to, as given to [Manager.Start]
	Method     string // how the person logged in, an auth.Method
	ACR        string // how strongly
	KeyID      string // which of the Manager's keys makes the tokens
	Seed       []byte // what that key makes them from
	Generation uint64 // of the one refresh token that is current; 1 at the start
	AuthTime   time.Time
	CreatedAt  time.Time
	RotatedAt  time.Time // when Generation became current
	IdleUntil  time.Time // end, unless it is refreshed before
	ExpiresAt  time.Time // end in any case
	RevokedAt  time.Time // zero while it was not ended by hand
}

// User names a person: the same ID from another issuer is another one.
type User struct{ Issuer, ID string }

// UserOf is the user whom a principal's credential names.
func UserOf(p *auth.Principal) User { return User{p.Issuer, p.ID} }

// live reports whether the session may still be refreshed.
func (f *Family) live(now time.Time) bool {
	return f.RevokedAt.IsZero() && now.Before(f.IdleUntil) && now.Before(f.ExpiresAt)
}

// Denial refuses access tokens before they expire.
type Denial struct {
	Key    string    // what it is about: a token or a user, as the Manager spells it
	Before time.Time // tokens issued then or earlier are refused
	Until  time.Time // when the last such token has expired, and the denial may be forgotten
}

// Store keeps sessions. It must be safe for concurrent use, by several processes where several share it; package
// sessiontest checks an implementation. Every step is atomic, and an error means that nothing is known about it. Times are
// kept to the microsecond or better.
type Store interface {
	// Create adds a session, or fails where the ID exists.
	Create(ctx context.Context, f Family) error
	// Get returns a session, or ErrNotFound.
	Get(ctx context.Context, id string) (Family, error)
	// Rotate moves a session from generation from to the next, and sets RotatedAt and IdleUntil, if that is the
	// current generation and the session is neither revoked nor, at that time, expired or idle for too long. It returns the
	// session as it is afterwards, and whether this call moved it; or ErrNotFound.
	Rotate(ctx context.Context, id string, from uint64, at, idleUntil time.Time) (f Family, rotated bool, err error)
	// Revoke sets RevokedAt where it is zero. Another call, or an unknown session, changes nothing and is no error.
	Revoke(ctx context.Context, id string, at time.Time) error
	// RevokeUser revokes every session of the user but one, and says how many were live.
	RevokeUser(ctx context.Context, u User, except string, at time.Time) (int, error)
	// List returns the user's sessions that are live at that time, newest first, at most [MaxList].
	List(ctx context.Context, u User, at time.Time) ([]Family, error)
	// Deny records a denial. Of two with one Key, the later Before and the later Until hold.
	Deny(ctx context.Context, d Denial) error
	// Denied reports whether an access token is refused: because there is a denial with one of the keys, and issuedAt is not
	// after its Before; or because sessionID is not empty and its session is unknown, revoked or past ExpiresAt.
	Denied(ctx context.Context, sessionID string, keys []string, issuedAt, at time.Time) (bool, error)
	// DeleteExpired forgets what has no effect since before: sessions past IdleUntil or ExpiresAt, denials past Until.
	DeleteExpired(ctx context.Context, before time.Time) (int, error)
}

// MaxList is the most sessions that [Store.List] returns.
const MaxList = 1000

var (
	// ErrNotFound is a Store's answer for a session that it does not have, and a Manager's for one of somebody else: 404.
	ErrNotFound error = notFound{}
	// ErrFull is the answer of [Memory] when there is no place for another session.
	ErrFull = errors.New("session: store is full")
	// ErrExists is a Store's answer to Create for an ID that it has.
	ErrExists = errors.New("session: id exists")
)
