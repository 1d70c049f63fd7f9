package cors

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gopalisade/palisade/internal/ascii"
	"github.com/gopalisade/palisade/internal/conf"
	"github.com/gopalisade/palisade/problem"
)

// Config describes a [Policy]. Origins or OriginFunc is required.
type Config struct {
	_ [0]func() // keyed literals only, never comparable

	// Origins are exact, "https://app.example.com", or patterns for every host below a suffix, at any depth,
	// "https://*.example.com", with an optional port that may be "*". "*" alone means everybody, without credentials.
	Origins []string
	// OriginFunc decides about origins that Origins does not name, for tenants in a database. It gets a well-formed
	// origin, and is never asked about "null".
	OriginFunc func(r *http.Request, origin string) bool

	Credentials    bool          // allow cookies and client certificates
	Methods        []string      // beside GET, HEAD and POST, which need no permission
	RequestHeaders []string      // beside the safelisted ones; "*" without Credentials (it never covers Authorization)
	ExposeHeaders  []string      // that scripts may read; "*" without Credentials
	MaxAge         time.Duration // how long a browser keeps a preflight's answer; 0 leaves it to the browser, negative forbids
	SuccessStatus  int           // of a preflight: 204, or 200 for very old clients

	// DangerouslyAllowInsecure allows plain http origins together with Credentials: whoever stands between such a page
	// and its user can then read the user's data here. Loopback origins are allowed without it.
	DangerouslyAllowInsecure bool
	// DangerouslyAllowSuffix allows patterns such as https://*.com, under which anybody can have a host.
	DangerouslyAllowSuffix bool

	Deny func(w http.ResponseWriter, r *http.Request, err error) // of a preflight; problem.Write
}

// New returns a Policy, or every fault of cfg joined.
func New(cfg Config) (*Policy, error) {
	t, err := compile(cfg)
	if err != nil {
		return nil, err
	}
	p := new(Policy)
	p.table.Store(t)
	return p, nil
}

// Reload replaces the configuration, all at once, while requests are served. On an error nothing changes.
func (p *Policy) Reload(cfg Config) error {
	t, err := compile(cfg)
	if err == nil {
		p.table.Store(t)
	}
	return err
}

func compile(cfg Config) (*table, error) {
	f := conf.Faults{Room: "cors"}
	t := &table{
		originFunc: cfg.OriginFunc,
		success:    cfg.SuccessStatus,
		deny:       cfg.Deny,
		any:        slices.Contains(cfg.Origins, "*"),
	}
	f.Check(len(cfg.Origins) > 0 || cfg.OriginFunc != nil, "Origins", nil, "or OriginFunc is required")
	f.Check(!t.any || !cfg.Credentials, "Origins", "*", "must not be combined with Credentials: every site could read its visitors' data")
	f.Check(!t.any || (len(cfg.Origins) == 1 && cfg.OriginFunc == nil), "Origins", "*", "must stand alone")
	for i, o := range cfg.Origins {
		if o != "*" {
			t.origins.add(&f, fmt.Sprintf("Origins[%d]", i), o, cfg)
		}
	}
	f.Check(t.success == 0 || t.success == 200 || t.success == 204, "SuccessStatus", t.success, "must be 200 or 204")
	f.Check(cfg.MaxAge <= 24*time.Hour, "MaxAge", cfg.MaxAge, "must be at most 24h, where browsers stop counting")
	f.Check(cfg.MaxAge%time.Second == 0 || cfg.MaxAge < 0, "MaxAge", cfg.MaxAge, "must be whole seconds")
	t.methods = checkMethods(&f, cfg.Methods, cfg.Credentials)
	t.headers = checkNames(&f, "RequestHeaders", cfg.RequestHeaders, cfg.Credentials, forbiddenRequest)
	exposed := checkNames(&f, "ExposeHeaders", cfg.ExposeHeaders, cfg.Credentials, forbiddenResponse)
	if err := f.Err(); err != nil {
		return nil, err
	}
	if t.success == 0 {
		t.success = http.StatusNoContent
	}
	if t.deny == nil {
		t.deny = problem.Write
	}
	t.anyHeader = slices.Contains(t.headers, "*")
	t.methodList = strings.Join(t.methods, ", ")
	t.headerList = strings.Join(t.headers, ", ")
	for _, h := range t.headers {
		t.longest += len(h)
	}
	switch {
	case cfg.MaxAge > 0:
		t.maxAge = strconv.FormatInt(int64(cfg.MaxAge/time.Second), 10)
	case cfg.MaxAge < 0:
		t.maxAge = "0"
	}
	t.exposed, t.credentials = strings.Join(exposed, ", "), cfg.Credentials
	return t, nil
}

// Forbidden to scripts by the Fetch standard (sections 2.2.1 and 2.2.2), so allowing them is a misunderstanding.
var (
	forbiddenMethods = []string{"CONNECT", "TRACE", "TRACK"}
	forbiddenRequest = []string{
		"accept-charset", "accept-encoding", "access-control-request-headers", "access-control-request-method", "connection",
		"content-length", "cookie", "cookie2", "date", "dnt", "expect", "host", "keep-alive", "origin", "referer", "set-cookie",
		"te", "trailer", "transfer-encoding", "upgrade", "via",
	}
	forbiddenResponse = []string{"set-cookie", "set-cookie2"}
)

func checkMethods(f *conf.Faults, methods []string, credentials bool) []string {
	var all []string
	for i, m := range methods {
		field := fmt.Sprintf("Methods[%d]", i)
		f.Check(ascii.All(m, ascii.Tchar), field, m, "is no method")
		f.Check(m != "*" || !credentials, field, m, "means the method named * when Credentials are allowed: list the methods")
		f.Check(!slices.Contains(forbiddenMethods, strings.ToUpper(m)), field, m, "is forbidden to scripts")
		// Browsers upper-case six methods and no other: a PATCH allowed as "patch" is refused by all of them.
		f.Check(m == strings.ToUpper(m), field, m, "must be upper case: methods are compared byte by byte")
		f.Check(!slices.Contains(all, m), field, m, "is listed twice")
		all = append(all, m)
	}
	return all
}

// checkNames returns the names in lower case, as browsers send them.
func checkNames(f *conf.Faults, field string, names []string, credentials bool, forbidden []string) []string {
	var all []string
	for i, n := range names {
		at, lower := fmt.Sprintf("%s[%d]", field, i), strings.ToLower(n)
		f.Check(ascii.All(n, ascii.Tchar), at, n, "is no header name")
		f.Check(n != "*" || !credentials, at, n, "means the header named * when Credentials are allowed: list the names")
		banned := slices.Contains(forbidden, lower) || strings.HasPrefix(lower, "sec-") || strings.HasPrefix(lower, "proxy-")
		f.Check(!banned, at, n, "is forbidden to scripts")
		f.Check(!strings.HasPrefix(lower, "access-control-"), at, n, "belongs to the protocol itself")
		f.Check(!slices.Contains(all, lower), at, n, "is listed twice")
		all = append(all, lower)
	}
	return all
}
