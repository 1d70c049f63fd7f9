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

	"github.com/gopalisade/palisade/auth/apikey"
	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/problem"
)

func TestParams(t *testing.T) {
	k := newKeys(t, newWatched(), nil)
	long := func(n int) string { return strings.Repeat("x", n) }
	scopes := func(n int) (all []string) {
		for i := range n {
			all = append(all, fmt.Sprintf("s:%d", i))
		}
		return all
	}
	for _, tc := range []struct {
		name   string
		change func(*apikey.Params)
		want   error
	}{
		{"good", func(*apikey.Params) {}, nil},
		{"longest", func(p *apikey.Params) {
			p.Name, p.Owner, p.Tenant, p.Tier = strings.Repeat("é", 100), long(255), long(255), long(255)
			p.Scopes = append(scopes(63), long(100))
		}, nil},
		{"no name", func(p *apikey.Params) { p.Name = "" }, apikey.ErrParams},
		{"long name", func(p *apikey.Params) { p.Name = long(101) }, apikey.ErrParams},
		{"huge name", func(p *apikey.Params) { p.Name = long(1 << 20) }, apikey.ErrParams},
		{"newline", func(p *apikey.Params) { p.Name = "a\nb" }, apikey.ErrParams},
		{"reversed text", func(p *apikey.Params) { p.Name = "a\u202eb" }, apikey.ErrParams},
		{"not UTF-8", func(p *apikey.Params) { p.Name = "a\xff" }, apikey.ErrParams},
		{"no owner", func(p *apikey.Params) { p.Owner = "" }, apikey.ErrParams},
		{"long owner", func(p *apikey.Params) { p.Owner = long(256) }, apikey.ErrParams},
		{"zero byte", func(p *apikey.Params) { p.Owner = "a\x00" }, apikey.ErrParams},
		{"tenant", func(p *apikey.Params) { p.Tenant = "\t" }, apikey.ErrParams},
		{"long tier", func(p *apikey.Params) { p.Tier = long(256) }, apikey.ErrParams},
		{"many scopes", func(p *apikey.Params) { p.Scopes = scopes(65) }, apikey.ErrParams},
		{"P6 every scope", func(p *apikey.Params) { p.Scopes = []string{"*"} }, apikey.ErrParams},
		{"two in one", func(p *apikey.Params) { p.Scopes = []string{"a b"} }, apikey.ErrParams},
		{"empty scope", func(p *apikey.Params) { p.Scopes = []string{""} }, apikey.ErrParams},
		{"long scope", func(p *apikey.Params) { p.Scopes = []string{long(101)} }, apikey.ErrParams},
		{"in the past", func(p *apikey.Params) { p.Expiry = time.Now().Add(-time.Second) }, apikey.ErrParams},
	} {
		p := apikey.Params{Name: "n", Owner: "alice"}
		tc.change(&p)
		c, err := k.Create(t.Context(), p)
		if !errors.Is(err, tc.want) || (c.Text != "") != (tc.want == nil) {
			t.Errorf("%s: got %v, %v, want %v", tc.name, c, err, tc.want)
		}
		if tc.want != nil && (problem.Of(err).Status != 422 || problem.Of(err).Code != "invalid_key_parameters") {
			t.Errorf("%s: got %+v", tc.name, problem.Of(err))
		}
	}
}

func TestScopesAreTheKeysOwn(t *testing.T) {
	k := newKeys(t, newWatched(), nil)
	scopes := []string{"orders:read"}
	c := create(t, k, scopes...)
	scopes[0] = "users:write"
	if c.Key.Scopes[0] != "orders:read" {
		t.Error("the caller's list changes what was returned")
	}
	c.Key.Scopes[0] = "users:write"
	p, err := k.Verify(t.Context(), c.Text)
	if err != nil || p.Permissions[0] != "orders:read" {
		t.Fatalf("got %+v, %v", p, err)
	}
	p.Permissions[0] = "users:write"
	if p, err := k.Verify(t.Context(), c.Text); err != nil || p.Permissions[0] != "orders:read" {
		t.Errorf("one request changes the next: got %+v, %v", p, err)
	}
}

func TestLifetime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const day = 24 * time.Hour
		now := time.Now()
		for _, tc := range []struct {
			name   string
			maxAge time.Duration
			expiry time.Time
			want   time.Time
		}{
			{"usual", 0, time.Time{}, now.Add(365 * day)},
			{"sooner", 0, now.Add(day), now.Add(day)},
			{"no later", 0, now.Add(1000 * day), now.Add(365 * day)},
			{"short", time.Hour, time.Time{}, now.Add(time.Hour)},
			{"no limit", -1, time.Time{}, time.Time{}},
			{"no limit, an end", -1, now.Add(1000 * day), now.Add(1000 * day)},
		} {
			k := newKeys(t, newWatched(), func(cfg *apikey.Config) { cfg.MaxAge = tc.maxAge })
			c, err := k.Create(t.Context(), apikey.Params{Name: "n", Owner: "alice", Expiry: tc.expiry})
			if err != nil || !c.Key.ExpiresAt.Equal(tc.want) {
				t.Errorf("%s: got %v, %v, want %v", tc.name, c.Key.ExpiresAt, err, tc.want)
			}
			if p, err := k.Verify(t.Context(), c.Text); err != nil || !p.Expiry.Equal(tc.want) || p.Expiry.IsZero() != tc.want.IsZero() {
				t.Errorf("%s: got %+v, %v", tc.name, p, err)
			}
		}
	})
}

