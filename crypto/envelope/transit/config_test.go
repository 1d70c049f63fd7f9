package transit_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/crypto/envelope/transit"
	"github.com/gopalisade/palisade/internal/conf"
)

func TestConfig(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*transit.Config)
		want   string // field at fault
	}{
		{"https", func(*transit.Config) {}, ""},
		{"slash behind it", func(c *transit.Config) { c.Address += "/" }, ""},
		{"agent on this machine", func(c *transit.Config) { c.Address = "http://127.0.0.1:8100" }, ""},
		{"agent by name", func(c *transit.Config) { c.Address = "http://localhost:8100" }, ""},
		{"agent, IPv6", func(c *transit.Config) { c.Address = "http://[::1]:8100" }, ""},
		{"nested mount", func(c *transit.Config) { c.Mount = "team-a/transit_2" }, ""},
		{"http, dangerously", func(c *transit.Config) { c.Address, c.DangerouslyAllowHTTP = "http://vault:8200", true }, ""},
		{"http", func(c *transit.Config) { c.Address = "http://vault:8200" }, "Address"},
		{"looks like this machine", func(c *transit.Config) { c.Address = "http://127.0.0.1.example.com" }, "Address"},
		{"another scheme", func(c *transit.Config) { c.Address, c.DangerouslyAllowHTTP = "ftp://vault", true }, "Address"},
		{"no address", func(c *transit.Config) { c.Address = "" }, "Address"},
		{"no host", func(c *transit.Config) { c.Address = "https://:8200" }, "Address"},
		{"not a URL", func(c *transit.Config) { c.Address = "https://vault:port" }, "Address"},
		{"password", func(c *transit.Config) { c.Address = "https://root:hunter2@vault:8200" }, "Address"},
		{"path", func(c *transit.Config) { c.Address = "https://vault:8200/v1" }, "Address"},
		{"query", func(c *transit.Config) { c.Address = "https://vault:8200?token=hunter2" }, "Address"},
		{"fragment", func(c *transit.Config) { c.Address = "https://vault:8200#hunter2" }, "Address"},
		{"no key", func(c *transit.Config) { c.Key = "" }, "Key"},
		{"key leaves its place", func(c *transit.Config) { c.Key = ".." }, "Key"},
		{"key with slash", func(c *transit.Config) { c.Key = "a/b" }, "Key"},
		{"key with escape", func(c *transit.Config) { c.Key = "a%2fb" }, "Key"},
		{"key ends in a period", func(c *transit.Config) { c.Key = "a." }, "Key"},
		{"long key", func(c *transit.Config) { c.Key = strings.Repeat("a", 200) }, "Key"},
		{"mount with slash", func(c *transit.Config) { c.Mount = "transit/" }, "Mount"},
		{"mount leaves its place", func(c *transit.Config) { c.Mount = "a/../b" }, "Mount"},
		{"namespace with line break", func(c *transit.Config) { c.Namespace = "a\nb" }, "Namespace"},
		{"no token", func(c *transit.Config) { c.Token = nil }, "Token"},
		{"negative timeout", func(c *transit.Config) { c.Timeout = -time.Second }, "Timeout"},
	} {
		cfg := transit.Config{Address: "https://vault.example.com:8200", Key: "orders", Token: token(goodToken)}
		tc.change(&cfg)
		w, err := transit.New(cfg)
		faults := conf.All(err)
		good := err == nil && w != nil
		if tc.want != "" {
			good = len(faults) == 1 && faults[0].Field == tc.want && w == nil
		}
		if !good {
			t.Errorf("%s: got %v, want a fault of %q", tc.name, err, tc.want)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the fault shows a secret: %v", tc.name, err)
		}
	}
	if _, err := transit.New(transit.Config{}); len(conf.All(err)) != 3 {
		t.Errorf("empty: got %v, want three faults", err)
	}
}
