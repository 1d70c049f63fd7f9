package token

import (
	"encoding/json"
	"time"

	"github.com/gopalisade/palisade/auth"
)

// Bounds of lists in claims.
const (
	maxAudiences = 32
	maxRoles     = 256
)

// claims are those that have a meaning here: RFC 9068 section 2.2, and the profile's own roles, permissions, tier, tenant.
type claims struct {
	iss, sub, jti, sid, tier, tenant string
	aud, roles, permissions          []string
	exp, nbf, iat, authTime          int64
	bound                            bool
}

// claimNames are what extra claims may not use, in any case: ours, and those that mean something to others.
var claimNames = []string{
	"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "sid", "roles", "permissions", "tier", "tenant", "auth_time", "cnf",
}

// parseClaims reads the payload of a token whose signature held.
func parseClaims(payload []byte) (claims, error) {
	var c claims
	s := scanner{src: string(payload)}
	ok := s.members(func(name string) bool {
		var ok bool
		switch name {
		case "iss":
			c.iss, ok = s.text()
		case "sub":
			c.sub, ok = s.text()
		case "jti":
			c.jti, ok = s.text()
		case "sid":
			c.sid, ok = s.text()
		case "tier":
			c.tier, ok = s.text()
		case "tenant":
			c.tenant, ok = s.text()
		case "aud":
			c.aud, ok = s.list(maxAudiences, true)
		case "roles":
			c.roles, ok = s.list(maxRoles, false)
		case "permissions":
			c.permissions, ok = s.list(maxRoles, false)
		case "exp":
			c.exp, ok = s.date()
		case "nbf":
			c.nbf, ok = s.date()
		case "iat":
			c.iat, ok = s.date()
		case "auth_time":
			c.authTime, ok = s.date()
		default:
			c.bound = c.bound || name == "cnf"
			ok = !isVariant(name, claimNames) && s.skip(1)
		}
		return ok
	})
	if !ok || !s.end() {
		return claims{}, ErrClaims
	}
	if c.iss == "" || c.sub == "" || c.jti == "" || len(c.aud) == 0 || c.exp == 0 || c.iat == 0 {
		return claims{}, ErrClaims
	}
	return c, nil
}

// principal is what the rest of the chain sees.
func (c *claims) principal(payload []byte) *auth.Principal {
	p := &auth.Principal{
		ID: c.sub, Issuer: c.iss, Tenant: c.tenant,
		Roles: c.roles, Permissions: c.permissions, Tier: c.tier,
		SessionID: c.sid, TokenID: c.jti, Method: auth.MethodToken,
		Expiry:    time.Unix(c.exp, 0),
		RawClaims: payload,
	}
	if c.authTime != 0 {
		p.AuthTime = time.Unix(c.authTime, 0)
	}
	return p
}

// quote renders a JSON string.
func quote(s string) string {
	b, _ := json.Marshal(s) // a string always marshals
	return string(b)
}
