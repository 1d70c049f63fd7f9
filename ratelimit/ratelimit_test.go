package ratelimit_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopalisade/palisade/internal/conf"
	"github.com/gopalisade/palisade/internal/racing"
	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/ratelimit"
)

var nothing = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})

func newLimiter(t testing.TB, cfg ratelimit.Config) *ratelimit.Limiter {
	t.Helper()
	if cfg.Key == nil {
		cfg.Key = ratelimit.ByAddr
	}
	l, err := ratelimit.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func perMinute(name string, n int64) []ratelimit.Policy {
	return []ratelimit.Policy{{Name: name, Limit: n, Window: time.Minute}}
}

func from(addr string) *http.Request {
	r := httptest.NewRequest("GET", "/", nil)
	r.RemoteAddr = addr
	return r
}

func get(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestWrap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newLimiter(t, ratelimit.Config{Policies: perMinute("api", 3)}).Wrap(nothing)
		for i := range 3 {
			w := get(h, from("192.0.2.1:1"))
			if want := fmt.Sprintf(`"api";r=%d;t=%d`, 2-i, 20*(i+1)); w.Code != 200 || w.Header().Get("RateLimit") != want || w.Header().Get("RateLimit-Policy") != `"api";q=3;w=60` {
				t.Errorf("got %d %v, want 200 %s", w.Code, w.Header(), want)
			}
		}
		time.Sleep(500 * time.Millisecond)
		w := get(h, from("192.0.2.1:1"))
		h429 := w.Header()
		if w.Code != 429 || h429.Get("Retry-After") != "20" || h429.Get("RateLimit") != `"api";r=0;t=20` || h429.Get("Cache-Control") != "no-store" ||
			h429.Get("Content-Type") != "application/problem+json" || !strings.Contains(w.Body.String(), `"rate_limited"`) || !strings.Contains(w.Body.String(), "#quota-exceeded") {
			t.Errorf("got %d %v %s", w.Code, h429, w.Body)
		}
		seconds, err := strconv.Atoi(h429.Get("Retry-After"))
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(seconds) * time.Second)
		if w := get(h, from("192.0.2.1:1")); w.Code != 200 {
			t.Errorf("after Retry-After: got %d", w.Code)
		}
		if w := get(h, from("192.0.2.2:1")); w.Code != 200 {
			t.Errorf("another address: got %d", w.Code)
		}
	})
}

func TestKeys(t *testing.T) {
	for _, tc := range []struct {
		name string
		key  ratelimit.KeyFunc
		a, b *http.Request
		same bool
	}{
		{"two ports", ratelimit.ByAddr, from("192.0.2.1:1"), from("192.0.2.1:2"), true},
		{"two addresses", ratelimit.ByAddr, from("192.0.2.1:1"), from("192.0.2.2:1"), false},
		{"one /64", ratelimit.ByAddr, from("[2001:db8::1]:1"), from("[2001:db8::ffff:1]:1"), true},
		{"two /64", ratelimit.ByAddr, from("[2001:db8::1]:1"), from("[2001:db8:0:1::1]:1"), false},
		{"one /56", ratelimit.ByAddrPrefix(56), from("[2001:db8::1]:1"), from("[2001:db8:0:1::1]:1"), true},
		{"prefix bounded", ratelimit.ByAddrPrefix(0), from("[2001:db8::1]:1"), from("[2001:db9::1]:1"), false},
		{"mapped is IPv4", ratelimit.ByAddr, from("[::ffff:192.0.2.1]:1"), from("192.0.2.1:1"), true},
		{"NAT64 is IPv6", ratelimit.ByAddr, from("[64:ff9b::192.0.2.1]:1"), from("192.0.2.1:1"), false},
		{"unknown addresses share", ratelimit.ByAddr, from("@"), from(""), true},
		{"K-1 parts do not run together", ratelimit.Join(header("A"), header("B")), with("A", "x:y", "B", "z"), with("A", "x", "B", "y:z"), false},
		{"joined and equal", ratelimit.Join(header("A"), header("B")), with("A", "x", "B", "y"), with("A", "x", "B", "y"), true},
		{"principal over address", ratelimit.ByPrincipal(id, ratelimit.ByAddr), with("Id", "u"), with("Id", "v"), false},
		{"no principal", ratelimit.ByPrincipal(id, ratelimit.ByAddr), with(), with(), true},
		{"principal named like an address", ratelimit.ByPrincipal(id, header("A")), with("Id", "x"), with("A", "x"), false},
		{"route", ratelimit.ByRoute, pattern("GET /a"), pattern("GET /b"), false},
		{"route, another path", ratelimit.ByRoute, pattern("GET /a"), pattern("GET /a"), true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l := newLimiter(t, ratelimit.Config{Key: tc.key, Policies: perMinute("p", 1)})
			if err := l.Check(tc.a); err != nil {
				t.Fatal(err)
			}
			if got := l.Check(tc.b) != nil; got != tc.same {
				t.Errorf("one bucket = %t, want %t", got, tc.same)
			}
		})
	}
}