func TestTooMany(t *testing.T) {
	k := newKeys(t, newWatched(), func(cfg *apikey.Config) { cfg.MaxPerOwner = 2 })
	first := create(t, k)
	create(t, k)
	_, err := k.Create(t.Context(), apikey.Params{Name: "n", Owner: "alice"})
	if !errors.Is(err, apikey.ErrTooMany) || problem.Of(err).Status != 409 {
		t.Errorf("got %v, want ErrTooMany", err)
	}
	if _, err := k.Rotate(t.Context(), "alice", first.Key.ID, time.Hour); err != nil {
		t.Errorf("a rotation is no further key: %v", err)
	}
	if _, err := k.Create(t.Context(), apikey.Params{Name: "n", Owner: "alice"}); !errors.Is(err, apikey.ErrTooMany) {
		t.Errorf("after a rotation: got %v, want ErrTooMany", err)
	}
}

func TestRevoke(t *testing.T) {
	s := newWatched()
	k := newKeys(t, s, nil)
	c := create(t, k)
	for _, tc := range []struct {
		name, owner, id string
		want            error
	}{
		{"somebody else's", "bob", c.Key.ID, apikey.ErrNotFound},
		{"nobody's", "alice", "000000000000", apikey.ErrNotFound},
		{"no id", "alice", strings.Repeat("0", 1<<20), apikey.ErrNotFound},
	} {
		before := s.gets.Load()
		if err := k.Revoke(t.Context(), tc.owner, tc.id); !errors.Is(err, tc.want) {
			t.Errorf("%s: got %v, want %v", tc.name, err, tc.want)
		}
		if asked := s.gets.Load() > before; asked != (len(tc.id) == 12) {
			t.Errorf("%s: got the store asked %t", tc.name, asked)
		}
	}
	if _, err := k.Verify(t.Context(), c.Text); err != nil {
		t.Errorf("somebody else has ended it: %v", err)
	}
	for range 2 {
		if err := k.Revoke(t.Context(), "alice", c.Key.ID); err != nil {
			t.Errorf("got %v", err)
		}
		if _, err := k.Verify(t.Context(), c.Text); reason(err) != "revoked" {
			t.Errorf("got %v, want revoked", err)
		}
	}
	if list, err := k.List(t.Context(), "alice"); err != nil || len(list) != 0 {
		t.Errorf("got %v, %v", list, err)
	}
}

func TestEvents(t *testing.T) {
	var got []string
	ctx := event.WithRecorder(t.Context(), event.RecorderFunc(func(_ context.Context, e event.Event) {
		got = append(got, fmt.Sprintf("%s %s %s", e.Code, e.Principal, e.Reason))
	}))
	k := newKeys(t, newWatched(), nil)
	c, err := k.Create(ctx, apikey.Params{Name: "n", Owner: "alice"})
	if err != nil {
		t.Fatal(err)
	}
	next, err := k.Rotate(ctx, "alice", c.Key.ID, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time nothing happens
		if err := k.Revoke(ctx, "alice", next.Key.ID); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := k.Verify(ctx, next.Text); err == nil { // for the gate to report
		t.Error("accepted")
	}
	want := []string{
		"authn_token_created alice api_key", "authn_token_created alice api_key_rotated", "authn_token_revoked alice api_key",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestErrorTexts(t *testing.T) {
	for _, err := range []error{apikey.ErrParams, apikey.ErrNotFound, apikey.ErrEnded, apikey.ErrRotated, apikey.ErrTooMany} {
		if !strings.HasPrefix(err.Error(), "apikey: ") || problem.Of(err).Status >= 500 {
			t.Errorf("got %v, %+v", err, problem.Of(err))
		}
	}
}

func TestPrune(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newKeys(t, newWatched(), nil)
		if _, err := k.Create(t.Context(), apikey.Params{Name: "n", Owner: "alice", Expiry: time.Now().Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
		create(t, k)
		for _, step := range []struct {
			after time.Duration
			want  int
		}{{30 * 24 * time.Hour, 0}, {2 * time.Hour, 1}, {time.Hour, 0}} {
			time.Sleep(step.after)
			if n, err := k.Prune(t.Context()); n != step.want || err != nil {
				t.Errorf("after %v: got %d, %v; want %d", step.after, n, err, step.want)
			}
		}
	})
}
