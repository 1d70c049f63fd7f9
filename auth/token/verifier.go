package token

import (
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

	Keys        *Keyring
	Issuer      string        // exact iss
	Audience    string        // must be one of aud, exactly
	Leeway      time.Duration // for clocks that disagree, at most a minute; none
	MaxLifetime time.Duration // longest exp - iat that is accepted; 24 hours
}

// Verifier accepts access tokens. It is an [auth.Authenticator], safe for concurrent use.
type Verifier struct {
	keys             *Keyring
	issuer, audience string
	leeway, lifetime int64 // seconds
}

// NewVerifier returns a Verifier, or every fault of cfg joined.
func NewVerifier(cfg VerifierConfig) (*Verifier, error) {
	f := conf.Faults{Room: "token"}
	f.Check(cfg.Keys != nil, "Keys", nil, "is required")
	f.Check(cfg.Issuer != "", "Issuer", nil, "is required")
	f.Check(cfg.Audience != "", "Audience", nil, "is required")
	f.Check(cfg.Leeway >= 0 && cfg.Leeway <= time.Minute, "Leeway", cfg.Leeway, "must be between 0 and 1m")
	if cfg.MaxLifetime == 0 {
		cfg.MaxLifetime = 24 * time.Hour
	}
	f.Check(cfg.MaxLifetime >= time.Second, "MaxLifetime", cfg.MaxLifetime, "must be at least 1s")
	if err := f.Err(); err != nil {
		return nil, err
	}
	return &Verifier{
		keys: cfg.Keys, issuer: cfg.Issuer, audience: cfg.Audience,
		leeway: int64(cfg.Leeway / time.Second), lifetime: int64(cfg.MaxLifetime / time.Second),
	}, nil
}

// Verify returns the principal of an access token, or an [auth.Error] of the kind [auth.ErrInvalid] that matches one of
// this package's errors. Never both.
func (v *Verifier) Verify(token string) (*auth.Principal, error) {
	payload, err := v.keys.open(token, isAccessToken)
	if err != nil {
		return nil, refuse(err)
	}
	c, err := parseClaims(payload)
	if err == nil {
		err = v.check(&c, time.Now().Unix())
	}
	if err != nil {
		return nil, refuse(err)
	}
	return c.principal(payload), nil
}

func (v *Verifier) check(c *claims, now int64) error {
	switch {
	case c.iss != v.issuer:
		return ErrIssuer
	case !slices.Contains(c.aud, v.audience):
		return ErrAudience
	case now >= c.exp+v.leeway: // RFC 7519 section 4.1.4: on or after
		return ErrExpired
	case c.nbf > now+v.leeway, c.iat > now+v.leeway:
		return ErrNotYetValid
	case c.exp-c.iat > v.lifetime:
		return ErrLifetime
	case c.bound:
		return ErrBinding
	}
	return nil
}

// Authenticate reads r's Bearer token (see [auth.BearerToken]) and verifies it.
func (v *Verifier) Authenticate(r *http.Request) (*auth.Principal, error) {
	token, err := auth.BearerToken(r)
	if err != nil {
		return nil, err
	}
	return v.Verify(token)
}

// Reason returns the word for why err refused a token, "expired", or "" where err is no such refusal. It is for logs: the
// client gets one answer for all of them.
func Reason(err error) string {
	if e, ok := errors.AsType[*auth.Error](err); ok && e.Kind == auth.ErrInvalid {
		return e.Reason
	}
	return ""
}
