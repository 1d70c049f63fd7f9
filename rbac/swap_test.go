package rbac_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/internal/conf"
	"github.com/gopalisade/palisade/rbac"
)

var ok = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})

// guardedCfg lets role "r" have one of two permissions, whose bits are exchanged between the two.
func guardedCfg(first bool) rbac.Config {
	if first {
		return rbac.Config{Permissions: []string{"a", "b"}, Roles: map[string]rbac.Role{"r": {Allow: []string{"a"}}}}
	}
	return rbac.Config{Permissions: []string{"x", "b", "a"}, Roles: map[string]rbac.Role{"r": {Allow: []string{"b"}}}}
}

func TestSwap(t *testing.T) {
	m, err := rbac.New(guardedCfg(true))
	if err != nil {
		t.Fatal(err)
	}
	a, b, both := m.Require("a")(ok), m.Require("b")(ok), m.RequireAny("a", "b")(ok)
	late := m.Require("x")(ok)
	for _, tc := range []struct {
		name              string
		cfg               rbac.Config
		fault             string
		a, b, either, new int
	}{
		{"another order, other rights", guardedCfg(false), "", 403, 200, 200, 403},
		{"back", guardedCfg(true), "", 200, 403, 200, 500},
		{"without a required permission", rbac.Config{Permissions: []string{"b"}}, `Permissions "a" must stay`, 200, 403, 200, 500},
		{"faulty", rbac.Config{Permissions: []string{"a", "b", "b"}}, "twice", 200, 403, 200, 500},
		{"nothing", rbac.Config{}, "at least one", 200, 403, 200, 500},
		{"no roles", rbac.Config{Permissions: []string{"b", "a"}}, "", 403, 403, 403, 500},
	} {
		err := m.Swap(tc.cfg)
		if (err == nil) != (tc.fault == "") || err != nil && (!strings.Contains(err.Error(), tc.fault) || len(conf.All(err)) == 0) {
			t.Errorf("%s: got %v, want %q", tc.name, err, tc.fault)
		}
		for _, h := range []struct {
			name string
			h    http.Handler
			want int
		}{{"a", a, tc.a}, {"b", b, tc.b}, {"a or b", both, tc.either}, {"x", late, tc.new}} {
			if got := call(h.h, as("r"), "/").Code; got != h.want {
				t.Errorf("%s, route of %s: got %d, want %d", tc.name, h.name, got, h.want)
			}
		}
	}
}

// A route whose permission came with one Swap, after the route, and went with another is refused, not opened.
func TestSwapTakesWhatNoGuardHeld(t *testing.T) {
	m, err := rbac.New(guardedCfg(true))
	if err != nil {
		t.Fatal(err)
	}
	h := m.Require("x")(ok)
	all := map[string]rbac.Role{"all": {DangerouslyAll: true}}
	for _, tc := range []struct {
		name  string
		perms []string
		want  int
	}{
		{"known by now", []string{"a", "x"}, 200},
		{"gone", []string{"a"}, 500},
		{"known again", []string{"x"}, 200},
	} {
		if err := m.Swap(rbac.Config{Permissions: tc.perms, Roles: all}); err != nil {
			t.Errorf("%s: got %v", tc.name, err)
		}
		if got := call(h, as("all"), "/").Code; got != tc.want {
			t.Errorf("%s: got %d, want %d", tc.name, got, tc.want)
		}
	}
}

func TestSwapReplacesDeny(t *testing.T) {
	m, err := rbac.New(rbac.Config{Permissions: []string{"a"}})
	if err != nil {
		t.Fatal(err)
	}
	h := m.Require("a")(ok)
	teapot := func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusTeapot) }
	if err := m.Swap(rbac.Config{Permissions: []string{"a"}, Deny: teapot}); err != nil {
		t.Fatal(err)
	}
	if got := call(h, as(), "/").Code; got != http.StatusTeapot {
		t.Errorf("got %d, want the new Deny's", got)
	}
}

// Z12: no request sees half of a swap. In either state "r" has exactly one of a and b, and never x.
func TestSwapUnderLoad(t *testing.T) {
	m, err := rbac.New(guardedCfg(true))
	if err != nil {
		t.Fatal(err)
	}
	rounds := 2000
	var served atomic.Int64
	count := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served.Add(1) })
	either, both := m.RequireAny("a", "b")(count), m.Require("a", "b")(count)
	p := as("r")
	ctx := auth.WithPrincipal(t.Context(), p)
	done, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for done.Err() == nil {
				if w := call(either, p, "/"); w.Code != 200 {
					t.Errorf("either: got %d", w.Code)
				}
				if w := call(both, p, "/"); w.Code != 403 {
					t.Errorf("both: got %d", w.Code)
				}
				if err := m.Check(ctx, "a", "b"); !errors.Is(err, rbac.ErrForbidden) {
					t.Errorf("Check: got %v", err)
				}
				if got := m.Permissions(p); len(got) != 1 || m.Can(p, "x") {
					t.Errorf("got %q", got)
				}
				_ = m.Explain(p, "a").String()
				m.Require("a")
			}
		})
	}
	for i := range rounds {
		if err := m.Swap(guardedCfg(i%2 == 1)); err != nil {
			t.Error(err)
		}
	}
	stop()
	wg.Wait()
	if served.Load() == 0 {
		t.Error("nothing was served")
	}
}