func id(r *http.Request) string { return r.Header.Get("Id") }

func header(name string) ratelimit.KeyFunc {
	return func(r *http.Request, dst []byte) []byte { return append(dst, r.Header.Get(name)...) }
}

func with(pairs ...string) *http.Request {
	r := httptest.NewRequest("GET", "/", nil)
	for i := 0; i < len(pairs); i += 2 {
		r.Header.Set(pairs[i], pairs[i+1])
	}
	return r
}

func pattern(p string) *http.Request {
	r := httptest.NewRequest("GET", "/", nil)
	r.Pattern = p
	return r
}

func TestTiers(t *testing.T) {
	l := newLimiter(t, ratelimit.Config{
		Key:      ratelimit.ByPrincipal(id, ratelimit.ByAddr),
		Policies: perMinute("all", 50),
		Tier:     func(r *http.Request) string { return r.Header.Get("Tier") },
		Tiers:    map[string][]ratelimit.Policy{"free": perMinute("free", 2), "paid": perMinute("paid", 20)},
	})
	count := func(id, tier string) (n int) {
		for range 100 {
			if l.Check(with("Id", id, "Tier", tier)) == nil {
				n++
			}
		}
		return n
	}
	for _, tc := range []struct {
		id, tier string
		want     int
	}{{"a", "free", 2}, {"b", "paid", 20}, {"c", "gold", 2}, {"d", "", 2}, {"a", "paid", 20}} {
		if got := count(tc.id, tc.tier); got != tc.want {
			t.Errorf("%s as %q: got %d, want %d", tc.id, tc.tier, got, tc.want)
		}
	}
	if d, err := l.Take(t.Context(), []byte("x"), "free", 1); err != nil || d.Policy.Name != "free" || d.Remaining != 1 {
		t.Errorf("Take: got %+v, %v", d, err)
	}
}

func TestSeveralPolicies(t *testing.T) {
	l := newLimiter(t, ratelimit.Config{Policies: []ratelimit.Policy{
		{Name: "second", Limit: 2, Window: time.Second}, {Name: "hour", Limit: 100, Window: time.Hour},
	}})
	h := l.Wrap(nothing)
	get(h, from("192.0.2.1:1"))
	w := get(h, from("192.0.2.1:1"))
	if got := w.Header().Get("RateLimit"); got != `"second";r=0;t=1, "hour";r=98;t=72` {
		t.Errorf("got %s", got)
	}
	if err := l.Check(from("192.0.2.1:1")); !errors.Is(err, ratelimit.ErrLimited) {
		t.Errorf("got %v", err)
	}
	if d, _ := l.Take(t.Context(), []byte{192, 0, 2, 1}, "", 0); d.Remaining != 0 || d.Policy.Name != "second" {
		t.Errorf("got %+v", d)
	}
}

func TestMountedTwice(t *testing.T) {
	l := newLimiter(t, ratelimit.Config{Policies: perMinute("p", 10)})
	outer := newLimiter(t, ratelimit.Config{Policies: perMinute("outer", 100), Headers: ratelimit.HeadersBoth})
	var seen ratelimit.Decision
	h := outer.Wrap(l.Wrap(l.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen, _ = l.DecisionOf(r.Context()) }))))
	w := get(h, from("192.0.2.1:1"))
	if seen.Remaining != 9 || !seen.Allowed {
		t.Errorf("got %+v, want one permit taken", seen)
	}
	if got := w.Header()["Ratelimit"]; len(got) != 1 || got[0] != `"outer";r=99;t=1, "p";r=9;t=6` {
		t.Errorf("got %q, want both limiters in one list", got)
	}
	if w.Header().Get("X-RateLimit-Limit") != "100" || w.Header().Get("X-RateLimit-Remaining") != "99" || w.Header().Get("X-RateLimit-Reset") != "1" {
		t.Errorf("legacy: got %v", w.Header())
	}
}

func TestPreflightsAreFree(t *testing.T) {
	preflight := with("Origin", "https://a", "Access-Control-Request-Method", "PUT")
	preflight.Method = "OPTIONS"
	for count, want := range map[bool]int{false: 200, true: 429} {
		h := newLimiter(t, ratelimit.Config{Policies: perMinute("p", 1), CountPreflights: count}).Wrap(nothing)
		get(h, preflight)
		if w := get(h, preflight); w.Code != want {
			t.Errorf("CountPreflights %t: got %d, want %d", count, w.Code, want)
		}
	}
}

