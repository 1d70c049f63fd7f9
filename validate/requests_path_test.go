package validate_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/validate"
)

type itemPath struct {
	ID string `path:"id"`
}

type tailPath struct {
	ID   int    `path:"id" validate:"min=1"`
	Rest string `path:"rest,slash" validate:"max=20"`
}

type pairPath struct {
	A string `path:"a" validate:"max=5"`
	B string `path:"b"`
}

type typedPath struct {
	At   time.Time `path:"at"`
	Slug *string   `path:"slug" validate:"slug"`
}

// routed serves a path by the standard mux, and by a router that hands out pieces of the path as the client escaped them,
// as routers do that match on URL.RawPath where there is one.
func routed(t testing.TB, target string, h http.Handler) (std, raw *httptest.ResponseRecorder) {
	t.Helper()
	u, err := url.ParseRequestURI(target)
	if err != nil {
		t.Fatal(err)
	}
	request := func() *http.Request {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		clone := *u
		r.URL, r.RequestURI = &clone, target
		return r
	}
	std, raw = httptest.NewRecorder(), httptest.NewRecorder()
	mux := http.NewServeMux()
	for _, pattern := range patterns {
		mux.Handle(pattern, h)
	}
	mux.ServeHTTP(std, request())
	rawRouter{h}.ServeHTTP(raw, request())
	return std, raw
}

var patterns = []string{"/i/{id}", "/t/{id}/{rest...}", "/p/{a}/x/{b}", "/y/{at}/{slug}"}

type rawRouter struct{ h http.Handler }

func (rr rawRouter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.RawPath
	if path == "" {
		path = r.URL.Path
	}
	for _, pattern := range patterns {
		if match(r, strings.Split(pattern[1:], "/"), strings.Split(path[1:], "/")) {
			rr.h.ServeHTTP(w, r)
			return
		}
	}
	http.NotFound(w, r)
}

func match(r *http.Request, pattern, path []string) bool {
	for i, p := range pattern {
		name := strings.Trim(p, "{}.")
		switch {
		case strings.HasSuffix(p, "...}"):
			r.SetPathValue(name, strings.Join(path[min(i, len(path)):], "/"))
			return len(path) >= i
		case i >= len(path) || path[i] == "":
			return false
		case p[0] == '{':
			r.SetPathValue(name, path[i])
		case p != path[i]:
			return false
		}
	}
	return len(pattern) == len(path)
}

// pathHandler answers 200 with what was bound, or the refusal.
func pathHandler(t testing.TB) http.Handler {
	item, tail := mustNew[itemPath](t, validate.Config{}), mustNew[tailPath](t, validate.Config{})
	pair, typed := mustNew[pairPath](t, validate.Config{}), mustNew[typedPath](t, validate.Config{})
	echo := func(w http.ResponseWriter, parts ...string) { _, _ = w.Write([]byte(strings.Join(parts, "|"))) }
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var h http.Handler
		switch r.URL.Path[1] {
		case 'i':
			h = item.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				v, _ := validate.From[itemPath](r.Context())
				echo(w, v.ID)
			}))
		case 't':
			h = tail.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				v, _ := validate.From[tailPath](r.Context())
				echo(w, string(rune('0'+v.ID)), v.Rest)
			}))
		case 'p':
			h = pair.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				v, _ := validate.From[pairPath](r.Context())
				echo(w, v.A, v.B)
			}))
		default:
			h = typed.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				v, _ := validate.From[typedPath](r.Context())
				echo(w, v.At.Format(time.DateOnly), *v.Slug)
			}))
		}
		h.ServeHTTP(w, r)
	})
}

