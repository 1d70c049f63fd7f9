package main

import (
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/gopalisade/palisade/adapters/redisstore"
	"github.com/gopalisade/palisade/ratelimit"
)

// shared is what several machines have in common beside the database: nothing, or a Redis.
type shared struct {
	client   *redis.Client // nil without -redis
	rooms    *redisstore.Store
	limitKey []byte
}

// openShared does not wait for the Redis: whether it is there is asked with each request.
func openShared(cfg config) (*shared, error) {
	if cfg.redis == "" {
		return &shared{}, nil
	}
	options, err := redis.ParseURL(cfg.redis)
	if err != nil {
		return nil, err
	}
	// A store that is gone is noticed soon: limits then count here, and sessions answer 503.
	const soon = 300 * time.Millisecond
	options.ContextTimeoutEnabled, options.MaxRetries, options.DialerRetries = true, -1, 1
	options.DialTimeout, options.ReadTimeout, options.WriteTimeout, options.PoolTimeout = soon, soon, soon, soon
	sh := &shared{client: redis.NewClient(options)}
	if sh.limitKey, err = loadSecret(cfg.data, limitKeyFile); err != nil {
		return nil, err
	}
	sh.rooms, err = redisstore.New(redisstore.Config{Client: sh.client})
	return sh, err
}

// limits returns the store of counts, nil for one in this process.
func (sh *shared) limits() ratelimit.Store {
	if sh.rooms == nil {
		return nil
	}
	return sh.rooms.Limits()
}

func (sh *shared) close() error {
	if sh.client == nil {
		return nil
	}
	return sh.client.Close()
}
