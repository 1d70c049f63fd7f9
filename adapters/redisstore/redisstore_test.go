package redisstore_test

import (
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/gopalisade/palisade/adapters/redisstore"
	"github.com/gopalisade/palisade/internal/conf"
)

func TestNewFaults(t *testing.T) {
	for _, tc := range []struct {
		name string
		cfg  redisstore.Config
		want []string // fields
	}{
		{"nothing", redisstore.Config{}, []string{"Client"}},
		{"slot in the prefix", redisstore.Config{Client: redis.NewClient(&redis.Options{}), Prefix: "{a}:"}, []string{"Prefix"}},
		{"both", redisstore.Config{Prefix: "}"}, []string{"Client", "Prefix"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, err := redisstore.New(tc.cfg)
			faults := conf.All(err)
			if s != nil || len(faults) != len(tc.want) {
				t.Fatalf("got %v, %v, want faults of %q", s, err, tc.want)
			}
			for i, f := range faults {
				if f.Room != "redisstore" || f.Field != tc.want[i] {
					t.Errorf("got %s.%s, want redisstore.%s", f.Room, f.Field, tc.want[i])
				}
			}
		})
	}
}
