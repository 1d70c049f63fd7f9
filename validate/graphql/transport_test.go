package graphql_test

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/validate/graphql"
)

func TestPost(t *testing.T) {
	g := newGuard(t, graphql.Config{})
	const body = `{"query":"{ me { id } }"}`
	for _, tc := range []struct {
		name, method, target string
		header               http.Header
		want                 string
		status               int
	}{
		{"json", "POST", "/", http.Header{"Content-Type": {"application/json"}}, "", 0},
		{"other case", "POST", "/", http.Header{"Content-Type": {"APPLICATION/JSON; Charset=UTF-8"}}, "", 0},
		{"no type", "POST", "/", http.Header{}, "unsupported_media_type", 415},
		{"two types", "POST", "/", http.Header{"Content-Type": {"application/json", "text/plain"}}, "unsupported_media_type", 415},
		{"plain text", "POST", "/", http.Header{"Content-Type": {"text/plain"}}, "unsupported_media_type", 415},
		{
			"plain text that names JSON", "POST", "/",
			http.Header{"Content-Type": {"text/plain; application/json"}},
			"unsupported_media_type", 415,
		},
		{"form", "POST", "/", http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, "unsupported_media_type", 415},
		{"multipart", "POST", "/", http.Header{"Content-Type": {"multipart/form-data; boundary=x"}}, "unsupported_media_type", 415},
		{"graphql", "POST", "/", http.Header{"Content-Type": {"application/graphql"}}, "unsupported_media_type", 415},
		{"almost json", "POST", "/", http.Header{"Content-Type": {"application/jsonx"}}, "unsupported_media_type", 415},
		{"suffix", "POST", "/", http.Header{"Content-Type": {"application/ld+json"}}, "unsupported_media_type", 415},
		{"utf-16", "POST", "/", http.Header{"Content-Type": {"application/json; charset=utf-16"}}, "unsupported_media_type", 415},
		{"a parameter", "POST", "/", http.Header{"Content-Type": {"application/json; profile=x"}}, "unsupported_media_type", 415},
		{
			"gzip", "POST", "/",
			http.Header{"Content-Type": {"application/json"}, "Content-Encoding": {"gzip"}},
			"unsupported_encoding", 415,
		},
		{"a query in the URL too", "POST", "/?query=%7Bme%7Bid%7D%7D", http.Header{"Content-Type": {"application/json"}}, "", 0},
		{
			"upgrade", "POST", "/",
			http.Header{"Content-Type": {"application/json"}, "Connection": {"Upgrade"}, "Upgrade": {"h2c"}},
			"upgrade_refused", 400,
		},
		{"upgrade of nothing", "POST", "/", http.Header{"Upgrade": {""}}, "upgrade_refused", 400},
		{"upgrade by another method", "PUT", "/", http.Header{"Upgrade": {"websocket"}}, "upgrade_refused", 400},
		{"GET", "GET", "/?query=%7Bme%7Bid%7D%7D", nil, "method_not_allowed", 405},
		{"PUT", "PUT", "/", http.Header{"Content-Type": {"application/json"}}, "method_not_allowed", 405},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := httptest.NewRequest(tc.method, tc.target, strings.NewReader(body))
			r.Header = tc.header
			_, err := g.Check(r)
			if code(err) != tc.want {
				t.Fatalf("got %q, want %q", code(err), tc.want)
			}
			if e, ok := errors.AsType[*graphql.Error](err); ok && e.HTTPStatus() != tc.status {
				t.Errorf("got status %d, want %d", e.HTTPStatus(), tc.status)
			}
		})
	}
}

// What nobody checked does not reach the server, whatever it is called.
func TestPostURL(t *testing.T) {
	g := newGuard(t, graphql.Config{})
	for _, query := range []string{
		"query=x", "variables[n]=1", "%20query=x", "query[]=x", "query%00=x", "operations=x&map=y", "operation_name=x",
		"a=%zz", "op=me", "",
	} {
		r := raw(`{"query":"{ me { id } }"}`)
		r.URL.RawQuery, r.RequestURI = query, "/graphql?"+query
		r.Form, r.PostForm = url.Values{"query": {"x"}}, url.Values{"query": {"x"}}
		shared := r.URL
		got, _ := check(g, r)
		if got != "" || r.URL.String() != "/graphql" || r.RequestURI != "/graphql" || r.FormValue("query") != "" {
			t.Errorf("%s: got %q, and %s to read", query, got, r.RequestURI)
		}
		if shared.RawQuery != query {
			t.Errorf("%s: a URL that others share was changed", query)
		}
	}
}

