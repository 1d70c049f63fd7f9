package login

import (
	"context"
	"errors"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/internal/conf"
	"github.com/gopalisade/palisade/ratelimit/guard"
)

// Account is what the application knows about a login.
type Account struct {
	Principal auth.Principal // who that is; Method and AuthTime are set by Check
	Hash      string         // stored hash of the password; an empty one is no password, and nobody gets in by it
	Disabled  bool           // may not log in
	Locked    bool           // may not log in for now
}

// ErrNoAccount is for Config.Find to say that there is no such account. It never leaves this package.
var ErrNoAccount = errors.New("login: no such account")

// Verifier checks and makes password hashes. *password.Hasher is one; its errors are those of package crypto/password.
//
// A *password.Hasher is asked for the account's hashes (its For), by Account.Principal.ID: that is what its Sealer needs. So
// is a Verifier with a method For(subject string) Verifier.
type Verifier interface {
	Verify(ctx context.Context, password, stored string) (rehash bool, err error)
	// VerifyUnknown does the same work for an account that does not exist, and never succeeds.
	VerifyUnknown(ctx context.Context, password string) error
	Hash(ctx context.Context, password string) (string, error)
}

// Config describes a [Checker]. Find, Passwords and Guard are required.
type Config struct {
	_ [0]func() // keyed literals only, never comparable

	// Find returns the account of a login of 1 to 320 bytes of UTF-8, or ErrNoAccount; any other error refuses with 503. The
	// login is spelt as the guard counts it (guard.Config.Normalize): by default without space around it and in lower case.
	// Compare it byte by byte; a database that folds more spellings into one gives guesses away.
	Find func(ctx context.Context, login string) (Account, error)

	Passwords Verifier
	Guard     *guard.Guard

	// DangerouslyUnguarded lets Guard be nil: whoever can send requests can guess passwords, as fast as they are hashed.
	DangerouslyUnguarded bool

	// Upgrade stores a stronger hash of the same password, if the stored one still is the old one: the owner may change his
	// password at the same moment. When it fails the login succeeds all the same. Nil: hashes stay as they are.
	Upgrade func(ctx context.Context, p *auth.Principal, oldHash, newHash string) error
}

// New returns a Checker, or every fault of cfg joined.
func New(cfg Config) (*Checker, error) {
	f := conf.Faults{Room: "login"}
	f.Check(cfg.Find != nil, "Find", nil, "is required")
	f.Check(cfg.Passwords != nil, "Passwords", nil, "is required")
	f.Check(cfg.Guard != nil || cfg.DangerouslyUnguarded, "Guard", nil, "is required: without it passwords can be guessed")
	f.Check(cfg.Guard == nil || !cfg.DangerouslyUnguarded, "DangerouslyUnguarded", true, "contradicts Guard")
	if err := f.Err(); err != nil {
		return nil, err
	}
	return &Checker{find: cfg.Find, passwords: cfg.Passwords, guard: cfg.Guard, upgrade: cfg.Upgrade}, nil
}
