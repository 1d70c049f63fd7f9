package graphql_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/url"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/validate/graphql"
)

func sum(text string) string {
	h := sha256.Sum256([]byte(text))
	return hex.EncodeToString(h[:])
}

// store has documents by any id, or an error for all.
type store struct {
	texts map[string]string
	err   error
}

func (s store) Document(_ context.Context, id string) (string, error) {
	if s.err != nil {
		return "", s.err
	}
	if text, ok := s.texts[id]; ok {
		return text, nil
	}
	return "", graphql.ErrNoDocument
}

const (
	small = "{ me { id } }"
	wide  = "query($n: Int) { me { " +
		"id id id id id id id id id id id id id friends(first: $n) { id } } }" // repeats more than strangers may
)

func TestDocumentStores(t *testing.T) {
	texts := map[string]string{
		"home": small, "wide": wide, "schema": "{ __schema { types { name } } }",
		"loop": "{ me { ...A } } fragment A on User { ...A }",
		"gone": "{ gone }", "quote": "{ at(text: \"\"\"x\"\"\"\") }",
		"empty": "", "latin": "{ me { id } } #\xe9", "broken": "{", sum("forged"): small, sum(small): small,
	}
	prefer := graphql.Config{Documents: store{texts: texts}, MaxDocumentCost: 200}
	only := prefer
	only.OnlyDocuments = true
	apq := func(hash string) string {
		return `"extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + hash + `"}}`
	}
	for _, tc := range []struct {
		name string
		cfg  graphql.Config
		body string
		want string
	}{
		{"by id", prefer, `{"documentId":"home"}`, ""},
		{"by hash as id", prefer, `{"documentId":"sha256:` + sum(small) + `"}`, ""},
		{"by hash", prefer, `{` + apq(sum(small)) + `}`, ""},
		{"by both", prefer, `{"documentId":"` + sum(small) + `",` + apq(sum(small)) + `}`, ""},
		{"by two that differ", prefer, `{"documentId":"home",` + apq(sum(small)) + `}`, "document_mismatch"},
		{"unknown id", prefer, `{"documentId":"nobody"}`, "document_unknown"},
		{"unknown hash", prefer, `{` + apq(sum("x")) + `}`, "PERSISTED_QUERY_NOT_FOUND"},
		{"unknown hash as an id", prefer, `{"documentId":"sha256:` + sum("x") + `"}`, "document_unknown"},
		{"its text, sent again", prefer, `{"query":"{ me { name } }",` + apq(sum("{ me { name } }")) + `}`, ""},
		{"only: unknown hash", only, `{` + apq(sum("x")) + `}`, "document_unknown"},
		{"a block string that ends in a quote", prefer, `{"documentId":"quote"}`, "syntax_error"},
		{"null id", prefer, `{"documentId":null}`, "query_missing"},
		{"id of a number", prefer, `{"documentId":1}`, "malformed_request"},
		{"id of odd characters", prefer, `{"documentId":"' OR 1=1"}`, "malformed_request"},
		{"endless id", prefer, `{"documentId":"` + strings.Repeat("a", 129) + `"}`, "malformed_request"},
		{"hash of capitals", prefer, `{` + apq(strings.ToUpper(sum(small))) + `}`, "malformed_request"},
		{
			"another version", prefer, `{"extensions":{"persistedQuery":{"version":2,"sha256Hash":"` + sum(small) + `"}}}`,
			"malformed_request",
		},
		{
			"more in it", prefer, `{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + sum(small) + `","x":1}}}`,
			"malformed_request",
		},
		{"hash of nothing", prefer, `{"extensions":{"persistedQuery":[]}}`, "malformed_request"},
		{"id and text", prefer, `{"documentId":"home","query":"` + small + `"}`, ""},
		{"id and another text", prefer, `{"documentId":"home","query":"{ me { name } }"}`, "document_mismatch"},
		{"unknown id and text", prefer, `{"documentId":"nobody","query":"` + small + `"}`, "document_unknown"},
		{"hash and text, registered nowhere", prefer, `{"query":"{ me { name } }",` + apq(sum("{ me { name } }")) + `}`, ""},
		{"hash and another text", prefer, `{"query":"{ me { name } }",` + apq(sum(small)) + `}`, "document_mismatch"},
		{"text", prefer, `{"query":"{ me { name } }"}`, ""},
		{"text beyond limits", prefer, `{"query":"` + wide + `"}`, "duplicate_limit"},
		{"trusted beyond limits", prefer, `{"documentId":"wide","variables":{"n":2}}`, ""},
		{"trusted with costly variables", prefer, `{"documentId":"wide","variables":{"n":1000000000}}`, "cost_limit"},
		{"trusted with wrong variables", prefer, `{"documentId":"wide","variables":{"m":2}}`, "variables_invalid"},
		{"trusted introspection", prefer, `{"documentId":"schema"}`, ""},
		{"trusted cycle", prefer, `{"documentId":"loop"}`, "fragment_cycle"},
		{"of another schema", prefer, `{"documentId":"gone"}`, "validation_failed"},
		{"no document in the store", prefer, `{"documentId":"empty"}`, "documents_unavailable"},
		{"invalid UTF-8 in the store", prefer, `{"documentId":"latin"}`, "documents_unavailable"},
		{"no GraphQL in the store", prefer, `{"documentId":"broken"}`, "syntax_error"},
		{"forged in the store", prefer, `{"documentId":"` + sum("forged") + `"}`, "documents_unavailable"},

		{"only: id", only, `{"documentId":"home"}`, ""},
		{"only: known text", only, `{"query":"` + small + `"}`, ""},
		{"only: unknown text", only, `{"query":"{ me { name } }"}`, "document_required"},
		{
			"only: unknown text with its hash", only, `{"query":"{ me { name } }",` + apq(sum("{ me { name } }")) + `}`,
			"document_required",
		},

		{"down", graphql.Config{Documents: store{err: errors.New("no route")}}, `{"documentId":"home"}`, "documents_unavailable"},
		{"down, only", graphql.Config{Documents: store{err: errors.New("no route")}, OnlyDocuments: true}, `{"query":"` +
			small + `"}`, "documents_unavailable"},
		{"down, not asked", graphql.Config{Documents: store{err: errors.New("no route")}}, `{"query":"` + small + `"}`, ""},
		{"no store", graphql.Config{}, `{` + apq(sum(small)) + `}`, "PERSISTED_QUERY_NOT_SUPPORTED"},
		{"a store of hashes", graphql.Config{Documents: graphql.Hashed(small, wide)}, `{"documentId":"sha256:` + sum(small) +
			`"}`, ""},
		{"a store of other hashes", graphql.Config{Documents: graphql.Hashed(wide)}, `{"documentId":"sha256:` + sum(small) +
			`"}`, "document_unknown"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got, _ := check(newGuard(t, tc.cfg), raw(tc.body)); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestDocumentHandedOn(t *testing.T) {
	g := newGuard(t, graphql.Config{Documents: graphql.Hashed(small), GET: true})
	r := raw(`{"documentId":"sha256:` + sum(small) + `"}`)
	got, req := check(g, r)
	data, _ := io.ReadAll(r.Body)
	if got != "" || string(data) != `{"query":"`+small+`"}` || req.Operations[0].DocumentID != sum(small) ||
		req.Operations[0].Text != small {
		t.Errorf("got %q, and %s to read", got, data)
	}
	r = get(url.Values{"documentId": {sum(small)}})
	if got, _ := check(g, r); got != "" || r.URL.Query().Get("query") != small || r.URL.Query().Has("documentId") {
		t.Errorf("got %q, and %s to read", got, r.URL)
	}
	r = get(url.Values{"documentId": {"?"}})
	if got, _ := check(g, r); got != "malformed_request" {
		t.Errorf("got %q", got)
	}
	r = get(url.Values{"extensions": {`{"persistedQuery":1}`}})
	if got, _ := check(g, r); got != "malformed_request" {
		t.Errorf("got %q", got)
	}
}

// A batch has one budget for what is trusted and one for what is not.
func TestDocumentBudget(t *testing.T) {
	g := newGuard(t, graphql.Config{
		Documents: store{texts: map[string]string{"home": small}}, MaxBatch: 10, MaxCost: 4,
		MaxDocumentCost: 6,
	})
	trusted, free := `{"documentId":"home"}`, `{"query":"{ me { id } }"}`
	for _, tc := range []struct {
		name    string
		entries []string
		want    string
	}{
		{"within both", []string{free, free, trusted, trusted, trusted}, ""},
		{"too much trusted", []string{trusted, trusted, trusted, trusted}, "cost_limit"},
		{"too much else", []string{free, free, free}, "cost_limit"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, req := check(g, raw("["+strings.Join(tc.entries, ",")+"]"))
			if got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
			if req != nil && req.Cost != 10 {
				t.Errorf("got cost %d, want all entries'", req.Cost)
			}
		})
	}
}
