package dpop

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/gopalisade/palisade/internal/ascii"
)

// target is a URL as far as a proof names it (RFC 9449 section 4.2), in the one spelling of RFC 3986 sections 6.2.2 and 6.2.3.
type target struct {
	scheme, host, path string
}

// parseTarget reads an htu. A query or fragment, which a client should not have put there, is ignored (section 4.3).
func parseTarget(htu string) (target, bool) {
	u, err := url.Parse(htu)
	if err != nil {
		return target{}, false
	}
	return targetOf(u)
}

func targetOf(u *url.URL) (target, bool) {
	if !ascii.All(u.Host, "-._~:[]%") {
		return target{}, false // ToLower makes letters of others that only look alike
	}
	t := target{scheme: strings.ToLower(u.Scheme), host: strings.ToLower(u.Host), path: normalPath(u.EscapedPath())}
	port := map[string]string{"https": ":443", "http": ":80"}[t.scheme]
	if port == "" || u.Hostname() == "" || u.User != nil || u.Opaque != "" {
		return target{}, false
	}
	t.host = strings.TrimSuffix(strings.TrimSuffix(t.host, port), ":")
	return t, true
}

// normalPath writes each percent-encoding in one way: unreserved characters plain, digits in upper case. Dots stay: no client
// that follows the URL standard sends them, and whoever resolves them may do so otherwise than the router.
func normalPath(escaped string) string {
	if escaped == "" {
		return "/"
	}
	if strings.IndexByte(escaped, '%') < 0 {
		return escaped
	}
	var b strings.Builder
	for i := 0; i < len(escaped); i++ {
		if escaped[i] != '%' || i+2 >= len(escaped) {
			b.WriteByte(escaped[i])
			continue
		}
		c, _ := strconv.ParseUint(escaped[i+1:i+3], 16, 8) // net/url has checked the digits
		if ascii.All(string(rune(c)), "-._~") {            // unreserved: RFC 3986 section 2.3
			b.WriteByte(byte(c))
		} else {
			b.WriteString(strings.ToUpper(escaped[i : i+3]))
		}
		i += 2
	}
	return b.String()
}