func TestPaths(t *testing.T) {
	const bad, unfit = "400", "422"
	h := pathHandler(t)
	for _, tc := range []struct{ name, target, want string }{
		{"plain", "/i/abc", "abc"},
		{"escaped letter", "/i/%61bc", "abc"},
		{"escaped percent", "/i/%2561", "%61"},
		{"escaped percent beside an escaped slash", "/p/%2561/x/b%2Fc", bad},
		{"escaped twice", "/i/%252561", "%2561"},
		{"escaped percent beside a needless escape", "/p/%2562/x/%61", "%62|a"},
		{"both readings possible", "/p/%61/x/%2561", bad},
		{"escaped space", "/i/a%20b", "a b"},
		{"plus is a plus", "/i/a+b", "a+b"},
		{"escaped UTF-8", "/i/%C3%A9", "é"},
		{"semicolon", "/i/a;v=1", "a;v=1"},
		{"escaped semicolon", "/i/a%3Bv", "a;v"},
		{"escaped colon", "/i/%3A", ":"},
		{"escaped slash", "/i/a%2Fb", bad},
		{"escaped backslash", "/i/a%5Cb", `a\b`},
		{"percent-slash escaped twice", "/i/a%252Fb", "a%2Fb"},
		{"dots with an escaped slash", "/i/..%2f", bad},
		{"escaped dots", "/i/%2e%2e", bad},
		{"escaped dot", "/i/%2e", bad},
		{"three dots", "/i/...", "..."},
		{"NUL", "/i/hunter2%00", bad},
		{"line feed", "/i/hunter2%0a", bad},
		{"DEL", "/i/%7f", bad},
		{"UTF-8 that is none", "/i/hunter2%ff", bad},
		{"overlong", "/i/%c0%af", bad},
		{"too long for its rule", "/p/hunter2/x/b", unfit},
		{"4096 bytes", "/i/" + strings.Repeat("a", 4096), strings.Repeat("a", 4096)},
		{"4097 bytes", "/i/" + strings.Repeat("a", 4097), unfit},
		{"no number", "/t/hunter2/a", unfit},
		{"number with a plus", "/t/+5/a", unfit},
		{"number in an escape", "/t/%35/a", "5|a"},
		{"zero", "/t/0/a", unfit},
		{"tail", "/t/5/a/b/c", "5|a/b/c"},
		{"empty tail", "/t/5/", "5|"},
		{"tail with an escaped slash", "/t/5/a%2Fb/c", "5|a/b/c"},
		{"tail with escaped dots", "/t/5/a/%2e%2e/b", bad},
		{"tail with dots and an escaped slash", "/t/5/..%2fb", bad},
		{"tail with an escape and an escaped percent", "/t/5/%61/%2562", "5|a/%62"},
		{"tail too long", "/t/5/" + strings.Repeat("a/", 20), unfit},
		{"tail of 70 segments", "/t/5/" + strings.Repeat("%61/", 70), unfit},
		{"time and slug", "/y/2024-02-29T00:00:00Z/a-b", "2024-02-29|a-b"},
		{"time with escaped colons", "/y/2024-02-29T00%3A00%3A00Z/a-b", "2024-02-29|a-b"},
		{"30 February", "/y/2024-02-30T00:00:00Z/a-b", unfit},
		{"no slug", "/y/2024-02-29T00:00:00Z/hunter2%20", unfit},
	} {
		t.Run(tc.name, func(t *testing.T) {
			std, raw := routed(t, tc.target, h)
			for name, w := range map[string]*httptest.ResponseRecorder{"mux": std, "raw": raw} {
				got := w.Body.String()
				if w.Code != http.StatusOK {
					got = http.StatusText(w.Code)
					switch w.Code {
					case http.StatusBadRequest:
						got = bad
					case http.StatusUnprocessableEntity:
						got = unfit
					}
					if strings.Contains(w.Body.String(), marker) || w.Body.Len() >= maxAnswer {
						t.Errorf("%s: the answer repeats what was sent, or is long: %s", name, w.Body)
					}
				}
				if got != tc.want {
					t.Errorf("%s: got %q, want %q", name, got, tc.want)
				}
			}
		})
	}
}

// A schema on a route without its wildcard is the server's mistake, and no client's.
func TestPathMissing(t *testing.T) {
	s := mustNew[itemPath](t, validate.Config{})
	a := serve(t, s, getRequest("/i"))
	if a.status != http.StatusInternalServerError || len(a.events) != 0 || a.problem.Code != "internal_server_error" {
		t.Errorf("got %s and %d events, want a plain 500 and none", a, len(a.events))
	}
}
