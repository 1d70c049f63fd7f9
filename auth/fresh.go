package auth

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gopalisade/palisade/internal/around"
)

// ErrNotFresh matches the refusal of a principal whose login is too old or too weak for what is asked: 401
// insufficient_user_authentication (RFC 9470 section 3). The client keeps its credential and sends the person to log in again.
var ErrNotFresh = errors.New("auth: login is too old or too weak")

// RequireFresh returns a middleware for what needs a recent or a strong login: a changed password, a payment. It refuses a
// principal whose AuthTime is unknown, in the future, or more than maxAge ago; and, where acr values are given, one whose
// ACR is none of them. A maxAge of zero asks for an ACR only. The refusal says what would do (RFC 9470 section 3).
//
// Stand it inside [Gate.Wrap]. Asked for nothing, or for a value that no header can hold, it refuses everything with 500.
func (g *Gate) RequireFresh(maxAge time.Duration, acr ...string) func(http.Handler) http.Handler {
	stale, fault := g.notFresh(maxAge, acr)
	return func(next http.Handler) http.Handler {
		return around.New(next, func(w http.ResponseWriter, r *http.Request) {
			err := fault
			if err == nil {
				err = g.checkFresh(r, maxAge, acr, stale)
			}
			if err != nil {
				g.refuse(w, r, err)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// checkFresh returns stale for a principal who has to log in again.
func (g *Gate) checkFresh(r *http.Request, maxAge time.Duration, acr []string, stale *Error) error {
	p, ok := From(r.Context())
	if !ok {
		return &Error{Kind: ErrNoCredentials, Reason: "no_principal", Scheme: "Bearer", realm: g.realm}
	}
	if scheme, _, _ := strings.Cut(r.Header.Get("Authorization"), " "); strings.EqualFold(scheme, "DPoP") {
		own := *stale
		own.Scheme, stale = "DPoP", &own
	}
	if maxAge > 0 {
		const skew = time.Minute // between us and whoever watched the login
		if age := time.Since(p.AuthTime); p.AuthTime.IsZero() || age > maxAge || age < -skew {
			return stale
		}
	}
	if len(acr) > 0 && !slices.Contains(acr, p.ACR) {
		return stale
	}
	return nil
}

// notFresh makes the one refusal of a requirement, or says why there cannot be one.
func (g *Gate) notFresh(maxAge time.Duration, acr []string) (*Error, error) {
	if maxAge < time.Second && (maxAge != 0 || len(acr) == 0) {
		return nil, errors.New("auth: RequireFresh asks for nothing, or for less than a second")
	}
	var params []string
	if len(acr) > 0 {
		for _, value := range acr {
			if value == "" || strings.Contains(value, " ") || !isRealm(value) {
				return nil, errors.New("auth: RequireFresh needs acr values without spaces, quotes and backslashes")
			}
		}
		params = append(params, `acr_values="`+strings.Join(acr, " ")+`"`)
	}
	if maxAge > 0 {
		params = append(params, `max_age="`+strconv.FormatInt(int64(maxAge/time.Second), 10)+`"`)
	}
	return &Error{
		Kind: ErrNotFresh, Reason: "not_fresh", Scheme: "Bearer", Params: strings.Join(params, ", "), realm: g.realm,
	}, nil
}
