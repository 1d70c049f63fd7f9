package auth

import (
	"fmt"
	"net/http"

	"github.com/gopalisade/palisade/internal/conf"
	"github.com/gopalisade/palisade/problem"
)

// Authenticator recognises one kind of credential. It must be safe for concurrent use.
//
// Authenticate returns the request's principal, or an error that matches exactly one of [ErrNoCredentials] (none of this
// kind was sent), [ErrMalformed], [ErrInvalid] or [ErrUnavailable]; an [Error] says more. Any other error is treated as
// ErrUnavailable, so that a fault of ours never tells a client to throw its credential away. It writes nothing.
type Authenticator interface {
	Authenticate(r *http.Request) (*Principal, error)
}

// AuthenticatorFunc lets a function be an [Authenticator].
type AuthenticatorFunc func(r *http.Request) (*Principal, error)

// Authenticate calls f.
func (f AuthenticatorFunc) Authenticate(r *http.Request) (*Principal, error) { return f(r) }

// Config describes a [Gate]. By is required.
type Config struct {
	_ [0]func() // keyed literals only, never comparable

	By    []Authenticator                                         // every kind of credential that is accepted
	Realm string                                                  // protection space named in challenges; "api"
	Deny  func(w http.ResponseWriter, r *http.Request, err error) // problem.Write
}

// New returns a Gate, or every fault of cfg joined.
func New(cfg Config) (*Gate, error) {
	f := conf.Faults{Room: "auth"}
	f.Check(len(cfg.By) > 0, "By", nil, "must name at least one authenticator")
	for i, a := range cfg.By {
		f.Check(a != nil, fmt.Sprintf("By[%d]", i), nil, "must not be nil")
	}
	f.Check(isRealm(cfg.Realm), "Realm", cfg.Realm, "must be printable ASCII without quote or backslash")
	if err := f.Err(); err != nil {
		return nil, err
	}
	g := &Gate{by: append([]Authenticator(nil), cfg.By...), realm: cfg.Realm, deny: cfg.Deny}
	if g.realm == "" {
		g.realm = "api"
	}
	if g.deny == nil {
		g.deny = problem.Write
	}
	return g, nil
}

// isRealm reports whether s may stand between quotes in a challenge without escapes.
func isRealm(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}
