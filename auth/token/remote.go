package token

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/internal/conf"
)

// RemoteConfig describes a [Remote]. URL is required.
type RemoteConfig struct {
	_ [0]func() // keyed literals only, never comparable

	URL string // where the issuer publishes its key set, https: never taken from a token
	// Client makes the requests; its redirects and cookies are not used. One with the system's roots.
	Client *http.Client
	// Alg is what keys that name no algorithm serve, if they are of its kind: "RS256" for some issuers. Without it such
	// keys are not used.
	Alg     Alg
	Refresh time.Duration // age at which the set is fetched anew, at least 10 seconds; 15 minutes
	// Cooldown is the least time between two fetches, whatever kid is asked for, from a second to Refresh; 30 seconds, or
	// Refresh where that is less. A key that is published within it after a fetch is unknown until it is over.
	Cooldown time.Duration
	MaxStale time.Duration // for how long a set that cannot be renewed goes on serving; 24 hours
	// OnError learns of every fetch that failed. It runs in the goroutine that fetched. None.
	OnError func(err error)
	// DangerouslyAllowHTTP accepts a URL without TLS on a loopback address. Whoever else listens there chooses who is let in.
	DangerouslyAllowHTTP bool
}

// Remote is the [KeySource] of an issuer that publishes its keys (RFC 7517 section 5) under a fixed URL.
//
// The set is fetched when a key is first asked for, and then in the background: a request whose key is there does not wait,
// but for those in the first second after a pause of two Refreshes. A kid that is not there starts a fetch, no more than one
// in a Cooldown, and waits a second at most. So an issuer should publish a key a Cooldown before it signs with it: whoever
// asks for a key, a stranger with an invented kid too, may have begun the fetch that came too early for it. A key that was
// left out of the newest set does not work any more. When the issuer cannot be reached, the last set serves on until
// MaxStale; without one, the answer is 503 and never 401.
//
// Each fetch is one goroutine that ends within five seconds, so there is nothing to close. It is safe for concurrent use.
type Remote struct {
	fetcher           fetcher
	refresh, cooldown time.Duration
	maxStale          time.Duration
	onError           func(error)

	set atomic.Pointer[remoteSet] // the last good one

	mu       sync.Mutex
	running  chan struct{} // closed when the fetch that runs has ended; nil: none runs
	began    time.Time     // when it did
	next     time.Time     // not to be fetched before
	failed   error         // why the last fetch brought nothing
	failedAt time.Time
}

// remoteSet does not change.
type remoteSet struct {
	keySet
	at time.Time
}

// NewRemote returns a Remote, or every fault of cfg joined. It fetches nothing yet.
func NewRemote(cfg RemoteConfig) (*Remote, error) {
	f := conf.Faults{Room: "token"}
	conf.Default(&cfg.Refresh, 15*time.Minute)
	conf.Default(&cfg.Cooldown, min(30*time.Second, cfg.Refresh))
	conf.Default(&cfg.MaxStale, 24*time.Hour)
	f.Check(isKeyURL(cfg.URL, cfg.DangerouslyAllowHTTP), "URL", cfg.URL,
		"must be an absolute https URL without user and fragment")
	f.Check(cfg.Alg == "" || cfg.Alg.Asymmetric(), "Alg", string(cfg.Alg), "must be an algorithm of key pairs")
	f.Check(cfg.Refresh >= 10*time.Second, "Refresh", cfg.Refresh, "must be at least 10s")
	f.Check(cfg.Cooldown >= time.Second && cfg.Cooldown <= cfg.Refresh, "Cooldown", cfg.Cooldown,
		"must be between 1s and Refresh")
	f.Check(cfg.MaxStale >= cfg.Refresh, "MaxStale", cfg.MaxStale, "must be at least Refresh")
	if err := f.Err(); err != nil {
		return nil, err
	}
	client := http.Client{}
	if cfg.Client != nil {
		client = *cfg.Client
	}
	// A redirect would let whoever controls one path choose any host, this machine's neighbours among them.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	client.Jar = nil
	return &Remote{
		fetcher: fetcher{url: cfg.URL, client: &client, alg: cfg.Alg},
		refresh: cfg.Refresh, cooldown: cfg.Cooldown, maxStale: cfg.MaxStale, onError: cfg.OnError,
	}, nil
}

