package headers

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gopalisade/palisade/internal/conf"
)

// Config describes a [Policy]. A zero field sends no header; X-Content-Type-Options: nosniff is always sent. Take a preset
// rather than an empty Config.
type Config struct {
	_ [0]func() // keyed literals only, never comparable

	CSP           *CSP // enforced
	CSPReportOnly *CSP // reported only, to try a stricter policy; may stand beside CSP

	HSTS HSTS // sent only when the client came by HTTPS (RFC 6797 section 7.2)

	ReferrerPolicy            string // "no-referrer"
	CacheControl              string // "no-store"
	FrameOptions              string // "deny" or "sameorigin", for browsers older than frame-ancestors
	CrossOriginResourcePolicy string // "same-origin", "same-site" or "cross-origin"
	CrossOriginOpenerPolicy   string // "same-origin", …
	CrossOriginEmbedderPolicy string // "require-corp" or "credentialless"

	// Permissions are browser features and who may use them: none for an empty list, else "self", "*" or origins.
	Permissions map[string][]string
	// ReportingEndpoints are the https URLs that CSP.ReportTo names.
	ReportingEndpoints map[string]string
	// Custom are further headers, canonical or not. A header that has a field above, and one that browsers dropped, is
	// refused.
	Custom map[string]string
}

// HSTS tells browsers to come by HTTPS only. A negative MaxAge takes the promise back with max-age=0.
type HSTS struct {
	MaxAge            time.Duration // whole seconds
	IncludeSubDomains bool
	Preload           bool // needs a year and IncludeSubDomains; hard to undo
}

// New returns a Policy, or every fault of cfg joined. A CSP that an injected script could walk through is a fault, since a
// policy that does not protect is worse than none: it is believed.
func New(cfg Config) (*Policy, error) {
	f := conf.Faults{Room: "headers"}
	p := &Policy{cfg: clone(cfg)}
	p.add("X-Content-Type-Options", "nosniff")
	p.enforced = compile(&f, "CSP", cfg.CSP, cfg.ReportingEndpoints)
	p.reported = compile(&f, "CSPReportOnly", cfg.CSPReportOnly, cfg.ReportingEndpoints)
	p.add(cspName, p.enforced.render(""))
	p.add(cspReportName, p.reported.render(""))
	for _, c := range cfg.choices() {
		f.Check(c.value == "" || slices.Contains(c.allowed, c.value), c.field, c.value, "must be one of "+strings.Join(c.allowed, ", "))
		p.add(c.name, c.value)
	}
	f.Check(isValue(cfg.CacheControl), "CacheControl", cfg.CacheControl, "must be printable ASCII")
	p.add("Cache-Control", cfg.CacheControl)
	p.add("Permissions-Policy", permissions(&f, cfg.Permissions))
	p.add("Reporting-Endpoints", endpoints(&f, cfg.ReportingEndpoints))
	for _, name := range slices.Sorted(maps.Keys(cfg.Custom)) {
		p.add(http.CanonicalHeaderKey(name), checkCustom(&f, name, cfg.Custom[name]))
	}
	p.hsts = hsts(&f, cfg.HSTS)
	if p.hsts {
		p.add("Strict-Transport-Security", cfg.HSTS.value()) // last, so that plain HTTP leaves it off
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	return p, nil
}

// clone keeps the caller's maps and lists out of the policy.
func clone(cfg Config) Config {
	cfg.CSP, cfg.CSPReportOnly = cfg.CSP.clone(), cfg.CSPReportOnly.clone()
	cfg.ReportingEndpoints, cfg.Custom = maps.Clone(cfg.ReportingEndpoints), maps.Clone(cfg.Custom)
	cfg.Permissions = maps.Clone(cfg.Permissions)
	for k, v := range cfg.Permissions {
		cfg.Permissions[k] = slices.Clone(v)
	}
	return cfg
}

// choice is a header with a closed set of values.
type choice struct {
	field, name, value string
	allowed            []string
}

func (c Config) choices() []choice {
	return []choice{
		{"ReferrerPolicy", "Referrer-Policy", c.ReferrerPolicy, []string{
			"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin", "origin", "origin-when-cross-origin",
		}},
		{"FrameOptions", "X-Frame-Options", c.FrameOptions, []string{"deny", "sameorigin"}},
		{
			"CrossOriginResourcePolicy", "Cross-Origin-Resource-Policy", c.CrossOriginResourcePolicy,
			[]string{"same-origin", "same-site", "cross-origin"},
		},
		{
			"CrossOriginOpenerPolicy", "Cross-Origin-Opener-Policy", c.CrossOriginOpenerPolicy,
			[]string{"same-origin", "same-origin-allow-popups", "noopener-allow-popups", "unsafe-none"},
		},
		{
			"CrossOriginEmbedderPolicy", "Cross-Origin-Embedder-Policy", c.CrossOriginEmbedderPolicy,
			[]string{"require-corp", "credentialless", "unsafe-none"},
		},
	}
}

const year = 365 * 24 * time.Hour

// hsts checks h and reports whether it is sent.
func hsts(f *conf.Faults, h HSTS) bool {
	f.Check(h.MaxAge <= 0 || h.MaxAge >= time.Second, "HSTS.MaxAge", h.MaxAge, "must be whole seconds")
	f.Check(!h.Preload || (h.MaxAge >= year && h.IncludeSubDomains), "HSTS.Preload", h.MaxAge, "needs a year and IncludeSubDomains")
	f.Check(h.MaxAge != 0 || !h.IncludeSubDomains, "HSTS.MaxAge", nil, "is required with IncludeSubDomains")
	return h.MaxAge != 0
}

// value renders RFC 6797 section 6.1.
func (h HSTS) value() string {
	s := "max-age=" + strconv.FormatInt(int64(max(h.MaxAge, 0)/time.Second), 10)
	if h.IncludeSubDomains {
		s += "; includeSubDomains"
	}
	if h.Preload {
		s += "; preload"
	}
	return s
}

// permissions renders a structured-field dictionary (RFC 9651 section 3.2) in stable order.
func permissions(f *conf.Faults, features map[string][]string) string {
	var parts []string
	for _, feature := range slices.Sorted(maps.Keys(features)) {
		field := fmt.Sprintf("Permissions[%q]", feature)
		f.Check(isLower(feature), field, nil, "must be a feature name, lower case with dashes")
		items := make([]string, 0, len(features[feature]))
		for _, who := range features[feature] {
			switch {
			case who == "self" || who == "*":
				items = append(items, who)
			case isHTTPS(who):
				items = append(items, `"`+who+`"`)
			default:
				f.Check(false, field, who, `must be "self", "*" or an https origin`)
			}
		}
		parts = append(parts, feature+"=("+strings.Join(items, " ")+")")
	}
	return strings.Join(parts, ", ")
}

// endpoints renders the Reporting-Endpoints dictionary.
func endpoints(f *conf.Faults, urls map[string]string) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(urls)) {
		field := fmt.Sprintf("ReportingEndpoints[%q]", name)
		f.Check(isLower(name), field, nil, "must have a lower-case name")
		f.Check(isHTTPS(urls[name]), field, urls[name], "must be an https URL")
		parts = append(parts, name+`="`+urls[name]+`"`)
	}
	return strings.Join(parts, ", ")
}