func TestCost(t *testing.T) {
	l := newLimiter(t, ratelimit.Config{Policies: perMinute("p", 5), Cost: func(r *http.Request) int64 {
		n, _ := strconv.ParseInt(r.Header.Get("Cost"), 10, 64)
		return n
	}, Headers: ratelimit.HeadersNone})
	h := l.Wrap(nothing)
	for _, tc := range []struct {
		cost   string
		status int
	}{{"3", 200}, {"3", 429}, {"2", 200}, {"6", 403}, {"-5", 200}, {"1", 429}} {
		w := get(h, with("Cost", tc.cost))
		if w.Code != tc.status || (w.Code == 403) != strings.Contains(w.Body.String(), "quota_never_sufficient") || w.Header().Get("RateLimit") != "" {
			t.Errorf("cost %s: got %d %s, want %d", tc.cost, w.Code, w.Body, tc.status)
		}
		if w.Code == 403 && w.Header().Get("Retry-After") != "" {
			t.Error("told to retry what can never pass")
		}
	}
}

// broken is a store that is out of reach.
type broken struct{}

var errBroken = errors.New("connection refused to 10.0.0.7")

func (broken) Take(context.Context, ratelimit.Key, int64, []ratelimit.Policy, []ratelimit.State) (bool, error) {
	return false, errBroken
}

