package auth

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// Principal is who is asking. It is shared by everything that serves the request and must not be changed.
//
// A user is named by Issuer and ID together: the same ID from another issuer is another user.
type Principal struct {
	ID          string    // unique within Issuer; a token's sub
	Issuer      string    // who vouches for ID
	Tenant      string    // organisation, in an application that has several
	Roles       []string  // names that package rbac resolves
	Permissions []string  // rights granted one by one, beside those of Roles
	Tier        string    // plan, which package ratelimit may ask for
	SessionID   string    // session that the credential belongs to
	TokenID     string    // the credential itself; a token's jti
	Method      string    // how it was proved: one of the Method constants or the application's own word
	IssuedAt    time.Time // when the credential began; zero where unknown
	AuthTime    time.Time // when the person last proved it; zero where unknown
	ACR         string    // how strongly he proved it: an authentication context class (OpenID Connect Core section 2)
	Expiry      time.Time // when the credential ends; zero where it does not
	RawClaims   string    // the signed JSON object behind it, if there is one; read it with Claims
}

// Values of [Principal.Method] that this module sets.
const (
	MethodToken    = "token"
	MethodAPIKey   = "api_key"
	MethodPassword = "password"
	MethodMTLS     = "mtls"
)

// ErrNoClaims says that a principal was not established by a signed set of claims.
var ErrNoClaims = errors.New("auth: principal has no claims")

// Claims decodes the signed claims into dst with encoding/json. It returns [ErrNoClaims] where there are none.
func (p *Principal) Claims(dst any) error {
	if p.RawClaims == "" {
		return ErrNoClaims
	}
	return json.Unmarshal([]byte(p.RawClaims), dst)
}

type principalKey struct{}

// principalContext carries the principal in one allocation.
type principalContext struct {
	context.Context
	principal *Principal
}

func (c *principalContext) Value(key any) any {
	if key == (principalKey{}) {
		return c.principal
	}
	return c.Context.Value(key)
}

// WithPrincipal returns a context in which [From] finds p. It is exported for tests, and for services that authenticate by
// other means and want package rbac all the same. A nil p hides an outer principal.
func WithPrincipal(ctx context.Context, p *Principal) context.Context {
	return &principalContext{ctx, p}
}

// From returns the principal that [Gate.Wrap] or [WithPrincipal] put into ctx.
func From(ctx context.Context) (*Principal, bool) {
	p, _ := ctx.Value(principalKey{}).(*Principal)
	return p, p != nil
}
