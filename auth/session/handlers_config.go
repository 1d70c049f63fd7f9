package session

import (
	"net/http"
	"strconv"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/internal/conf"
	"github.com/gopalisade/palisade/problem"
)

// HandlersConfig describes [Handlers]. Manager and Login are required.
type HandlersConfig struct {
	_ [0]func() // keyed literals only, never comparable

	Manager *Manager
	// Login says who signs in: it reads the credentials from the request, bounded, and checks them. It may set headers, and
	// must write nothing else. Its error goes to Deny; package login has one for wrong passwords.
	Login  func(w http.ResponseWriter, r *http.Request) (*auth.Principal, error)
	Client func(r *http.Request) string // what a session is bound to (see [Manager.Start]); nothing

	// Cookie is the name of a cookie that carries the refresh token, which then never stands in a body; it must begin with
	// "__Host-". Requests that another site sent are refused with 403 then (see [http.CrossOriginProtection]), except from
	// TrustedOrigins. None: the refresh token stands in JSON, for clients that are not browsers.
	Cookie         string
	SameSite       http.SameSite // of the cookie; Strict
	TrustedOrigins []string      // "https://app.example.com"

	Deny func(w http.ResponseWriter, r *http.Request, err error) // problem.Write
}

// Handlers are the HTTP side of a [Manager]: mount the methods that you need, each under a path of your own. They are safe
// for concurrent use. No answer of theirs may be cached.
type Handlers struct {
	m        *Manager
	login    func(http.ResponseWriter, *http.Request) (*auth.Principal, error)
	client   func(*http.Request) string
	cookie   string
	sameSite http.SameSite
	origins  *http.CrossOriginProtection // nil without a cookie
	deny     func(http.ResponseWriter, *http.Request, error)
}

// NewHandlers returns Handlers, or every fault of cfg joined.
func NewHandlers(cfg HandlersConfig) (*Handlers, error) {
	conf.Default(&cfg.SameSite, http.SameSiteStrictMode)
	f := conf.Faults{Room: "session"}
	f.Check(cfg.Manager != nil, "Manager", nil, "is required")
	f.Check(cfg.Login != nil, "Login", nil, "is required")
	f.Check(cfg.Cookie == "" || isHostCookie(cfg.Cookie), "Cookie", cfg.Cookie, `must be a cookie name that begins with "__Host-"`)
	f.Check(cfg.SameSite == http.SameSiteStrictMode || cfg.SameSite == http.SameSiteLaxMode, "SameSite", int(cfg.SameSite),
		"must be Strict or Lax: None lets any site send the cookie")
	h := &Handlers{
		m: cfg.Manager, login: cfg.Login, client: cfg.Client, cookie: cfg.Cookie, sameSite: cfg.SameSite, deny: cfg.Deny,
	}
	if cfg.Cookie != "" {
		h.origins = http.NewCrossOriginProtection()
	}
	for i, origin := range cfg.TrustedOrigins {
		field := "TrustedOrigins[" + strconv.Itoa(i) + "]"
		f.Check(h.origins != nil, field, origin, "has no effect without a Cookie")
		if h.origins != nil {
			f.Check(h.origins.AddTrustedOrigin(origin) == nil, field, origin, "must be scheme://host[:port]")
		}
	}
	if h.client == nil {
		h.client = func(*http.Request) string { return "" }
	}
	if h.deny == nil {
		h.deny = problem.Write
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	return h, nil
}

func isHostCookie(name string) bool {
	c := http.Cookie{Name: name, Value: "x"}
	return len(name) > len("__Host-") && name[:len("__Host-")] == "__Host-" && c.Valid() == nil
}
