package apikey_test

import (
	"testing"

	"github.com/gopalisade/palisade/auth/apikey"
)

func BenchmarkAuthenticate(b *testing.B) {
	s := newWatched()
	k := newKeys(b, s, nil)
	peppered := newKeys(b, s, func(cfg *apikey.Config) { cfg.Peppers = [][]byte{pepper('a')} })
	good := create(b, k, "orders:read").Text
	for _, bc := range []struct {
		name, text string
		keys       *apikey.Keys
	}{
		{"allow", good, k},
		{"allow with a pepper", create(b, peppered, "orders:read").Text, peppered},
		{"deny by checksum", mistyped(good), k},
		{"deny unknown", create(b, newKeys(b, newWatched(), nil)).Text, k},
	} {
		b.Run(bc.name, func(b *testing.B) {
			r := request("X-Api-Key", bc.text)
			b.ReportAllocs()
			for b.Loop() {
				_, _ = bc.keys.Authenticate(r)
			}
		})
	}
	b.Run("parallel", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			r := request("X-Api-Key", good)
			for pb.Next() {
				if _, err := k.Authenticate(r); err != nil {
					b.Error(err)
				}
			}
		})
	})
}
