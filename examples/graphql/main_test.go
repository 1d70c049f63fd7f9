package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func send(h http.Handler, bearer, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "/graphql", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// TestDocComment runs the requests of the doc comment.
func TestDocComment(t *testing.T) {
	source, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	h, bearer := build()
	lines := regexp.MustCompile(`(?m)^//\task '(.*)' +# (\d+) ?(\w*)$`).FindAllStringSubmatch(string(source), -1)
	if want := strings.Count(string(source), "//\task '"); len(lines) != want || want < 8 {
		t.Fatalf("%d requests of %d are readable", len(lines), want)
	}
	for _, line := range lines {
		w := send(h, bearer, line[1])
		got := w.Body.String()
		code := line[3] == "" && !strings.Contains(got, `"errors"`) || line[3] != "" && strings.Contains(got, `"code":"`+line[3]+`"`)
		if strconv.Itoa(w.Code) != line[2] || !code {
			t.Errorf("%s: got %d %s, want %s %s", line[1], w.Code, got, line[2], line[3])
		}
	}
}

func TestHostile(t *testing.T) {
	document := func(text string) string {
		b, _ := json.Marshal(map[string]string{"query": text})
		return string(b)
	}
	nest := func(levels int, within string) string {
		b := strings.Builder{}
		for i := range levels {
			next := "...F" + strconv.Itoa(i+1)
			b.WriteString("fragment F" + strconv.Itoa(i) + " on User {" + strings.ReplaceAll(within, "NEXT", next) + "}\n")
		}
		return document("{ me { ...F0 } }\n" + b.String() + "fragment F" + strconv.Itoa(levels) + " on User { id }")
	}
	var aliases strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&aliases, "a%d: __typename ", i)
	}
	h, bearer := build()
	for _, tc := range []struct {
		name, body, code string
		status           int
	}{
		{"fragments, 100 levels", nest(100, "orders(first: 1) { user { NEXT NEXT } }"), "token_limit", 400},
		{"fragments, 20 levels", nest(20, "orders(first: 1) { user { NEXT } }"), "depth_limit", 400},
		{"fragments that double, 20 levels", nest(20, "NEXT NEXT"), "duplicate_limit", 400},
		{"fragments in two lists, 3 levels", nest(3, "a: orders { user { NEXT } } orders { user { NEXT } }"), "cost_limit", 400},
		{"1000 aliases", document("{" + aliases.String() + "}"), "token_limit", 400},
		{"100 aliases", document("{" + aliases.String()[:strings.Index(aliases.String(), "a100:")] + "}"), "duplicate_limit", 400},
		{"a name of 30 KB", document("{ me { " + strings.Repeat("x", 30_000) + " } }"), "validation_failed", 400},
		{"a field 10 000 times", document("{ me { " + strings.Repeat("id ", 10_000) + " } }"), "token_limit", 400},
		{"a field 100 times", document("{ me { " + strings.Repeat("id ", 100) + " } }"), "duplicate_limit", 400},
		{"the schema", document("{ __schema { types { fields { type { fields { name } } } } } }"), "introspection_refused", 400},
		{
			"a batch of 1000", "[" + strings.Repeat(document("{ me { id } }")+",", 999) + document("{ me { id } }") + "]",
			"batch_refused", 400,
		},
		{"100 KB", document("{ me { id } } #" + strings.Repeat("x", 100_000)), "body_too_large", 413},
	} {
		w := send(h, bearer, tc.body)
		if w.Code != tc.status || !strings.Contains(w.Body.String(), `"code":"`+tc.code+`"`) || w.Body.Len() > 2000 {
			t.Errorf("%s: got %d %.300s, want %d %s", tc.name, w.Code, w.Body, tc.status, tc.code)
		}
	}
	if w := send(h, "", document("{ me { id } }")); w.Code != 401 || w.Header().Get("Www-Authenticate") == "" {
		t.Errorf("without a token: got %d %v", w.Code, w.Header())
	}
}

// TestCosts spends the budget: documents are charged what they ask for, not one each.
func TestCosts(t *testing.T) {
	h, bearer := build()
	for _, query := range []string{"{ me { orders(first: 100) { user { id } } } }", "{ me { id } }"} {
		passed := 0
		for range 40 {
			switch w := send(h, bearer, `{"query":"`+query+`"}`); w.Code {
			case http.StatusOK:
				passed++
			case http.StatusTooManyRequests:
				if w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), `"errors"`) {
					t.Fatalf("got %v %s", w.Header(), w.Body)
				}
			default:
				t.Fatalf("got %d %s", w.Code, w.Body)
			}
		}
		if dear := strings.Contains(query, "100"); dear && (passed < 24 || passed > 30) || !dear && passed != 40 {
			t.Errorf("%s: %d of 40 passed", query, passed)
		}
		h, bearer = build() // a budget of its own
	}
}
