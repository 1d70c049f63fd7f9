package apikey_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/apikey"
	"github.com/gopalisade/palisade/internal/racing"
)

func TestPrincipal(t *testing.T) {
	k := newKeys(t, newWatched(), func(cfg *apikey.Config) { cfg.Issuer = "https://id.example.com" })
	c := create(t, k, "orders:read")
	p, err := k.Authenticate(request("X-Api-Key", c.Text))
	if err != nil {
		t.Fatal(err)
	}
	if p.ID != "alice" || p.Issuer != "https://id.example.com" || p.Tenant != "acme" || p.Tier != "free" ||
		p.TokenID != c.Key.ID || p.Method != auth.MethodAPIKey || !p.IssuedAt.Equal(c.Key.CreatedAt) ||
		!p.Expiry.Equal(c.Key.ExpiresAt) || !slices.Equal(p.Permissions, []string{"orders:read"}) || p.Roles != nil {
		t.Errorf("got %+v", p)
	}
}

func TestNoScopesAreNoPermissions(t *testing.T) {
	k := newKeys(t, newWatched(), nil)
	p, err := k.Verify(t.Context(), create(t, k).Text)
	if err != nil || len(p.Permissions) != 0 || len(p.Roles) != 0 {
		t.Errorf("P6: got %+v, %v; want no permissions", p, err)
	}
}

func TestBadTextIsRefusedWithoutTheStore(t *testing.T) {
	s := newWatched()
	k := newKeys(t, s, nil)
	key := create(t, k).Text
	other := create(t, newKeys(t, s, func(cfg *apikey.Config) { cfg.Env = "test" })).Text
	foreign := create(t, newKeys(t, s, func(cfg *apikey.Config) { cfg.Prefix = "pkk" })).Text
	for _, tc := range []struct{ name, text string }{
		{"P1 checksum", mistyped(key)},
		{"P1 secret", flip(key, 30)},
		{"P1 id", flip(key, 9)},
		{"P1 separator", flip(key, 20)},
		{"P3 truncated", key[:len(key)-1]},
		{"P3 without the checksum", key[:len(key)-6]},
		{"P3 extended", key + "0"},
		{"P3 upper case", strings.ToUpper(key)},
		{"P3 lower case", strings.ToLower(key)},
		{"P3 first letter", "P" + key[1:]},
		{"beginning only", "pk_live_"},
		{"empty", ""},
		{"long", strings.Repeat(key, 1000)},
		{"another environment", other},
		{"another prefix", foreign},
		{"zero byte", key[:20] + "\x00" + key[21:]},
		{"letter that looks like one", strings.Replace(key, "pk", "рk", 1)},
		{"separator, with its checksum", summed(key[:20] + "0" + key[21:len(key)-6])},
		{"id, with its checksum", summed(key[:19] + "-_" + key[21:len(key)-6])},
		{"secret, with its checksum", summed(key[:len(key)-7] + "_")},
	} {
		if p, err := k.Verify(t.Context(), tc.text); p != nil || reason(err) != "malformed" || !errors.Is(err, auth.ErrInvalid) {
			t.Errorf("%s: got %+v, %v, want malformed", tc.name, p, err)
		}
	}
	if n := s.gets.Load(); n != 0 {
		t.Errorf("the store was asked %d times, want 0", n)
	}
	if _, err := k.Verify(t.Context(), key); err != nil {
		t.Errorf("the key itself: %v", err)
	}
}

// TestUnknownAndWrong wants one answer for what nobody has and for what somebody else has, after one call of the store each.
func TestUnknownAndWrong(t *testing.T) {
	for _, peppers := range [][][]byte{nil, {pepper('a')}} {
		s, forger := newWatched(), newWatched()
		set := func(cfg *apikey.Config) { cfg.Peppers = peppers }
		k := newKeys(t, s, set)
		unknown := create(t, newKeys(t, forger, nil)).Text
		known := create(t, k)
		wrong := respell(known.Text, unknown)
		var answers []string
		for _, tc := range []struct{ text, reason string }{{unknown, "unknown"}, {wrong, "secret"}} {
			before := s.gets.Load()
			p, err := k.Verify(t.Context(), tc.text)
			if p != nil || reason(err) != tc.reason {
				t.Errorf("P2: got %+v, %v, want %s", p, err, tc.reason)
			}
			if n := s.gets.Load() - before; n != 1 {
				t.Errorf("%s: got %d calls of the store, want 1", tc.reason, n)
			}
			answers = append(answers, answer(t, k, tc.text))
		}
		if answers[0] != answers[1] || !strings.HasPrefix(answers[0], "401 ") {
			t.Errorf("P2: got\n%s\n%s\nwant one answer", answers[0], answers[1])
		}
	}
}

