package ratelimit

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/gopalisade/palisade/internal/around"
	"github.com/gopalisade/palisade/internal/outage"
	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/transport"
)

// Limiter charges requests. It is safe for concurrent use.
type Limiter struct {
	key        KeyFunc
	hash       *hasher
	strictest  *plan // the only one without tiers
	plans      map[string]*plan
	tier       func(*http.Request) string
	cost       func(*http.Request) int64
	store      Store
	local      *Memory // while store is out of reach, where FailLocal says so
	outage     outage.Memory
	onError    FailMode
	headers    HeaderStyle
	preflights bool
	deny       func(http.ResponseWriter, *http.Request, error)
}

// Decision is what became of one request.
type Decision struct {
	Allowed    bool
	Policy     Policy        // the one that refused, or the one with the least left
	Remaining  int64         // permits left under Policy
	ResetAfter time.Duration // until all of Policy's permits are back
	RetryAfter time.Duration // until the request would pass; 0 where it did; negative: never, its cost exceeds the burst
	Degraded   bool          // the store was out of reach, and the FailMode decided
}

// work is what a decision needs, kept between requests so that none is allocated.
type work struct {
	identity []byte
	states   [MaxPolicies]State
}

var pool = sync.Pool{New: func() any { return &work{identity: make([]byte, 0, 128)} }}

// Take charges cost permits to an identity under the limiter's policies, outside of HTTP: a message on a socket, a job in a
// queue. tier is ignored where the limiter has none. The error is nil, or matches [ErrLimited] or [ErrUnavailable].
func (l *Limiter) Take(ctx context.Context, identity []byte, tier string, cost int64) (Decision, error) {
	wk, _ := pool.Get().(*work)
	defer pool.Put(wk)
	return l.take(ctx, l.hash.key(identity), l.plan(tier), cost, wk)
}

// Check charges r, and returns nil or an error that matches [ErrLimited] or [ErrUnavailable].
func (l *Limiter) Check(r *http.Request) error {
	wk, _ := pool.Get().(*work)
	defer pool.Put(wk)
	_, err := l.charge(r, l.planOf(r), wk)
	return err
}

func (l *Limiter) charge(r *http.Request, p *plan, wk *work) (Decision, error) {
	wk.identity = l.key(r, wk.identity[:0])
	cost := int64(1)
	if l.cost != nil {
		cost = l.cost(r)
	}
	return l.take(r.Context(), l.hash.key(wk.identity), p, cost, wk)
}

func (l *Limiter) planOf(r *http.Request) *plan {
	if l.tier == nil {
		return l.strictest
	}
	return l.plan(l.tier(r))
}

// plan falls back to the strictest: a tier that we misspelt, or that somebody invented, must not be the widest.
func (l *Limiter) plan(tier string) *plan {
	if p, ok := l.plans[tier]; ok {
		return p
	}
	return l.strictest
}

func (l *Limiter) take(ctx context.Context, key Key, p *plan, cost int64, wk *work) (Decision, error) {
	states := wk.states[:len(p.policies)]
	allowed, err := l.ask(ctx, key, max(cost, 0), p.policies, states)
	degraded := err != nil
	if degraded {
		switch l.onError {
		case FailOpen:
			return Decision{Allowed: true, Degraded: true}, nil
		case FailClosed:
			return Decision{Degraded: true}, &UnavailableError{Err: err}
		default:
			if l.local == nil { // the limiter's own store; it never fails
				return Decision{Degraded: true}, &UnavailableError{Err: err}
			}
			allowed, _ = l.local.Take(ctx, key, max(cost, 0), p.policies, states)
		}
	}
	d := decision(p.policies, states)
	d.Allowed, d.Degraded = allowed, degraded
	if !allowed {
		return d, &DeniedError{Decision: d}
	}
	return d, nil
}

// storeTime bounds how long a request waits for a store, where it can do without.
const storeTime = time.Second

// ask is the store's answer. Where a request can do without, one that has just failed is left alone for a second, and one
// that hangs is not waited for: it would hold up everybody.
func (l *Limiter) ask(ctx context.Context, key Key, cost int64, policies []Policy, states []State) (bool, error) {
	if l.local == nil && l.onError != FailOpen {
		return l.store.Take(ctx, key, cost, policies, states)
	}
	if !l.outage.Ask() {
		return false, errOutage
	}
	bounded, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	allowed, err := l.store.Take(bounded, key, cost, policies, states)
	if err == nil || ctx.Err() == nil { // a client that hung up says nothing about the store
		l.outage.Tell(err == nil)
	}
	return allowed, err
}

// decision picks the policy that the caller should know about: of those that refuse, the one that refuses longest;
// otherwise the one with the smallest share left.
func decision(policies []Policy, states []State) Decision {
	pick := 0
	for i := range states {
		a, b := states[i], states[pick]
		switch {
		case a.RetryAfter < 0, b.RetryAfter < 0:
			if a.RetryAfter < 0 {
				pick = i
			}
		case a.RetryAfter != b.RetryAfter:
			if a.RetryAfter > b.RetryAfter {
				pick = i
			}
		case a.Remaining < b.Remaining:
			pick = i
		}
	}
	s := states[pick]
	return Decision{Policy: policies[pick], Remaining: s.Remaining, ResetAfter: s.ResetAfter, RetryAfter: s.RetryAfter}
}

// taken marks a request as charged, so that a limiter that is mounted twice charges once. The values of two headers lie in it,
// so that all is one allocation.
type taken struct {
	context.Context
	limiter  *Limiter
	decision Decision
	headers  [2]string
}

// Value finds the mark of one limiter by the limiter itself, which nobody else can have as a key.
func (t *taken) Value(key any) any {
	if l, ok := key.(*Limiter); ok && l == t.limiter {
		return t
	}
	return t.Context.Value(key)
}

// DecisionOf returns what l decided about the request of ctx, where [Limiter.Wrap] is around it.
func (l *Limiter) DecisionOf(ctx context.Context) (Decision, bool) {
	if t, ok := ctx.Value(l).(*taken); ok {
		return t.decision, true
	}
	return Decision{}, false
}

// Wrap returns next behind the limiter. A request is charged once, however often the same limiter is around it.
func (l *Limiter) Wrap(next http.Handler) http.Handler {
	return around.New(next, func(w http.ResponseWriter, r *http.Request) {
		if _, done := l.DecisionOf(r.Context()); done || (!l.preflights && isPreflight(r)) {
			next.ServeHTTP(w, r)
			return
		}
		wk, _ := pool.Get().(*work)
		t, p := &taken{Context: r.Context(), limiter: l}, l.planOf(r)
		var err error
		t.decision, err = l.charge(r, p, wk)
		l.setHeaders(w.Header(), p, t, wk)
		pool.Put(wk)
		if err != nil {
			l.refuse(w, r, t.decision, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(t))
	})
}

func (l *Limiter) refuse(w http.ResponseWriter, r *http.Request, d Decision, err error) {
	event.Emit(r.Context(), event.Event{
		Code: event.ExcessRateLimitExceeded, Level: slog.LevelWarn, Addr: transport.PeerOf(r).Addr,
		Reason: d.Policy.Name, Retry: d.RetryAfter, Err: err,
	})
	l.deny(w, r, err)
}

// isPreflight reports what a browser sends on its own account (Fetch section 3.2.2).
func isPreflight(r *http.Request) bool {
	return r.Method == http.MethodOptions && len(r.Header["Origin"]) > 0 && len(r.Header["Access-Control-Request-Method"]) > 0
}