func isKeyURL(text string, allowHTTP bool) bool {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return false
	}
	ip, _ := netip.ParseAddr(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && allowHTTP && (ip.IsLoopback() || u.Hostname() == "localhost")
}

// Bounds of waiting.
const (
	fetchTimeout = 5 * time.Second
	shortWait    = time.Second     // with a set at hand
	emptyRetry   = 5 * time.Second // between fetches while no set can be used
)

// Key implements [KeySource].
func (r *Remote) Key(ctx context.Context, kid string, given bool) (*Key, error) {
	now := time.Now()
	set, wait := r.usable(now), fetchTimeout
	if set != nil {
		if key := set.find(kid, given); key != nil && r.current(ctx, set, now) {
			return key, nil
		}
		wait = shortWait
	}
	if done, began := r.start(ctx, now); done != nil {
		timer := time.NewTimer(began.Add(wait).Sub(now)) // so that a fetch that hangs is waited for once
		defer timer.Stop()
		select {
		case <-done:
		case <-timer.C:
		case <-ctx.Done():
		}
	}
	if set = r.usable(time.Now()); set != nil {
		if key := set.find(kid, given); key != nil {
			return key, nil
		}
	}
	return nil, r.missing(set != nil)
}

// current reports that a set may be used at once, and has it renewed when it is old. One that is twice that old, because
// nobody asked, is renewed first: a key that was removed shall not work because it is the first to come back. That a fetch
// failed some time ago does not say that the next one will.
func (r *Remote) current(ctx context.Context, set *remoteSet, now time.Time) bool {
	age := now.Sub(set.at)
	if age < r.refresh {
		return true
	}
	r.mu.Lock()
	failing := r.failed != nil && now.Sub(r.failedAt) < r.refresh
	r.mu.Unlock()
	if age < 2*r.refresh || failing {
		r.start(ctx, now)
		return true
	}
	return false
}

// usable returns the last good set, if there is one that is not too old.
func (r *Remote) usable(now time.Time) *remoteSet {
	set := r.set.Load()
	if set == nil || now.Sub(set.at) > r.maxStale {
		return nil
	}
	return set
}

// missing says what it means that a key was not found: only a set that is known to be the issuer's present one can say that
// the key is not the issuer's.
func (r *Remote) missing(usable bool) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if usable && r.running == nil && r.failed == nil {
		return ErrUnknownKey
	}
	return &auth.Error{
		Kind: auth.ErrUnavailable, Reason: "keys", RetryAfter: max(time.Until(r.next), time.Second), Err: r.failed,
	}
}

// start begins a fetch, unless one runs or it is too early, and returns what is closed at its end, and its beginning; nil if
// there is none to wait for.
func (r *Remote) start(ctx context.Context, now time.Time) (<-chan struct{}, time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.running != nil || now.Before(r.next) {
		return r.running, r.began
	}
	r.running = make(chan struct{})
	r.began, r.next = now, now.Add(r.cooldown)
	go r.fetch(context.WithoutCancel(ctx)) // everybody waits for it, so nobody's leaving may end it
	return r.running, r.began
}

func (r *Remote) fetch(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	set, err := r.fetcher.fetch(ctx, r.set.Load())
	if err == nil {
		r.set.Store(set)
	}
	now := time.Now()
	r.mu.Lock()
	r.failed, r.failedAt = err, now
	if r.usable(now) == nil {
		r.next = now.Add(min(r.cooldown, emptyRetry))
	}
	close(r.running)
	r.running = nil
	r.mu.Unlock()
	if err != nil && r.onError != nil {
		r.onError(err)
	}
}
