package dpop_test

import (
	"context"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/token"
	"github.com/gopalisade/palisade/auth/token/dpop"
	"github.com/gopalisade/palisade/auth/token/dpop/dpoptest"
)

func use(t *testing.T, m *dpop.Memory, n int, life time.Duration) (bool, error) {
	t.Helper()
	var key [32]byte
	binary.BigEndian.PutUint64(key[:], uint64(n))
	return m.Use(t.Context(), key, time.Now().Add(life))
}

func TestMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := dpop.NewMemory(3)
		for _, tc := range []struct {
			name  string
			wait  time.Duration
			key   int
			fresh bool
			err   error
		}{
			{"first", 0, 1, true, nil},
			{"again", 0, 1, false, nil},
			{"another", time.Second, 2, true, nil},
			{"third", 0, 3, true, nil},
			{"full", 0, 4, false, dpop.ErrFull},
			{"known in a full store", 0, 3, false, nil},
			{"just before the first is forgotten", time.Minute - time.Second - time.Nanosecond, 1, false, nil},
			{"forgotten", time.Nanosecond, 1, true, nil},
			{"full again", 0, 5, false, dpop.ErrFull},
			{"all forgotten", time.Hour, 5, true, nil},
		} {
			time.Sleep(tc.wait)
			if fresh, err := use(t, m, tc.key, time.Minute); fresh != tc.fresh || !errors.Is(err, tc.err) {
				t.Errorf("%s: got %t, %v; want %t, %v", tc.name, fresh, err, tc.fresh, tc.err)
			}
		}
	})
}

// After a rush has passed, one use does not do the work of all.
func TestMemoryRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := dpop.NewMemory(1000)
		for round := range 3 {
			for i := range 1000 {
				if fresh, err := use(t, m, round*1000+i, time.Minute); !fresh || err != nil {
					t.Fatalf("%d: got %t, %v", i, fresh, err)
				}
			}
			time.Sleep(time.Minute)
		}
	})
}

func TestMemoryKeepsTheContract(t *testing.T) {
	dpoptest.Run(t, func(*testing.T) dpop.ReplayStore { return dpop.NewMemory(1000) })
}

// forgetful says that every proof is new, for benchmarks.
type forgetful struct{}

func (forgetful) Use(context.Context, [32]byte, time.Time) (bool, error) { return true, nil }

func TestReplay(t *testing.T) {
	a, b := newClient(t, token.ES256), newClient(t, token.EdDSA)
	synctest.Test(t, func(t *testing.T) {
		store := dpop.NewMemory(10)
		one := newService(t, func(cfg *dpop.Config) { cfg.Replay = store })
		other, err := dpop.New(dpop.Config{Verifier: one.verifier, Replay: store, BaseURLs: []string{base}})
		must(t, err)
		tok := one.issue(t, a.bind)
		jti := func(_, claims map[string]any) { claims["jti"] = "j" }
		early := a.proof(t, tok, func(_, claims map[string]any) { claims["iat"] = time.Now().Unix() + 60 })
		proof := a.proof(t, tok, jti)
		for _, tc := range []struct {
			name string
			by   *dpop.Authenticator
			tok  string
			text string
			want error
		}{
			{"first", one.dpop, tok, proof, nil},
			{"again", one.dpop, tok, proof, dpop.ErrReplayed},
			{"in another process", other, tok, proof, dpop.ErrReplayed},
			{"the same jti, signed anew", one.dpop, tok, a.proof(t, tok, jti), dpop.ErrReplayed},
			{"from the future", one.dpop, tok, early, nil},
		} {
			if _, err := tc.by.Authenticate(request("GET", target, tc.tok, tc.text)); !errors.Is(err, tc.want) {
				t.Errorf("%s: got %v, want %v", tc.name, err, tc.want)
			}
		}
		theirs := one.issue(t, b.bind)
		if _, err := one.dpop.Authenticate(request("GET", target, theirs, b.proof(t, theirs, jti))); err != nil {
			t.Errorf("another client's jti: %v", err)
		}
		// A proof of the latest iat is remembered to its end.
		for range 125 {
			time.Sleep(time.Second)
			if _, err := one.dpop.Authenticate(request("GET", target, tok, early)); err == nil {
				t.Fatal("a proof counted twice")
			}
		}
	})
}

type failing struct{ err error }

func (f failing) Use(context.Context, [32]byte, time.Time) (bool, error) { return true, f.err }

func TestStoreThatFails(t *testing.T) {
	c := newClient(t, token.ES256)
	full := dpop.NewMemory(1)
	_, err := full.Use(t.Context(), [32]byte{}, time.Now().Add(time.Hour))
	must(t, err)
	for _, tc := range []struct {
		name  string
		store dpop.ReplayStore
		want  error
	}{
		{"full", full, dpop.ErrFull},
		{"failing", failing{errors.New("dsn=secret")}, dpop.ErrReplay},
	} {
		s := newService(t, func(cfg *dpop.Config) { cfg.Replay = tc.store })
		tok := s.issue(t, c.bind)
		r := request("GET", target, tok, c.proof(t, tok, nil))
		p, err := s.dpop.Authenticate(r)
		if p != nil || !errors.Is(err, tc.want) || !errors.Is(err, dpop.ErrReplay) || !errors.Is(err, auth.ErrUnavailable) {
			t.Errorf("%s: got %v, %v; want %v", tc.name, p, err, tc.want)
		}
		w := s.serve(r)
		if w.Code != 503 || w.Header().Get("Retry-After") == "" || w.Header().Get("WWW-Authenticate") != "" || strings.Contains(w.Body.String(), "dsn") {
			t.Errorf("%s: got %d %v %s", tc.name, w.Code, w.Header(), w.Body)
		}
	}
}

// A proof that grows too old, or is forgotten, while Check thinks does not count.
func TestSlowCheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := newService(t, nil), newClient(t, token.ES256)
		var delay time.Duration
		a := s.checked(t, func(context.Context, *auth.Principal) error { time.Sleep(delay); return nil })
		tok := s.issue(t, c.bind)
		proof := c.proof(t, tok, func(_, claims map[string]any) { claims["iat"] = time.Now().Unix() + 60 })
		for _, tc := range []struct {
			name        string
			wait, delay time.Duration
			want        string
		}{
			{"first", 0, 0, ""},
			{"again", 120*time.Second + 900*time.Millisecond, 0, "proof_replayed"},
			{"again, slowly", 0, 200 * time.Millisecond, "proof_age"},
		} {
			time.Sleep(tc.wait)
			delay = tc.delay
			if _, err := a.Authenticate(request("GET", target, tok, proof)); token.Reason(err) != tc.want {
				t.Errorf("%s: got %v, want %q", tc.name, err, tc.want)
			}
		}
		delay = 2 * time.Minute
		proof = c.proof(t, tok, nil)
		if _, err := a.Authenticate(request("GET", target, tok, proof)); token.Reason(err) != "proof_age" {
			t.Errorf("very slowly: got %v, want proof_age", err)
		}
	})
}
