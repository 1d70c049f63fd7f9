package dpop_test

import (
	"testing"
	"time"

	"github.com/gopalisade/palisade/auth/token"
	"github.com/gopalisade/palisade/auth/token/dpop"
	"github.com/gopalisade/palisade/internal/conf"
)

func TestFaults(t *testing.T) {
	s := newService(t, nil)
	with := func(change func(*dpop.Config)) dpop.Config {
		cfg := dpop.Config{Verifier: s.verifier, Replay: dpop.NewMemory(0), BaseURLs: []string{base}}
		change(&cfg)
		return cfg
	}
	for _, tc := range []struct {
		name string
		cfg  dpop.Config
		want int
	}{
		{"least", with(func(*dpop.Config) {}), 0},
		{"empty", dpop.Config{}, 3},
		{"window", with(func(cfg *dpop.Config) { cfg.Window = time.Hour }), 1},
		{"HMAC", with(func(cfg *dpop.Config) { cfg.Algs = []token.Alg{"ES256", "HS256"} }), 1},
		{"none", with(func(cfg *dpop.Config) { cfg.Algs = []token.Alg{"none"} }), 1},
		{"short nonce key", with(func(cfg *dpop.Config) { cfg.NonceKeys = [][]byte{make([]byte, 31)} }), 1},
		{"http", with(func(cfg *dpop.Config) { cfg.BaseURLs = []string{"http://api.example.com"} }), 1},
		{"http on loopback", with(func(cfg *dpop.Config) { cfg.BaseURLs = []string{"http://[::1]:8080", "http://localhost"} }), 0},
		{"odd URLs", with(func(cfg *dpop.Config) {
			cfg.BaseURLs = []string{
				"", "api.example.com", "https://u@x.example", "https://x.example?", "https://x.example/#a", "https://", "%",
				"https://b\u00fccher.example",
			}
		}), 8},
	} {
		if _, err := dpop.New(tc.cfg); len(conf.All(err)) != tc.want {
			t.Errorf("%s: got %v, want %d faults", tc.name, err, tc.want)
		}
	}
}
