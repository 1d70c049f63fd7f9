package token

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/internal/jose"
)

// Bounds of lists in claims.
const (
	maxAudiences = 32
	maxRoles     = 256
)

// claims are those that have a meaning here: RFC 9068 section 2.2, and the profile's own roles, permissions, tier, tenant.
type claims struct {
	raw                                   string
	iss, sub, jti, sid, tier, tenant, acr string
	aud, roles, permissions               []string
	exp, nbf, iat, authTime               int64
	cnf                                   Confirmation
	cnfUnknown                            bool // bound to something that is no Confirmation
}

// claimNames are what extra claims may not use, in any case: ours, and those that mean something to others.
var claimNames = []string{
	"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "sid", "roles", "permissions", "tier", "tenant", "auth_time", "acr", "cnf",
}

// parseClaims reads the payload of a token whose signature held.
func parseClaims(payload []byte) (claims, error) {
	c := claims{raw: string(payload)} // of which every text is a part
	s := jose.Scan(c.raw)
	ok := s.Members(func(name string) bool {
		var ok bool
		switch name {
		case "iss":
			c.iss, ok = s.Text()
		case "sub":
			c.sub, ok = s.Text()
		case "jti":
			c.jti, ok = s.Text()
		case "sid":
			c.sid, ok = s.Text()
		case "tier":
			c.tier, ok = s.Text()
		case "tenant":
			c.tenant, ok = s.Text()
		case "acr":
			c.acr, ok = s.Text()
		case "aud":
			c.aud, ok = s.List(maxAudiences, true)
		case "roles":
			c.roles, ok = s.List(maxRoles, false)
		case "permissions":
			c.permissions, ok = s.List(maxRoles, false)
		case "exp":
			c.exp, ok = s.Date()
		case "nbf":
			c.nbf, ok = s.Date()
		case "iat":
			c.iat, ok = s.Date()
		case "auth_time":
			c.authTime, ok = s.Date()
		case "cnf":
			c.cnfUnknown = !s.Try(func() bool { return c.cnf.read(&s) })
			ok = !c.cnfUnknown || s.Skip()
		default:
			ok = !jose.IsVariant(name, claimNames) && s.Skip()
		}
		return ok
	})
	if !ok || !s.End() {
		return claims{}, ErrClaims
	}
	if c.iss == "" || c.sub == "" || c.jti == "" || len(c.aud) == 0 || c.exp == 0 || c.iat == 0 {
		return claims{}, ErrClaims
	}
	return c, nil
}

// principal is what the rest of the chain sees. Its lists have no room, so that appending to one copies it.
func (c *claims) principal() auth.Principal {
	p := auth.Principal{
		ID: c.sub, Issuer: c.iss, Tenant: c.tenant,
		Roles: slices.Clip(c.roles), Permissions: slices.Clip(c.permissions), Tier: c.tier,
		SessionID: c.sid, TokenID: c.jti, Method: auth.MethodToken, ACR: c.acr,
		IssuedAt: time.Unix(c.iat, 0), Expiry: time.Unix(c.exp, 0),
		RawClaims: c.raw,
	}
	if c.authTime != 0 {
		p.AuthTime = time.Unix(c.authTime, 0)
	}
	return p
}

// apart returns a copy that shares nothing with p that can be written to: whoever writes to a principal against the rules
// shall not write to the next request's.
func apart(p *auth.Principal) *auth.Principal {
	own := &struct {
		auth.Principal
		room [6]string // of most lists, so that all is one allocation
	}{Principal: *p}
	if n := len(p.Roles); n+len(p.Permissions) > 0 {
		lists := append(append(own.room[:0], p.Roles...), p.Permissions...)
		own.Roles, own.Permissions = lists[:n:n], slices.Clip(lists[n:])
	}
	return &own.Principal
}

// quote renders a JSON string.
func quote(s string) string {
	b, _ := json.Marshal(s) // a string always marshals
	return string(b)
}
