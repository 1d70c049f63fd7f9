package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/token"
	"github.com/gopalisade/palisade/internal/conf"
)

// Config describes a [Manager]. Store, Issuer, Keys and Principal are required.
type Config struct {
	_ [0]func() // keyed literals only, never comparable

	Store  Store
	Issuer *token.Issuer // makes the access tokens; their lifetime is how stale a principal may be
	// Keys make the refresh tokens, 32 bytes or more each: the first those of new sessions, the others those of
	// sessions that were started with them. A session whose key is gone is over.
	Keys [][]byte
	// Principal returns the user as he is now, at every refresh: roles that were taken away are gone with the next access
	// token. ErrNoUser ends the session; any other error refuses with 503 and changes nothing.
	Principal func(ctx context.Context, u User) (*auth.Principal, error)

	Idle        time.Duration // longest time between two refreshes; 14 days
	Lifetime    time.Duration // longest time between two logins; 90 days
	Grace       time.Duration // how long an exchange may be repeated, 10 s to a minute, in which clocks that disagree count; 10 s, negative: not at all
	MaxSessions int           // of one user, at most 999; the oldest make room; 100
	CheckEvery  time.Duration // how long Check believes a good answer of the Store, at most a minute; 5 s, negative: not at all
}

// ErrNoUser is for [Config].Principal to say that there is no such user any more, or that he may not use his sessions.
var ErrNoUser = errors.New("session: no such user")

// Manager starts, refreshes and ends sessions. It is safe for concurrent use.
type Manager struct {
	store                 Store
	issuer                *token.Issuer
	keys                  []key
	principal             func(context.Context, User) (*auth.Principal, error)
	idle, lifetime, grace time.Duration
	maxSessions           int
	checks                *checks

	overdue overdue
}

// New returns a Manager, or every fault of cfg joined.
func New(cfg Config) (*Manager, error) {
	cfg.defaults()
	f := conf.Faults{Room: "session"}
	f.Check(cfg.Store != nil, "Store", nil, "is required")
	f.Check(cfg.Issuer != nil, "Issuer", nil, "is required")
	f.Check(cfg.Principal != nil, "Principal", nil, "is required")
	f.Check(len(cfg.Keys) > 0, "Keys", nil, "must hold at least one")
	f.Check(cfg.Idle >= time.Minute, "Idle", cfg.Idle, "must be at least 1m")
	f.Check(cfg.Lifetime >= cfg.Idle, "Lifetime", cfg.Lifetime, "must not be shorter than Idle")
	f.Check(cfg.Grace <= time.Minute, "Grace", cfg.Grace, "must be at most 1m: a thief may use it too")
	f.Check(cfg.Grace < 0 || cfg.Grace >= 10*time.Second, "Grace", cfg.Grace,
		"must be at least 10s, or negative: a store may be slow")
	f.Check(cfg.MaxSessions > 0 && cfg.MaxSessions < MaxList, "MaxSessions", cfg.MaxSessions, "must be between 1 and 999")
	f.Check(cfg.CheckEvery <= time.Minute, "CheckEvery", cfg.CheckEvery, "must be at most 1m")
	m := &Manager{
		store: bounded{cfg.Store}, issuer: cfg.Issuer, principal: cfg.Principal,
		idle: cfg.Idle, lifetime: cfg.Lifetime, grace: cfg.Grace, maxSessions: cfg.MaxSessions,
		checks: newChecks(cfg.CheckEvery),
	}
	for i, secret := range cfg.Keys {
		f.Check(len(secret) >= 32, fmt.Sprintf("Keys[%d]", i), nil, "must be at least 32 bytes")
		m.keys = append(m.keys, newKey(secret))
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	return m, nil
}

func (cfg *Config) defaults() {
	conf.Default(&cfg.Idle, 14*24*time.Hour)
	conf.Default(&cfg.Lifetime, max(90*24*time.Hour, cfg.Idle))
	conf.Default(&cfg.Grace, 10*time.Second)
	conf.Default(&cfg.MaxSessions, 100)
	conf.Default(&cfg.CheckEvery, 5*time.Second)
}
