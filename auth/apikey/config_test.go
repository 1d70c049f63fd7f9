package apikey_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/auth/apikey"
	"github.com/gopalisade/palisade/internal/conf"
)

func TestFaults(t *testing.T) {
	good := func() apikey.Config { return apikey.Config{Store: apikey.NewMemory(0), Prefix: "pk"} }
	verifier, _ := tokens(t)
	for _, tc := range []struct {
		name   string
		change func(*apikey.Config)
		want   []string
	}{
		{"empty", func(c *apikey.Config) { *c = apikey.Config{} }, []string{"Store", "Prefix"}},
		{"upper case", func(c *apikey.Config) { c.Prefix, c.Env = "PK", "Live" }, []string{"Prefix", "Env"}},
		{"separator", func(c *apikey.Config) { c.Prefix, c.Env = "p_k", "a b" }, []string{"Prefix", "Env"}},
		{"long", func(c *apikey.Config) { c.Prefix = strings.Repeat("p", 17) }, []string{"Prefix"}},
		{"header", func(c *apikey.Config) { c.Header = "X Key" }, []string{"Header"}},
		{"authorization", func(c *apikey.Config) { c.Header = "authorization" }, []string{"Header"}},
		{"cookie", func(c *apikey.Config) { c.Header = "cookie" }, []string{"Header"}},
		{"two places", func(c *apikey.Config) { c.Header, c.Bearer = "X-Key", true }, []string{"Header"}},
		{"else without bearer", func(c *apikey.Config) { c.Else = verifier }, []string{"Else"}},
		{"numbers", func(c *apikey.Config) { c.MaxPerOwner, c.UsedEvery = -1, time.Second }, []string{"MaxPerOwner", "UsedEvery"}},
		{"many", func(c *apikey.Config) { c.MaxPerOwner = 1001 }, []string{"MaxPerOwner"}},
		{"pepper", func(c *apikey.Config) { c.Peppers = [][]byte{pepper('a'), []byte("hunter2")} }, []string{"Peppers[1]"}},
	} {
		cfg := good()
		tc.change(&cfg)
		_, err := apikey.New(cfg)
		var got []string
		for _, fault := range conf.All(err) {
			got = append(got, fault.Field)
		}
		if !slices.Equal(got, tc.want) || strings.Contains(fmt.Sprint(err), "hunter2") {
			t.Errorf("%s: got %v, want faults of %v", tc.name, err, tc.want)
		}
	}
}
