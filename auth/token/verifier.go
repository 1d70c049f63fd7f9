package token

import (
	"context"
	"crypto/x509"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/internal/conf"
)

// VerifierConfig describes a [Verifier]. Keys, Issuer and Audience are required: a token for somebody else is no token.
type VerifierConfig struct {
	_ [0]func() // keyed literals only, never comparable

	Keys        KeySource
	Issuer      string        // exact iss
	Audience    string        // must be one of aud, exactly
	Leeway      time.Duration // for clocks that disagree, at most a minute; none
	MaxLifetime time.Duration // longest exp - iat that is accepted; 24 hours
	// Check has the last word about every token that holds, on every request: session.Manager.Check, for one. It returns nil,
	// or an error that matches auth.ErrInvalid or auth.ErrUnavailable; any other counts as the latter. None.
	Check func(ctx context.Context, p *auth.Principal) error
	// Certificate returns the certificate of the client's TLS connection, so that tokens bound to it are accepted (RFC 8705
	// section 3): PeerCertificate, or a function that reads what a proxy forwards, and only from that proxy. Without it
	// they are refused.
	Certificate func(r *http.Request) *x509.Certificate
	// BoundOnly refuses tokens that are bound to nothing.
	BoundOnly bool
	// Cache is how many tokens that held are remembered, so that their signatures, which cost most of the time with public
	// keys, are not computed on each request; up to a million. Each takes about half a kB, twice the length of its claims,
	// and 16 bytes or more for each role and permission: 1 kB for a usual one, 23 kB for the longest. Times, key, binding
	// and Check are asked for all the same. None: principals stay in memory for longer than a request only where somebody
	// wants that.
	Cache int
}

// Verifier accepts access tokens. It is an [auth.Authenticator], safe for concurrent use.
type Verifier struct {
	opener           opener
	cache            *cache // nil: none
	issuer, audience string
	leeway, lifetime int64 // seconds
	lastWord         func(context.Context, *auth.Principal) error
	certificate      func(*http.Request) *x509.Certificate
	boundOnly        bool
}

const maxCache = 1 << 20

// NewVerifier returns a Verifier, or every fault of cfg joined.
func NewVerifier(cfg VerifierConfig) (*Verifier, error) {
	f := conf.Faults{Room: "token"}
	f.Check(isSource(cfg.Keys), "Keys", nil, "is required")
	f.Check(cfg.Issuer != "", "Issuer", nil, "is required")
	f.Check(cfg.Audience != "", "Audience", nil, "is required")
	f.Check(cfg.Leeway >= 0 && cfg.Leeway <= time.Minute, "Leeway", cfg.Leeway, "must be between 0 and 1m")
	conf.Default(&cfg.MaxLifetime, 24*time.Hour)
	f.Check(cfg.MaxLifetime >= time.Second, "MaxLifetime", cfg.MaxLifetime, "must be at least 1s")
	f.Check(cfg.Cache >= 0 && cfg.Cache <= maxCache, "Cache", cfg.Cache, "must be between 0 and 1048576")
	if err := f.Err(); err != nil {
		return nil, err
	}
	v := &Verifier{
		opener: opener{keys: cfg.Keys}, issuer: cfg.Issuer, audience: cfg.Audience,
		leeway: int64(cfg.Leeway / time.Second), lifetime: int64(cfg.MaxLifetime / time.Second),
		lastWord: cfg.Check, certificate: cfg.Certificate, boundOnly: cfg.BoundOnly,
	}
	if cfg.Cache > 0 {
		v.cache = newCache(cfg.Cache)
	}
	return v, nil
}

// isSource finds the nil that an interface hides, and what was not made by its constructor.
func isSource(s KeySource) bool {
	switch s := s.(type) {
	case *Keyring:
		return s.made()
	case *Remote:
		return s != nil && s.fetcher.client != nil
	}
	return s != nil
}

// Verify returns the principal of an access token that is bound to nothing, or an [auth.Error]: of the kind
// [auth.ErrInvalid], then it matches one of this package's errors or is Check's, or of the kind [auth.ErrUnavailable].
// Never both.
func (v *Verifier) Verify(ctx context.Context, token string) (*auth.Principal, error) {
	return v.verify(ctx, token, func(to Confirmation) bool { return to == Confirmation{} })
}

