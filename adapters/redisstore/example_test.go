package redisstore_test

import (
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/gopalisade/palisade/adapters/redisstore"
)

func Example() {
	opt, err := redis.ParseURL("redis://localhost:6379/0")
	if err != nil {
		panic(err)
	}
	client := redis.NewClient(opt)
	defer func() { _ = client.Close() }()
	store, err := redisstore.New(redisstore.Config{Client: client, Prefix: "shop:"})
	if err != nil {
		panic(err)
	}
	// session.Config{Store: store.Sessions()}, ratelimit.Config{Store: store.Limits()}
	fmt.Println(store.Sessions() != nil, store.Limits() != nil)
	// Output: true true
}

// A prefix in braces would put every key into one slot of a cluster.
func Example_wrongPrefix() {
	_, err := redisstore.New(redisstore.Config{Client: redis.NewClient(&redis.Options{}), Prefix: "{shop}:"})
	fmt.Println(err)
	// Output: redisstore: Prefix "{shop}:" must not hold braces: they choose a cluster's slot
}
