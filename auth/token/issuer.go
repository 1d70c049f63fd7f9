package token

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/internal/conf"
)

// IssuerConfig describes an [Issuer]. Keys, Issuer and Audience are required.
type IssuerConfig struct {
	_ [0]func() // keyed literals only, never comparable

	Keys     *Keyring      // whose active key signs
	Issuer   string        // iss, usually this service's URL
	Audience string        // aud, the API that the tokens are for
	TTL      time.Duration // lifetime, at most 24 hours; 10 minutes
}

// Issuer signs access tokens. It is safe for concurrent use.
type Issuer struct {
	keys             *Keyring
	issuer, audience string
	ttl              time.Duration
}

// NewIssuer returns an Issuer, or every fault of cfg joined.
func NewIssuer(cfg IssuerConfig) (*Issuer, error) {
	f := conf.Faults{Room: "token"}
	f.Check(cfg.Keys.made(), "Keys", nil, "is required")
	f.Check(!cfg.Keys.made() || cfg.Keys.Active().CanSign(), "Keys", nil, "must have a private active key")
	f.Check(cfg.Issuer != "" && utf8.ValidString(cfg.Issuer), "Issuer", nil, "is required, in UTF-8")
	f.Check(cfg.Audience != "" && utf8.ValidString(cfg.Audience), "Audience", nil, "is required, in UTF-8")
	if cfg.TTL == 0 {
		cfg.TTL = 10 * time.Minute
	}
	f.Check(cfg.TTL >= time.Second && cfg.TTL <= 24*time.Hour, "TTL", cfg.TTL,
		"must be between 1s and 24h: a token cannot be taken back")
	if err := f.Err(); err != nil {
		return nil, err
	}
	return &Issuer{keys: cfg.Keys, issuer: cfg.Issuer, audience: cfg.Audience, ttl: cfg.TTL}, nil
}

// Name returns the iss of the issuer's tokens.
func (is *Issuer) Name() string { return is.issuer }

// Token is an issued access token. It is a secret, and prints as one.
type Token struct {
	Value  string    // the compact JWS
	ID     string    // its jti
	Expiry time.Time // its exp
}

// String keeps the token out of logs.
func (t Token) String() string { return "token.Token(" + t.ID + ", [redacted])" }

// GoString is String.
func (t Token) GoString() string { return t.String() }

// Format is String, whatever the verb.
func (t Token) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, t.String()) }

// ErrIssue says that a token was not made: the principal or the extra claims do not fit into one.
var ErrIssue = errors.New("token: cannot issue")

// wire is the payload in the order in which it is written.
type wire struct {
	Issuer      string        `json:"iss"`
	Subject     string        `json:"sub"`
	Audience    string        `json:"aud"`
	Expiry      int64         `json:"exp"`
	IssuedAt    int64         `json:"iat"`
	ID          string        `json:"jti"`
	SessionID   string        `json:"sid,omitempty"`
	AuthTime    int64         `json:"auth_time,omitempty"`
	ACR         string        `json:"acr,omitempty"`
	Tenant      string        `json:"tenant,omitempty"`
	Roles       []string      `json:"roles,omitempty"`
	Permissions []string      `json:"permissions,omitempty"`
	Tier        string        `json:"tier,omitempty"`
	Cnf         *Confirmation `json:"cnf,omitempty"`
}

// Issue signs an access token for p, of which it takes ID, Tenant, Roles, Permissions, Tier, SessionID, AuthTime and ACR;
// issuer, audience, times and the token's id are its own. Extra claims are added as encoding/json writes them; one that uses a
// name of this package, in any case, is refused. So is what a [Verifier] would refuse or read otherwise: text that is not
// UTF-8, too many claims, or an AuthTime before 1970.
func (is *Issuer) Issue(p auth.Principal, extra map[string]any) (Token, error) {
	return is.issue(p, extra, nil)
}

// IssueBound is Issue for a token that only the holder of a key can use: see [Confirmation].
func (is *Issuer) IssueBound(p auth.Principal, extra map[string]any, to Confirmation) (Token, error) {
	if !to.valid() {
		return Token{}, fmt.Errorf("%w: the confirmation names no key", ErrIssue)
	}
	return is.issue(p, extra, &to)
}

func (is *Issuer) issue(p auth.Principal, extra map[string]any, to *Confirmation) (Token, error) {
	if p.ID == "" {
		return Token{}, fmt.Errorf("%w: principal has no ID", ErrIssue)
	}
	if len(p.Roles) > maxRoles || len(p.Permissions) > maxRoles {
		return Token{}, fmt.Errorf("%w: more than %d roles or permissions", ErrIssue, maxRoles)
	}
	now := time.Now()
	t := Token{ID: rand.Text(), Expiry: time.Unix(now.Add(is.ttl).Unix(), 0)}
	w := wire{
		Issuer: is.issuer, Subject: p.ID, Audience: is.audience,
		Expiry: t.Expiry.Unix(), IssuedAt: now.Unix(), ID: t.ID,
		SessionID: p.SessionID, Tenant: p.Tenant, Roles: p.Roles, Permissions: p.Permissions, Tier: p.Tier, ACR: p.ACR, Cnf: to,
	}
	if !p.AuthTime.IsZero() {
		w.AuthTime = p.AuthTime.Unix()
	}
	payload, err := json.Marshal(w)
	if err == nil {
		payload, err = merge(payload, extra)
	}
	if err == nil {
		err = w.check(payload)
	}
	if err != nil {
		return Token{}, fmt.Errorf("%w: %w", ErrIssue, err)
	}
	if t.Value, err = is.keys.seal(payload); err != nil {
		return Token{}, fmt.Errorf("%w: %w", ErrIssue, err)
	}
	if len(t.Value) > maxToken {
		return Token{}, fmt.Errorf("%w: %d bytes, more than a verifier reads", ErrIssue, len(t.Value))
	}
	return t, nil
}

// check reads a payload as a verifier will. The encoder writes text that is not UTF-8 as other text, and two principals
// must not become one.
func (w *wire) check(payload []byte) error {
	c, err := parseClaims(payload)
	if err != nil {
		return err
	}
	if c.sub != w.Subject || c.sid != w.SessionID || c.tenant != w.Tenant || c.tier != w.Tier || c.acr != w.ACR ||
		!slices.Equal(c.roles, w.Roles) || !slices.Equal(c.permissions, w.Permissions) {
		return errors.New("the principal is not UTF-8")
	}
	return nil
}

// merge appends the extra members to an object. The encoder writes each name as one JSON string, whatever is in it.
func merge(object []byte, extra map[string]any) ([]byte, error) {
	if len(extra) == 0 {
		return object, nil
	}
	for name := range extra {
		if slices.ContainsFunc(claimNames, func(own string) bool { return strings.EqualFold(own, name) }) {
			return nil, fmt.Errorf("extra claim %q has a meaning of its own", name)
		}
	}
	more, err := json.Marshal(extra)
	if err != nil {
		return nil, err
	}
	return append(append(object[:len(object)-1], ','), more[1:]...), nil
}
