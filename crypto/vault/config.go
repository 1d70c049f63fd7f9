package vault

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/internal/ascii"
	"github.com/gopalisade/palisade/internal/conf"
)

// Config describes a [Vault]. Ring and Store are required.
type Config struct {
	_ [0]func() // keyed literals only, never comparable

	Ring  *field.Ring
	Store Store

	// Purposes are all that a number may be read for, such as "charge", each 1 to 64 letters, digits and . _ : -. Without any,
	// no number leaves the vault.
	Purposes []string
	// Authorize judges every access whose purpose is known, before the store is asked. Its error refuses: the client gets 403, or
	// what the error knows better, such as a rate limiter's 429 and the 503 of a policy that cannot be asked. It is the place of
	// an audit that must not be missed. Without it, everybody may read for every purpose.
	Authorize func(ctx context.Context, a Access) error

	// PANShaped makes tokens for systems that take numbers only: as long as the number, with its last four digits, a wrong
	// check digit and first digits that no issuer has. They are easier to guess than the others.
	PANShaped bool
	// Dedupe gives an owner one token for one number, as long as that token lives. It stores a keyed fingerprint beside the
	// sealed number. Cards from before it was set are found once [Vault.Reseal] has gone over them.
	Dedupe bool

	MaxAge time.Duration // how long a card is kept, 1s or more; 5 years, as long as cards are valid; negative: until deleted
}

// Vault keeps the numbers of payment cards. It is safe for concurrent use.
type Vault struct {
	ring      *field.Ring
	store     Store
	purposes  []string
	authorize func(context.Context, Access) error
	shaped    bool
	dedupe    bool
	maxAge    time.Duration
}

const maxPurpose = 64

// New returns a Vault, or every fault of cfg joined.
func New(cfg Config) (*Vault, error) {
	conf.Default(&cfg.MaxAge, 5*365*24*time.Hour)
	f := conf.Faults{Room: "vault"}
	f.Check(cfg.Ring != nil, "Ring", nil, "is required")
	f.Check(cfg.Store != nil, "Store", nil, "is required")
	for i, p := range cfg.Purposes {
		name := fmt.Sprintf("Purposes[%d]", i)
		f.Check(len(p) <= maxPurpose && ascii.All(p, "._:-"), name, p, "must be 1 to 64 letters, digits and . _ : -")
		f.Check(!slices.Contains(cfg.Purposes[:i], p), name, p, "must be there once")
	}
	f.Check(cfg.MaxAge < 0 || cfg.MaxAge >= time.Second, "MaxAge", cfg.MaxAge, "must be at least 1s")
	if err := f.Err(); err != nil {
		return nil, err
	}
	return &Vault{
		ring: cfg.Ring, store: cfg.Store, purposes: slices.Clone(cfg.Purposes), authorize: cfg.Authorize,
		shaped: cfg.PANShaped, dedupe: cfg.Dedupe, maxAge: cfg.MaxAge,
	}, nil
}