func TestStoreOutage(t *testing.T) {
	for _, tc := range []struct {
		name  string
		mode  ratelimit.FailMode
		codes [2]int
	}{
		{"local", ratelimit.FailLocal, [2]int{200, 429}},
		{"closed", ratelimit.FailClosed, [2]int{503, 503}},
		{"open", ratelimit.FailOpen, [2]int{200, 200}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l := newLimiter(t, ratelimit.Config{Policies: perMinute("p", 1), Store: broken{}, OnStoreError: tc.mode})
			for _, want := range tc.codes {
				w := get(l.Wrap(nothing), from("192.0.2.1:1"))
				if w.Code != want || strings.Contains(w.Body.String(), "10.0.0.7") || (w.Code == 503) != (w.Header().Get("Retry-After") == "5") && w.Code != 429 {
					t.Errorf("got %d %s, want %d", w.Code, w.Body, want)
				}
			}
			err := l.Check(from("192.0.2.1:1"))
			if tc.mode == ratelimit.FailClosed && (!errors.Is(err, ratelimit.ErrUnavailable) || !errors.Is(err, errBroken) || err.Error() == "") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestEvent(t *testing.T) {
	var got []event.Event
	ctx := event.WithRecorder(t.Context(), event.RecorderFunc(func(_ context.Context, e event.Event) { got = append(got, e) }))
	h := newLimiter(t, ratelimit.Config{Policies: perMinute("p", 1)}).Wrap(nothing)
	for range 2 {
		get(h, from("192.0.2.1:1").WithContext(ctx))
	}
	if len(got) != 1 || got[0].Code != event.ExcessRateLimitExceeded || got[0].Reason != "p" || got[0].Addr.String() != "192.0.2.1" || got[0].Retry <= 0 {
		t.Errorf("got %+v, want one event", got)
	}
}

func TestFaults(t *testing.T) {
	key := ratelimit.ByAddr
	p := func(q ratelimit.Policy) ratelimit.Config {
		return ratelimit.Config{Key: key, Policies: []ratelimit.Policy{q}}
	}
	for _, tc := range []struct {
		name string
		cfg  ratelimit.Config
		want int
	}{
		{"empty", ratelimit.Config{}, 2},
		{"no window", p(ratelimit.Policy{Name: "p", Limit: 1}), 1},
		{"no name", p(ratelimit.Policy{Limit: 1, Window: time.Second}), 1},
		{"name with a quote", p(ratelimit.Policy{Name: `a"b`, Limit: 1, Window: time.Second}), 1},
		{"negative", p(ratelimit.Policy{Name: "p", Limit: -1, Window: time.Second, Burst: -1}), 2},
		{"too fast", p(ratelimit.Policy{Name: "p", Limit: 1 << 30, Window: time.Second}), 1},
		{"too long", p(ratelimit.Policy{Name: "p", Limit: 1, Window: 31 * 24 * time.Hour}), 1},
		{"burst for years", p(ratelimit.Policy{Name: "p", Limit: 1, Window: time.Hour, Burst: 1 << 39}), 1},
		{"same name", ratelimit.Config{Key: key, Policies: append(perMinute("p", 1), perMinute("p", 2)...)}, 1},
		{"tiers without a tier", ratelimit.Config{Key: key, Tiers: map[string][]ratelimit.Policy{"a": perMinute("p", 1)}}, 1},
		{"empty tier", ratelimit.Config{Key: key, Tier: id, Tiers: map[string][]ratelimit.Policy{"a": nil}}, 1},
		{"short secret", ratelimit.Config{Key: key, Policies: perMinute("p", 1), Secret: []byte("x")}, 1},
		{"modes", ratelimit.Config{Key: key, Policies: perMinute("p", 1), Headers: 9, OnStoreError: 9}, 2},
		{"deny all is no fault", p(ratelimit.Policy{Name: "p", Limit: 0, Window: time.Second}), 0},
	} {
		if _, err := ratelimit.New(tc.cfg); len(conf.All(err)) != tc.want {
			t.Errorf("%s: got %v, want %d faults", tc.name, err, tc.want)
		}
	}
	many := make([]ratelimit.Policy, 9)
	for i := range many {
		many[i] = ratelimit.Policy{Name: "p" + strconv.Itoa(i), Limit: 1, Window: time.Second}
	}
	if _, err := ratelimit.New(ratelimit.Config{Key: key, Policies: many}); len(conf.All(err)) != 1 {
		t.Errorf("nine policies: got %v", err)
	}
	if ok, _ := ratelimit.NewMemory(1).Take(t.Context(), ratelimit.Key{}, 1, many, make([]ratelimit.State, 9)); ok {
		t.Error("the memory store took nine policies")
	}
}

// TestSharedSecret lets two processes count together.
func TestSharedSecret(t *testing.T) {
	store, secret := ratelimit.NewMemory(0), []byte("0123456789abcdef")
	cfg := ratelimit.Config{Policies: perMinute("p", 1), Store: store, Secret: secret}
	a, b := newLimiter(t, cfg), newLimiter(t, cfg)
	cfg.Secret = nil
	c := newLimiter(t, cfg)
	if a.Check(from("192.0.2.1:1")) != nil || b.Check(from("192.0.2.1:1")) == nil || c.Check(from("192.0.2.1:1")) != nil {
		t.Error("want the two with a shared secret, and only those, to share a bucket")
	}
}

func TestCheckAllocatesNothing(t *testing.T) {
	if racing.Enabled {
		t.Skip("the race detector allocates")
	}
	l := newLimiter(t, ratelimit.Config{Policies: []ratelimit.Policy{{Name: "p", Limit: 1 << 30, Window: time.Hour}}})
	r := from("[2001:db8::1]:1")
	if got := testing.AllocsPerRun(100, func() { _ = l.Check(r) }); got != 0 {
		t.Errorf("got %v allocations, want none", got)
	}
}

// failing is a store that fails for as long as it is told, and counts who asked.
type failing struct {
	*ratelimit.Memory
	down  bool
	asked int
}

func (s *failing) Take(ctx context.Context, k ratelimit.Key, cost int64, p []ratelimit.Policy, st []ratelimit.State) (bool, error) {
	s.asked++
	if s.down {
		return false, errBroken
	}
	return s.Memory.Take(ctx, k, cost, p, st)
}

// TestAStoreThatFailedIsLeftAlone: a store that hangs must not hold up every request, and is used again when it is back.
func TestAStoreThatFailedIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &failing{Memory: ratelimit.NewMemory(0), down: true}
		l := newLimiter(t, ratelimit.Config{Policies: perMinute("p", 1000), Store: s})
		for _, step := range []struct {
			name  string
			after time.Duration
			down  bool
			asked int // of ten requests
		}{
			{"it fails", 0, true, 1},
			{"a moment later", time.Second / 2, true, 0},
			{"a second later", time.Second / 2, true, 1},
			{"it is back", time.Second, false, 10},
		} {
			time.Sleep(step.after)
			s.down, s.asked = step.down, 0
			for range 10 {
				if err := l.Check(from("192.0.2.1:1")); err != nil {
					t.Errorf("%s: got %v", step.name, err)
				}
			}
			if s.asked != step.asked {
				t.Errorf("%s: the store was asked %d times, want %d", step.name, s.asked, step.asked)
			}
		}
		s.down = true
		hungUp, cancel := context.WithCancel(t.Context())
		cancel()
		_ = l.Check(from("192.0.2.1:1").WithContext(hungUp))
		s.asked = 0
		if _ = l.Check(from("192.0.2.1:1")); s.asked != 1 {
			t.Error("a client that hung up took the store away from the others")
		}
	})
}
