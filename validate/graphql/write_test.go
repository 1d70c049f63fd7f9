package graphql_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/problem"
	"github.com/gopalisade/palisade/validate/graphql"
)

func TestRefusalOnTheWire(t *testing.T) {
	const limit = `{"errors":[{"message":"The operation asks for too much.","extensions":{"code":"cost_limit"}}]}`
	const unfit = `{"message":"The document does not fit the schema.",`
	for _, tc := range []struct {
		name     string
		cfg      graphql.Config
		document string
		status   int
		want     string
	}{
		{"limit", graphql.Config{}, "{ users(first: 2000) { id } }", 400, limit},
		{
			"limit told",
			graphql.Config{ExposeLimits: true},
			"{ users(first: 2000) { id } }", 400,
			`{"errors":[{"message":"The operation asks for too much.","extensions":{"code":"cost_limit","limit":1000}}]}`,
		},
		{
			"nothing to tell",
			graphql.Config{ExposeLimits: true},
			"{ __schema { types { name } } }", 400,
			`{"errors":[{"message":"Introspection is not allowed.","extensions":{"code":"introspection_refused"}}]}`,
		},
		{"rules", graphql.Config{}, "{\n  usrs { id } me }", 400, `{"errors":[` + unfit +
			`"locations":[{"line":2,"column":3}],"extensions":{"code":"validation_failed","rule":"FieldsOnCorrectType"}},` + unfit +
			`"locations":[{"line":2,"column":15}],"extensions":{"code":"validation_failed","rule":"ScalarLeafs"}}]}`},
		{"syntax", graphql.Config{}, "{ me { id ?", 400, `{"errors":[{"message":"The document is not GraphQL.",` +
			`"locations":[{"line":1,"column":11}],"extensions":{"code":"syntax_error"}}]}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			newGuard(t, tc.cfg).Wrap(http.NotFoundHandler()).ServeHTTP(w, post(tc.document))
			if w.Code != tc.status || w.Body.String() != tc.want+"\n" {
				t.Errorf("got %d %s, want %d %s", w.Code, w.Body, tc.status, tc.want)
			}
			h := w.Header()
			if h.Get("Content-Type") != "application/json; charset=utf-8" || h.Get("Content-Length") != itoa(w.Body.Len()) ||
				h.Get("Cache-Control") != "no-store" || h.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("got %v", h)
			}
		})
	}
}

func TestViolationsAreBounded(t *testing.T) {
	w := httptest.NewRecorder()
	newGuard(t, graphql.Config{}).Wrap(http.NotFoundHandler()).ServeHTTP(w, post("{"+strings.Repeat(" nm1 nm2 nm3 nm4",
		1)+strings.Join(names(300), " ")+"}"))
	if w.Code != 400 || w.Body.Len() > 2000 || strings.Count(w.Body.String(), "FieldsOnCorrectType") != 8 {
		t.Errorf("got %d with %d bytes: %s", w.Code, w.Body.Len(), w.Body)
	}
}

func names(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = "f" + itoa(i)
	}
	return all
}

func TestAccept(t *testing.T) {
	const graphqlType = "application/graphql-response+json; charset=utf-8"
	const jsonType = "application/json; charset=utf-8"
	for _, tc := range []struct{ name, accept, want string }{
		{"nothing", "", jsonType},
		{"graphql", "application/graphql-response+json", graphqlType},
		{"among others", "text/html, application/json;q=0.9, application/graphql-response+json; charset=utf-8", graphqlType},
		{"refused", "application/graphql-response+json;q=0", jsonType},
		{"less liked", "application/graphql-response+json;q=0.5", graphqlType},
		{"anything", "*/*", jsonType},
		{"html", "text/html", jsonType},
		{"broken", "application/graphql-response+json;;;=", jsonType},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r, w := post("{ x }"), httptest.NewRecorder()
			if tc.accept != "" {
				r.Header.Set("Accept", tc.accept)
			}
			newGuard(t, graphql.Config{}).Wrap(http.NotFoundHandler()).ServeHTTP(w, r)
			if got := graphql.MediaType(r) + "; charset=utf-8"; got != tc.want {
				t.Errorf("for other answers: got %s, want %s", got, tc.want)
			}
			if got := w.Header().Get("Content-Type"); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

// Nothing that the client sent comes back, whatever is wrong with it, nor does a word of the schema.
func TestNoEcho(t *testing.T) {
	g := newGuard(t, graphql.Config{Documents: store{err: errors.New("s3cret")}, MaxBatch: 2})
	for _, body := range []string{
		`{"query":"{ s3cret }"}`,
		`{"query":"{ me { nam s3cret } }"}`,
		`{"query":"{ mee { id } }"}`,
		`{"query":"{ users(frist: 1) { id } }"}`,
		`{"query":"{ mood(of: CALN) }"}`,
		`{"query":"{ me { ... on Usr { id } } }"}`,
		`{"query":"{ me { ...s3cret } }"}`,
		`{"query":"{ me { id } } 's3cret'"}`,
		`{"query":"query s3cret($s3cret: Int!) { users(first: $s3cret) { id } }"}`,
		`{"query":"query($n: Int) { users(first: $n) { id } }","variables":{"n":"s3cret"}}`,
		`{"query":"query($n: Int) { users(first: $n) { id } }","variables":{"s3cret":1}}`,
		`{"query":"{ me { id } }","operationName":"s3cret"}`,
		`{"query":"{ me { id } }","s3cret":1}`,
		`{"documentId":"s3cret"}`,
		`{"s3cret`,
		`[{"s3cret":1}]`,
	} {
		for name, write := range map[string]func(http.ResponseWriter, *http.Request, error){
			"graphql": graphql.Write,
			"problem": problem.Write,
		} {
			_, err := g.Check(raw(body))
			if err == nil {
				t.Fatalf("%s: passed", body)
			}
			w := httptest.NewRecorder()
			write(w, raw(""), err)
			for _, word := range []string{"s3cret", "Did you mean", "name", "CALM", "first"} {
				if strings.Contains(w.Body.String(), word) {
					t.Errorf("%s by %s: %s", body, name, w.Body)
				}
				if word == "s3cret" && !strings.Contains(body, "documentId") && strings.Contains(err.Error(), word) {
					t.Errorf("%s for the log: %v", body, err)
				}
			}
		}
	}
}

func TestProblem(t *testing.T) {
	g := newGuard(t, graphql.Config{Documents: store{err: errors.New("down")}})
	_, err := g.Check(raw(`{"documentId":"x"}`))
	if !errors.Is(err,
		graphql.ErrUnavailable) || err.Error() != "graphql: trusted documents out of reach: documents_unavailable: down" {
		t.Errorf("got %v", err)
	}
	for name, write := range map[string]func(http.ResponseWriter, *http.Request, error){
		"graphql": graphql.Write,
		"problem": problem.Write,
	} {
		w := httptest.NewRecorder()
		write(w, raw(""), err)
		if w.Code != 503 || w.Header().Get("Retry-After") != "5" || !strings.Contains(w.Body.String(), `"documents_unavailable"`) {
			t.Errorf("%s: got %d %v %s", name, w.Code, w.Header(), w.Body)
		}
	}
	_, err = g.Check(post("{ x }"))
	if want := "graphql: document or variables not valid: validation_failed FieldsOnCorrectType@1:3"; err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// The rules that are broken, and where, are told in both forms.
func TestProblemTellsViolations(t *testing.T) {
	for document, want := range map[string]string{
		"{\n x }": `"errors":[{"code":"FieldsOnCorrectType","params":{"column":2,"line":2}}]`,
		"{ me ?":  `"errors":[{"code":"Syntax","params":{"column":6,"line":1}}]`,
	} {
		_, err := newGuard(t, graphql.Config{}).Check(post(document))
		w := httptest.NewRecorder()
		problem.Write(w, raw(""), err)
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("got %s, want %s in it", w.Body, want)
		}
	}
}

func TestWriteOtherErrors(t *testing.T) {
	for _, tc := range []struct {
		name   string
		err    error
		status int
		body   string
		header string
	}{
		{
			"any", errors.New("s3cret"), 500,
			`{"errors":[{"message":"The server could not answer.","extensions":{"code":"internal_server_error"}}]}`, "",
		},
		{
			"a problem", &problem.Problem{Status: 418, Code: "tea"}, 418,
			`{"errors":[{"message":"I'm a teapot","extensions":{"code":"tea"}}]}`, "",
		},
		{
			"unauthorised", &problem.Problem{Status: 401, Challenges: []string{"Bearer"}}, 401,
			`{"errors":[{"message":"Valid credentials are required.","extensions":{"code":"unauthorized"}}]}`, "Www-Authenticate",
		},
		{
			"wait", &problem.Problem{Status: 429, RetryAfter: 1500 * time.Millisecond}, 429,
			`{"errors":[{"message":"Too many requests. Wait before trying again.","extensions":{"code":"too_many_requests"}}]}`,
			"Retry-After",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			w.Header().Set("Content-Encoding", "gzip")
			graphql.Write(w, raw(""), tc.err)
			if got := w.Header().Get("Retry-After"); tc.status == 429 && got != "2" || w.Header().Get("Content-Encoding") != "" {
				t.Errorf("got Retry-After %s, and headers of another answer", got)
			}
			if w.Code != tc.status || w.Body.String() != tc.body+"\n" || tc.header != "" && w.Header().Get(tc.header) == "" {
				t.Errorf("got %d %v %s", w.Code, w.Header(), w.Body)
			}
		})
	}
}

func TestHashed(t *testing.T) {
	if _, err := graphql.Hashed(small).Document(context.Background(), "x"); !errors.Is(err, graphql.ErrNoDocument) {
		t.Errorf("got %v", err)
	}
}
