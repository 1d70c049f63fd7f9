package ratelimit

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/gopalisade/palisade/internal/ascii"
	"github.com/gopalisade/palisade/internal/conf"
	"github.com/gopalisade/palisade/problem"
)

// Policy is one quota. Name is required and part of the key: policies of one name in one store share their counts.
type Policy struct {
	Name   string        // letters, digits, - and _; shown to clients
	Limit  int64         // permits in a Window; 0 refuses everything
	Window time.Duration // a millisecond to 30 days; at most a million permits a second
	Burst  int64         // permits at once; Limit
}

// FailMode says what happens while the store is out of reach.
type FailMode uint8

// The modes.
const (
	FailLocal  FailMode = iota // count in this process meanwhile; one request a second still tries the store
	FailClosed                 // refuse with 503
	FailOpen                   // let everything pass: availability before protection
)

// HeaderStyle says which headers tell clients about their quota. Retry-After is always sent with a 429.
type HeaderStyle uint8

// The styles.
const (
	HeadersIETF   HeaderStyle = iota // RateLimit and RateLimit-Policy
	HeadersLegacy                    // X-RateLimit-Limit, -Remaining and -Reset (seconds from now)
	HeadersBoth
	HeadersNone
)

// Config describes a [Limiter]. Key is required, and Policies or Tiers.
type Config struct {
	_ [0]func() // keyed literals only, never comparable

	Key      KeyFunc  // who is charged
	Policies []Policy // for everybody

	// Tier names the caller's plan, Tiers the policies of each, beside Policies. A name that Tiers does not have gets the
	// tier with the lowest rate.
	Tier  func(r *http.Request) string
	Tiers map[string][]Policy

	Cost func(r *http.Request) int64 // permits of a request; 1

	Store        Store    // a memory store of its own
	OnStoreError FailMode // FailLocal

	// Secret keys the hash that identifies callers, at least 16 bytes. Processes that share a store must share it; without
	// one it is random, and right for a store in this process.
	Secret []byte

	Headers         HeaderStyle
	CountPreflights bool // CORS preflights are free otherwise: a browser sends them unasked

	Deny func(w http.ResponseWriter, r *http.Request, err error) // problem.Write
}

// MaxPolicies is the most policies that may apply to one request.
const MaxPolicies = 8

// New returns a Limiter, or every fault of cfg joined.
func New(cfg Config) (*Limiter, error) {
	f := conf.Faults{Room: "ratelimit"}
	l := &Limiter{
		key: cfg.Key, tier: cfg.Tier, cost: cfg.Cost, store: cfg.Store, onError: cfg.OnStoreError,
		headers: cfg.Headers, preflights: cfg.CountPreflights, deny: cfg.Deny,
		plans: make(map[string]*plan, len(cfg.Tiers)),
	}
	f.Check(cfg.Key != nil, "Key", nil, "is required: say who is charged")
	f.Check(len(cfg.Policies)+len(cfg.Tiers) > 0, "Policies", nil, "or Tiers is required")
	f.Check((cfg.Tier != nil) == (len(cfg.Tiers) > 0), "Tier", nil, "and Tiers need each other")
	f.Check(len(cfg.Secret) == 0 || len(cfg.Secret) >= 16, "Secret", nil, "must have at least 16 bytes")
	f.Check(cfg.OnStoreError <= FailOpen, "OnStoreError", cfg.OnStoreError, "is no FailMode")
	f.Check(cfg.Headers <= HeadersNone, "Headers", cfg.Headers, "is no HeaderStyle")
	l.strictest = newPlan(&f, "Policies", cfg.Policies)
	for i, name := range slices.Sorted(maps.Keys(cfg.Tiers)) {
		field := fmt.Sprintf("Tiers[%q]", name)
		f.Check(len(cfg.Tiers[name]) > 0, field, nil, "must have a policy")
		p := newPlan(&f, field, slices.Concat(cfg.Policies, cfg.Tiers[name]))
		l.plans[name] = p
		if i == 0 || p.rate() < l.strictest.rate() {
			l.strictest = p
		}
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	l.hash = newHasher(cfg.Secret)
	if l.deny == nil {
		l.deny = problem.Write
	}
	if l.store == nil {
		l.store, l.onError = NewMemory(0), FailLocal // it never fails: there is nothing to be prepared for
	} else if l.onError == FailLocal {
		l.local = NewMemory(0)
	}
	return l, nil
}

// plan is the compiled policies of one tier.
type plan struct {
	policies []Policy
	header   string // RateLimit-Policy
}

const (
	maxWindow   = 30 * 24 * time.Hour
	maxLimit    = 1 << 40
	minInterval = time.Microsecond
)

func newPlan(f *conf.Faults, field string, policies []Policy) *plan {
	p := &plan{policies: slices.Clone(policies)}
	f.Check(len(policies) <= MaxPolicies, field, len(policies), fmt.Sprintf("must be at most %d together", MaxPolicies))
	for i := range p.policies {
		q := &p.policies[i]
		at := fmt.Sprintf("%s[%d]", field, i)
		f.Check(ascii.All(q.Name, "-_") && len(q.Name) <= 64, at+".Name", q.Name, "must be at most 64 letters, digits, - and _")
		f.Check(q.Limit >= 0 && q.Limit <= maxLimit, at+".Limit", q.Limit, "must be between 0 and 2^40")
		f.Check(q.Window >= time.Millisecond && q.Window <= maxWindow, at+".Window", q.Window, "must be between 1ms and 30 days")
		f.Check(q.Limit <= 0 || q.Window <= 0 || q.Window/time.Duration(q.Limit) >= minInterval, at+".Limit", q.Limit, "must be at most a million a second")
		if q.Burst == 0 {
			q.Burst = q.Limit
		}
		f.Check(q.Burst >= 0 && q.Burst <= maxLimit, at+".Burst", q.Burst, "must be between 0 and 2^40")
		f.Check(q.Limit == 0 || q.tolerance() <= int64(2*maxWindow), at+".Burst", q.Burst, "takes more than 60 days to refill")
		same := slices.IndexFunc(p.policies, func(o Policy) bool { return o.Name == q.Name })
		f.Check(same == i, at+".Name", q.Name, "is used twice")
	}
	p.header = policyHeader(p.policies)
	return p
}

// rate is the least of the plan's rates, in permits a second.
func (p *plan) rate() float64 {
	least := float64(maxLimit)
	for _, q := range p.policies {
		least = min(least, float64(q.Limit)/q.Window.Seconds())
	}
	return least
}

// interval is the time in which one permit comes back, rounded up so that rounding never adds a permit.
func (q Policy) interval() int64 {
	return (int64(q.Window) + q.Limit - 1) / q.Limit
}

// tolerance is how far ahead of time a bucket may be, saturating.
func (q Policy) tolerance() int64 {
	if q.Limit <= 0 {
		return 0
	}
	burst := q.Burst
	if burst == 0 {
		burst = q.Limit
	}
	return saturate(burst, q.interval())
}

// most leaves room to add two times without overflow.
const most = 1 << 61

// saturate multiplies without overflow.
func saturate(a, b int64) int64 {
	if a > 0 && b > 0 && a > most/b {
		return most
	}
	return a * b
}
