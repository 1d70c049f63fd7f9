package redisstore

import (
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/gopalisade/palisade/internal/conf"
)

// Config describes a [Store]. Client is required.
type Config struct {
	_ [0]func() // keyed literals only, never comparable

	Client redis.UniversalClient // stays the caller's, who closes it
	Prefix string                // of all keys; "palisade:"
}

// Store keeps the rooms' data in Redis. It is safe for concurrent use.
type Store struct {
	client redis.UniversalClient
	prefix string
}

// New returns a Store, or every fault of cfg joined. It does not ask the server anything.
func New(cfg Config) (*Store, error) {
	conf.Default(&cfg.Prefix, "palisade:")
	f := conf.Faults{Room: "redisstore"}
	f.Check(cfg.Client != nil, "Client", nil, "is required")
	f.Check(!strings.ContainsAny(cfg.Prefix, "{}"), "Prefix", cfg.Prefix, "must not hold braces: they choose a cluster's slot")
	if err := f.Err(); err != nil {
		return nil, err
	}
	return &Store{client: cfg.Client, prefix: cfg.Prefix}, nil
}

// key is the name of one thing of a kind. The part in braces alone chooses the slot in a cluster.
func (s *Store) key(kind, id string) string { return s.prefix + kind + ":{" + id + "}" }