func TestStoreIsDown(t *testing.T) {
	s := newWatched()
	k := newKeys(t, s, nil)
	c := create(t, k)
	s.readOnly.Store(true)
	if err := k.Revoke(t.Context(), "alice", c.Key.ID); !errors.Is(err, auth.ErrUnavailable) {
		t.Errorf("a revocation that was not written: got %v, want ErrUnavailable", err)
	}
	s.down.Store(true)
	got := answer(t, k, c.Text)
	if !strings.HasPrefix(got, "503 ") || !strings.Contains(got, "Retry-After") || strings.Contains(got, "secret") ||
		strings.Contains(got, "Www-Authenticate") {
		t.Errorf("got %s, want 503 with Retry-After and nothing else", got)
	}
	_, create := k.Create(t.Context(), apikey.Params{Name: "n", Owner: "alice"})
	_, rotate := k.Rotate(t.Context(), "alice", c.Key.ID, 0)
	_, list := k.List(t.Context(), "alice")
	_, prune := k.Prune(t.Context())
	for i, err := range []error{create, rotate, list, prune, k.Revoke(t.Context(), "alice", c.Key.ID)} {
		if !errors.Is(err, auth.ErrUnavailable) || !errors.Is(err, errDown) {
			t.Errorf("call %d: got %v, want ErrUnavailable", i, err)
		}
	}
}

func TestEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newKeys(t, newWatched(), nil)
		c, err := k.Create(t.Context(), apikey.Params{Name: "n", Owner: "alice", Expiry: time.Now().Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		verify := func() string {
			_, err := k.Verify(t.Context(), c.Text)
			return reason(err)
		}
		time.Sleep(time.Hour - time.Microsecond)
		if got := verify(); got != "ok" {
			t.Errorf("before its end: got %s, want ok", got)
		}
		time.Sleep(time.Microsecond)
		if got := verify(); got != "expired" {
			t.Errorf("at its end: got %s, want expired", got)
		}
		if err := k.Revoke(t.Context(), "alice", c.Key.ID); err != nil {
			t.Fatal(err)
		}
		if got := verify(); got != "revoked" {
			t.Errorf("revoked: got %s, want revoked", got)
		}
	})
}

func TestOwner(t *testing.T) {
	var answer *auth.Principal
	var fault error
	s := newWatched()
	k := newKeys(t, s, func(cfg *apikey.Config) {
		cfg.Principal = func(_ context.Context, key apikey.Key) (*auth.Principal, error) {
			if key.Owner != "alice" || key.Tenant != "acme" || len(key.Scopes) != 2 {
				t.Errorf("asked for %+v", key)
			}
			return answer, fault
		}
	})
	c := create(t, k, "orders:read", "orders:write")
	alice := func(permissions ...string) *auth.Principal {
		return &auth.Principal{ID: "alice", Tenant: "acme", Roles: []string{"admin"}, Permissions: permissions}
	}
	if _, err := k.Verify(t.Context(), c.Text); reason(err) != "principal" || s.touches.Load() != 0 {
		t.Errorf("got %v and %d uses, want a refusal that is no use", err, s.touches.Load())
	}
	for _, tc := range []struct {
		name        string
		answer      *auth.Principal
		fault       error
		permissions []string
		want        string
	}{
		{"may do more", alice("orders:write", "users:read", "orders:read"), nil, []string{"orders:read", "orders:write"}, "ok"},
		{"may do less", alice("orders:read"), nil, []string{"orders:read"}, "ok"},
		{"may do nothing", alice(), nil, nil, "ok"},
		{"gone", nil, fmt.Errorf("x: %w", apikey.ErrNoOwner), nil, "owner"},
		{"gone, with a principal", alice(), apikey.ErrNoOwner, nil, "owner"},
		{"somebody else", &auth.Principal{ID: "bob", Tenant: "acme"}, nil, nil, "owner"},
		{"another tenant", &auth.Principal{ID: "alice", Tenant: "x"}, nil, nil, "owner"},
		{"down", nil, errDown, nil, "principal"},
		{"nothing", nil, nil, nil, "principal"},
	} {
		answer, fault = tc.answer, tc.fault
		if answer != nil {
			answer.Tier = "premium"
		}
		p, err := k.Verify(t.Context(), c.Text)
		if reason(err) != tc.want || (p != nil) != (tc.want == "ok") {
			t.Errorf("%s: got %+v, %v, want %s", tc.name, p, err, tc.want)
		}
		if p != nil && (!slices.Equal(p.Permissions, tc.permissions) || p.Roles != nil || p.Tier != "premium") {
			t.Errorf("%s: got %+v, want %v", tc.name, p, tc.permissions)
		}
	}
}

func TestAllocations(t *testing.T) {
	if racing.Enabled {
		t.Skip("the race detector allocates")
	}
	s := newWatched()
	plain := newKeys(t, s, nil)
	peppered := newKeys(t, s, func(cfg *apikey.Config) { cfg.Peppers = [][]byte{pepper('a')} })
	good := create(t, plain, "orders:read").Text
	for _, tc := range []struct {
		name string
		keys *apikey.Keys
		text string
		most float64
	}{
		{"accepted", plain, good, 3},
		{"accepted with a pepper", peppered, create(t, peppered, "orders:read").Text, 3},
		{"checksum refused", plain, mistyped(good), 1},
		{"unknown", plain, create(t, newKeys(t, newWatched(), nil)).Text, 1},
	} {
		r := request("X-Api-Key", tc.text)
		if got := testing.AllocsPerRun(100, func() { _, _ = tc.keys.Authenticate(r) }); got > tc.most {
			t.Errorf("%s: got %v allocations, want at most %v", tc.name, got, tc.most)
		}
	}
}
