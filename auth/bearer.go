package auth

import (
	"net/http"
	"strings"

	"github.com/gopalisade/palisade/internal/ascii"
)

// BearerToken returns the credential of an Authorization header with the Bearer scheme (RFC 6750 section 2.1): exactly
// one header line, the scheme in any case, one or more spaces, one token of the b64token alphabet.
//
// Another scheme, or none, is [ErrNoCredentials]: it may belong to another authenticator. Several lines, an empty token
// and anything after it are [ErrMalformed]. The query and the body are never read (RFC 9700 section 4.3.2).
func BearerToken(r *http.Request) (string, error) {
	lines := r.Header["Authorization"]
	switch len(lines) {
	case 0:
		return "", errNoBearer
	case 1:
	default:
		return "", &Error{Kind: ErrMalformed, Reason: "several_headers", Scheme: "Bearer"}
	}
	const scheme = "bearer"
	line := lines[0]
	if len(line) < len(scheme) || !strings.EqualFold(line[:len(scheme)], scheme) {
		return "", errNoBearer
	}
	token := line[len(scheme):]
	if token != "" && ascii.All(token[:1], ascii.Tchar) {
		return "", errNoBearer // a longer scheme name, "BearerX …"
	}
	token, ok := strings.CutPrefix(token, " ")
	if !ok {
		return "", errMalformedBearer
	}
	token = strings.TrimLeft(token, " ")
	if !isB64Token(token) {
		return "", errMalformedBearer
	}
	return token, nil
}

// Shared, because refusing must stay cheaper than accepting; a Gate copies before it adds the realm.
var (
	errNoBearer        = &Error{Kind: ErrNoCredentials, Reason: "no_credentials", Scheme: "Bearer"}
	errMalformedBearer = &Error{Kind: ErrMalformed, Reason: "malformed_header", Scheme: "Bearer"}
)

// b64Token is the alphabet of RFC 6750 section 2.1.
var b64Token = ascii.NewAlphabet("-._~+/")

// isB64Token checks b64token of RFC 6750 section 2.1: at least one character, then "=" only at the end.
func isB64Token(s string) bool { return b64Token.All(strings.TrimRight(s, "=")) }