// typed are the headers that a Config field writes; dead those that browsers dropped or that do harm.
var (
	typed = []string{
		cspName, cspReportName, "Strict-Transport-Security", "Referrer-Policy", "Cache-Control", "X-Frame-Options",
		"X-Content-Type-Options", "Cross-Origin-Resource-Policy", "Cross-Origin-Opener-Policy",
		"Cross-Origin-Embedder-Policy", "Permissions-Policy", "Reporting-Endpoints",
	}
	dead = []string{
		"X-Xss-Protection", "Feature-Policy", "Expect-Ct", "Public-Key-Pins", "Report-To", "X-Content-Security-Policy", "X-Webkit-Csp",
	}
	framing = []string{"Content-Length", "Content-Type", "Transfer-Encoding", "Connection", "Set-Cookie", "Date", "Trailer"}
)

func checkCustom(f *conf.Faults, name, value string) string {
	field := fmt.Sprintf("Custom[%q]", name)
	key := http.CanonicalHeaderKey(name)
	f.Check(isHeaderName(name), field, nil, "must be a header name")
	f.Check(!slices.Contains(typed, key), field, nil, "has a field of its own in Config")
	f.Check(!slices.Contains(dead, key), field, nil, "is obsolete: browsers ignore it, or are harmed by it")
	f.Check(!slices.Contains(framing, key), field, nil, "belongs to the handler")
	f.Check(!strings.HasPrefix(key, "Access-Control-"), field, nil, "belongs to package cors")
	f.Check(value != "" && isValue(value), field, value, "must be printable ASCII")
	return value
}

func isValue(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

func isLower(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9' || i == 0) && (c != '-' || i == 0) {
			return false
		}
	}
	return s != ""
}

func isHeaderName(s string) bool {
	return s != "" && isLower(strings.ToLower(s))
}

// isHTTPS accepts an https URL of visible characters that mean nothing to a header.
func isHTTPS(s string) bool {
	host, ok := strings.CutPrefix(s, "https://")
	return ok && host != "" && isValue(s) && !strings.ContainsAny(s, ` "',;\`)
}
