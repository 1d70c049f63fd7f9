package auth

import (
	"net/http"
	"strings"
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
	if token != "" && isTokenChar(token[0]) {
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

// isB64Token checks b64token of RFC 6750 section 2.1: at least one character, then "=" only at the end.
func isB64Token(s string) bool {
	body := strings.TrimRight(s, "=")
	if body == "" {
		return false
	}
	for i := range len(body) {
		c := body[i]
		if !isAlnum(c) && c != '-' && c != '.' && c != '_' && c != '~' && c != '+' && c != '/' {
			return false
		}
	}
	return true
}

// isTokenChar checks tchar of RFC 9110 section 5.6.2, of which scheme names are made.
func isTokenChar(c byte) bool {
	return isAlnum(c) || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0
}

func isAlnum(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