// The upload extension's map would let a form choose where in the variables its files go.
func TestMultipartMap(t *testing.T) {
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for _, f := range [][2]string{{"operations", `{"query":"{ me { id } }"}`}, {"map", `{"0":["variables.__proto__"]}`}} {
		if err := m.WriteField(f[0], f[1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("POST", "/", &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	if got, _ := check(newGuard(t, graphql.Config{}), r); got != "unsupported_media_type" {
		t.Errorf("got %q", got)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
func (f failing) Close() error             { return nil }

func TestBody(t *testing.T) {
	const body = `{"query":"{ me { id } }"}`
	g := newGuard(t, graphql.Config{MaxBytes: len(body)})
	for _, tc := range []struct {
		name   string
		body   io.Reader
		length int64
		want   string
	}{
		{"at the limit", strings.NewReader(body), int64(len(body)), ""},
		{"at the limit without a length", strings.NewReader(body), -1, ""},
		{"above, announced", failing{errors.New("must not be read")}, int64(len(body)) + 1, "body_too_large"},
		{"above, not announced", strings.NewReader(body + " "), -1, "body_too_large"},
		{"above, by an outer limit", http.MaxBytesReader(nil, io.NopCloser(strings.NewReader(body)), 3), -1, "body_too_large"},
		{"broken", failing{io.ErrUnexpectedEOF}, -1, "body_unreadable"},
		{"empty", strings.NewReader(""), 0, "malformed_request"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := httptest.NewRequest("POST", "/", tc.body)
			r.Header.Set("Content-Type", "application/json")
			r.ContentLength = tc.length
			if got, _ := check(g, r); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
	r := raw("")
	r.Body = nil
	if got, _ := check(g, r); got != "malformed_request" {
		t.Errorf("got %q without a body", got)
	}
	r = raw(body)
	r.Body = failing{io.ErrUnexpectedEOF}
	if _, err := g.Check(r); !errors.Is(err, io.ErrUnexpectedEOF) || !errors.Is(err, graphql.ErrMalformed) {
		t.Errorf("got %v, want the cause for the log", err)
	}
}

func get(values url.Values) *http.Request {
	r := httptest.NewRequest("GET", "/graphql?"+values.Encode(), nil)
	r.Header.Set("GraphQL-Require-Preflight", "1")
	return r
}

func TestGet(t *testing.T) {
	g := newGuard(t, graphql.Config{GET: true, MaxBytes: 2000})
	q := func(pairs ...string) url.Values {
		v := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			v.Add(pairs[i], pairs[i+1])
		}
		return v
	}
	with := func(change func(r *http.Request)) *http.Request {
		r := get(q("query", "{ me { id } }"))
		change(r)
		return r
	}
	const doc = "query A($n: Int) { me { friends(first: $n) { id } } }"
	for _, tc := range []struct {
		name    string
		request *http.Request
		want    string
	}{
		{"query", get(q("query", "{ me { id } }")), ""},
		{"all", get(q("query", doc, "operationName", "A", "variables", `{"n": 1}`, "extensions", `{"client":{"name":"x"}}`)), ""},
		{"large variable", get(q("query", doc, "variables", `{"n": 1000000000}`)), "cost_limit"},
		{"mutation", get(q("query", `mutation { login(name: "a", secret: "b") }`)), "query_only"},
		{"mutation beside a query", get(q("query", `query A { me { id } } mutation B { rename(id: 1, name: "x") { id } }`,
			"operationName", "B")), "query_only"},
		{"subscription", get(q("query", `subscription { ticks }`)), "query_only"},
		{"introspection", get(q("query", "{ __schema { types { name } } }")), "introspection_refused"},
		{"no query", get(q()), "query_missing"},
		{"two queries", get(q("query", "{ me { id } }", "query", "{ me { name } }")), "duplicate_member"},
		{"unknown parameter", get(q("query", "{ me { id } }", "Query", "x")), "unknown_member"},
		{"no documents here", get(q("documentId", "x")), "unknown_member"},
		{"broken variables", get(q("query", doc, "variables", `{"n": }`)), "malformed_request"},
		{"trailing variables", get(q("query", doc, "variables", `{"n": 1} 2`)), "malformed_request"},
		{"invalid UTF-8", get(q("query", "{ me { id } } #\xff")), "malformed_request"},
		{"invalid name", get(q("query", "{ me { id } }", "operationName", "\xff")), "malformed_request"},
		{"a semicolon", with(func(r *http.Request) { r.URL.RawQuery += ";a=b" }), "malformed_request"},
		{"no preflight", with(func(r *http.Request) { r.Header.Del("GraphQL-Require-Preflight") }), "preflight_required"},
		{"upgrade", with(func(r *http.Request) { r.Header.Set("Upgrade", "websocket") }), "upgrade_refused"},
		{"a body", with(func(r *http.Request) { r.ContentLength = 5 }), "malformed_request"},
		{"too long", with(func(r *http.Request) { r.URL.RawQuery += strings.Repeat("+", 2000) }), "body_too_large"},
		{"HEAD", with(func(r *http.Request) { r.Method = "HEAD" }), "method_not_allowed"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			before := *tc.request.URL
			shared := tc.request.URL
			got, req := check(g, tc.request)
			if got != tc.want {
				t.Fatalf("got %q, want %q", got, tc.want)
			}
			if req == nil {
				return
			}
			after := tc.request.URL.Query()
			for name, values := range before.Query() {
				if strings.ReplaceAll(after.Get(name), " ", "") != strings.ReplaceAll(values[0], " ", "") {
					t.Errorf("%s is %q, was %q", name, after.Get(name), values[0])
				}
			}
			if *shared != before || tc.request.RequestURI != tc.request.URL.RequestURI() {
				t.Error("a URL that others share was changed, or the request line was not")
			}
		})
	}
}

func TestGetAnswersAllow(t *testing.T) {
	for allow, g := range map[string]*graphql.Guard{
		"POST":      newGuard(t, graphql.Config{}),
		"GET, POST": newGuard(t, graphql.Config{GET: true}),
	} {
		w := httptest.NewRecorder()
		g.Wrap(http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequest("DELETE", "/", nil))
		if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != allow {
			t.Errorf("got %d with Allow %q, want %q", w.Code, w.Header().Get("Allow"), allow)
		}
	}
}

func TestEnvelope(t *testing.T) {
	const q = `"query":"query($a: Big) { at(when: $a) }"`
	nested := func(n int) string { return strings.Repeat(`[`, n) + strings.Repeat(`]`, n) }
	for _, tc := range []struct{ name, body, want string }{
		{"all members", `{` + q + `,"operationName":null,"variables":{"a":[1,true,null,"x",{}]},"extensions":{"a":1}}`, ""},
		{"nulls", `{` + q + `,"operationName":null,"variables":null,"extensions":null}`, ""},
		{"space around", " \n{" + q + "}\r\n\t", ""},
		{"unknown member", `{` + q + `,"debug":true}`, "unknown_member"},
		{"another case", `{` + q + `,"Query":"{ me { id } }"}`, "unknown_member"},
		{"a document's id", `{` + q + `,"documentId":"x"}`, "unknown_member"},
		{"twice", `{` + q + `,` + q + `}`, "duplicate_member"},
		{"twice by an escape", `{` + q + `,"quer\u0079":"{ me { id } }"}`, "duplicate_member"},
		{"variable twice", `{` + q + `,"variables":{"a":1,"a":2}}`, "duplicate_member"},
		{"twice deep inside", `{` + q + `,"variables":{"a":[{"b":{"c":1,"c":2}}]}}`, "duplicate_member"},
		{"extension twice", `{` + q + `,"extensions":{"a":1,"a":2}}`, "duplicate_member"},
		{"depth 10", `{` + q + `,"variables":{"a":` + nested(9) + `}}`, ""},
		{"depth 11", `{` + q + `,"variables":{"a":` + nested(10) + `}}`, "value_depth_limit"},
		{"deep extension", `{` + q + `,"extensions":{"a":` + nested(11) + `}}`, "value_depth_limit"},
		{"deep object", `{` + q + `,"variables":` + strings.Repeat(`{"a":`, 11) + `1` + strings.Repeat(`}`, 12), "value_depth_limit"},
		{"9999 arrays", `{` + q + `,"variables":` + nested(9999) + `}`, "value_depth_limit"},
		{"NaN", `{` + q + `,"variables":{"a":NaN}}`, "malformed_request"},
		{"Infinity", `{` + q + `,"variables":{"a":-Infinity}}`, "malformed_request"},
		{"a number too large for floats", `{` + q + `,"variables":{"a":1e999}}`, ""},
		{"trailing brace", `{` + q + `}}`, "malformed_request"},
		{"two requests", `{` + q + `}{` + q + `}`, "malformed_request"},
		{"trailing NUL", `{` + q + "}\x00", "malformed_request"},
		{"BOM", "\ufeff{" + q + `}`, "malformed_request"},
		{"invalid UTF-8", `{` + q + `,"variables":{"a":"` + "\xff" + `"}}`, "malformed_request"},
		{"a persisted query in another case", `{` + q + `,"extensions":{"PersistedQuery":{}}}`, "unknown_member"},
		{"a persisted query in other letters", `{` + q + `,"extensions":{"per\u017fistedQuery":null}}`, "unknown_member"},
		{"half a surrogate pair", `{` + q + `,"variables":{"a":"\ud800"}}`, "malformed_request"},
		{"comment", `{` + q + `/**/}`, "malformed_request"},
		{"trailing comma", `{` + q + `,}`, "malformed_request"},
		{"query of a number", `{"query":1}`, "malformed_request"},
		{"query of null", `{"query":null}`, "query_missing"},
		{"query of nothing", `{"query":""}`, "query_missing"},
		{"variables of a list", `{` + q + `,"variables":[]}`, "malformed_request"},
		{"variables of text", `{` + q + `,"variables":"{}"}`, "malformed_request"},
		{"extensions of a list", `{` + q + `,"extensions":[]}`, "malformed_request"},
		{"no comma", `{` + q + `,"variables":{"a":[[1] [2]]}}`, "malformed_request"},
		{"a colon for a comma", `{` + q + `,"variables":{"a":[1:[2]]}}`, "malformed_request"},
		{"cut in a name", `{"quer`, "malformed_request"},
		{"cut in extensions", `{` + q + `,"extensions":{"a":`, "malformed_request"},
		{"cut in a list", `{` + q + `,"variables":{"a":[1,`, "malformed_request"},
		{"cut null", `{` + q + `,"extensions":nul`, "malformed_request"},
		{"cut id", `{"query":`, "malformed_request"},
		{"text", `"{ me { id } }"`, "malformed_request"},
		{"null", `null`, "malformed_request"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got, _ := check(newGuard(t, graphql.Config{}), raw(tc.body)); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestExtensionsHandedOn(t *testing.T) {
	const q = "{ me { id } }"
	hash := `{"version":1,"sha256Hash":"` + sum(q) + `"}`
	for _, tc := range []struct{ name, extensions, want string }{
		{"another", `{ "client" : {"name":"x"}}`, `{"client":{"name":"x"}}`},
		{"persisted", `{"persistedQuery":` + hash + `}`, ``},
		{"persisted first", `{"persistedQuery":` + hash + `,"a":1,"b":[2 ]}`, `{"a":1,"b":[2 ]}`},
		{"persisted between", `{"a":1,"persistedQuery":` + hash + `,"b\u0022":2}`, `{"a":1,"b\"":2}`},
		{"persisted null", `{"persistedQuery":null}`, ``},
		{"empty", `{}`, ``},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := post(q, "extensions", tc.extensions)
			if got, _ := check(newGuard(t, graphql.Config{}), r); got != "" {
				t.Fatalf("got %q", got)
			}
			data, _ := io.ReadAll(r.Body)
			want := `{"query":"` + q + `"}`
			if tc.want != "" {
				want = `{"query":"` + q + `","extensions":` + tc.want + `}`
			}
			if string(data) != want {
				t.Errorf("got %s, want %s", data, want)
			}
		})
	}
}