// VerifyBound is Verify for a token that is bound to the keys that were shown, no less and no more. That the client has
// them is for the caller to prove, as package dpop does.
func (v *Verifier) VerifyBound(ctx context.Context, token string, shown Confirmation) (*auth.Principal, error) {
	return v.verify(ctx, token, func(to Confirmation) bool { return to == shown && to.valid() })
}

// Authenticate reads r's Bearer token (see [auth.BearerToken]) and verifies it. A token may be bound to the client's
// certificate, if the Verifier was given one; never to a key that signs proofs, which another scheme than Bearer brings.
func (v *Verifier) Authenticate(r *http.Request) (*auth.Principal, error) {
	token, err := auth.BearerToken(r)
	if err != nil {
		return nil, err
	}
	return v.verify(r.Context(), token, func(to Confirmation) bool {
		if to.X5T == "" || v.certificate == nil {
			return to == Confirmation{}
		}
		cert := v.certificate(r)
		return cert != nil && to == Confirmation{X5T: CertificateThumbprint(cert)}
	})
}

func (v *Verifier) verify(ctx context.Context, token string, bound func(Confirmation) bool) (*auth.Principal, error) {
	t, err := v.token(ctx, token)
	if err == nil && (t.cnfUnknown || v.boundOnly && t.cnf == Confirmation{} || !bound(t.cnf)) {
		err = ErrBinding
	}
	if err != nil {
		return nil, refuse(err)
	}
	p := &t.principal
	if v.cache != nil {
		p = apart(p)
	}
	if v.lastWord == nil {
		return p, nil
	}
	err = v.lastWord(ctx, p)
	switch {
	case err == nil:
		return p, nil
	case errors.Is(err, auth.ErrInvalid), errors.Is(err, auth.ErrUnavailable):
		return nil, err
	}
	return nil, &auth.Error{Kind: auth.ErrUnavailable, Reason: "check", Err: err}
}

// token returns a token that holds now, remembered or not.
func (v *Verifier) token(ctx context.Context, token string) (*verified, error) {
	now := time.Now().Unix()
	if v.cache == nil {
		return v.verifyNew(ctx, token, now)
	}
	id := tokenID(token)
	if t := v.cache.get(&id); t != nil && v.checkTimes(t.exp, t.nbf, t.iat, now) == nil {
		key, err := v.opener.key(ctx, header{alg: t.key.alg, kid: t.kid, hasKid: t.hasKid})
		switch {
		case err != nil:
			return nil, err // asking again might wait again
		case key == t.key:
			return t, nil
		}
	}
	t, err := v.verifyNew(ctx, token, now) // whatever does not hold any more, this says why
	if err == nil {
		t.id = id
		v.cache.put(t)
	}
	return t, err
}

func (v *Verifier) verifyNew(ctx context.Context, token string, now int64) (*verified, error) {
	done, err := v.opener.open(ctx, token, isAccessToken)
	if err != nil {
		return nil, err
	}
	c, err := parseClaims(done.payload)
	if err == nil {
		err = v.check(&c, now)
	}
	if err != nil {
		return nil, err
	}
	return &verified{
		key: done.key, kid: done.kid, hasKid: done.hasKid,
		exp: c.exp, nbf: c.nbf, iat: c.iat,
		cnf: c.cnf, cnfUnknown: c.cnfUnknown, principal: c.principal(),
	}, nil
}

func (v *Verifier) check(c *claims, now int64) error {
	if c.iss != v.issuer {
		return ErrIssuer
	}
	if !slices.Contains(c.aud, v.audience) {
		return ErrAudience
	}
	if err := v.checkTimes(c.exp, c.nbf, c.iat, now); err != nil {
		return err
	}
	if c.exp-c.iat > v.lifetime {
		return ErrLifetime
	}
	return nil
}

func (v *Verifier) checkTimes(exp, nbf, iat, now int64) error {
	switch {
	case now >= exp+v.leeway: // RFC 7519 section 4.1.4: on or after
		return ErrExpired
	case nbf > now+v.leeway, iat > now+v.leeway:
		return ErrNotYetValid
	}
	return nil
}

// Reason returns the word for why err refused a token, "expired", or "" where err is no such refusal. It is for logs: the
// client gets one answer for all of them.
func Reason(err error) string {
	if e, ok := errors.AsType[*auth.Error](err); ok && e.Kind == auth.ErrInvalid {
		return e.Reason
	}
	return ""
}
