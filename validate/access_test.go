package validate_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/crypto/secret"
	"github.com/gopalisade/palisade/rbac"
	"github.com/gopalisade/palisade/validate"
)

// can asks package rbac, as an application does.
func can(t testing.TB) func(context.Context, string) bool {
	model, err := rbac.New(rbac.Config{
		Permissions: []string{"users:admin", "users:pay", "users:see"},
		Roles: map[string]rbac.Role{
			"admin": {Allow: []string{"users:*"}}, "payroll": {Allow: []string{"users:pay"}}, "clerk": {Allow: []string{"users:see"}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return func(ctx context.Context, permission string) bool {
		p, _ := auth.From(ctx)
		return model.Can(p, permission)
	}
}

// as makes r the request of somebody with the role; of nobody, where there is none.
func roleContext(ctx context.Context, role string) context.Context {
	if role == "" {
		return ctx
	}
	return auth.WithPrincipal(ctx, &auth.Principal{ID: "p", Roles: []string{role}})
}

type userInput struct {
	Name   string               `json:"name"   validate:"required"`
	Role   string               `json:"role"   access:"write=users:admin" default:"user" validate:"oneof=user staff admin"`
	Salary int                  `json:"salary" access:"write=users:pay,users:admin" validate:"required,min=1"`
	Never  string               `json:"never"  access:"write=-"`
	Level  validate.Opt[int]    `json:"level"  access:"write=users:pay"`
	Notes  []noteInput          `json:"notes"`
	Grade  int                  `json:"grade"  access:"write=users:pay" validate:"gtefield=Least"`
	Least  int                  `json:"least"  default:"0"`
	ByID   map[string]noteInput `json:"byid"`
}

type noteInput struct {
	Text   string `json:"text"`
	Pinned bool   `json:"pinned" access:"write=users:admin" validate:"required"`
}

func TestAccessIn(t *testing.T) {
	s := mustNew[userInput](t, validate.Config{Can: can(t)})
	open := mustNew[userInput](t, validate.Config{Can: can(t), AllowUnknown: true})
	for _, tc := range []struct{ name, role, body, want string }{
		{"nobody, nothing forbidden", "", `{"name":"a"}`, ""},
		{"nobody writes the role", "", `{"name":"a","role":"admin"}`, "body /role unknown"},
		{"nobody writes the role twice", "", `{"name":"a","role":"admin","role":"x"}`, "body /role unknown; body /role unknown"},
		{"clerk writes the role by an escape", "clerk", `{"name":"a","rol\u0065":"admin"}`, "body /role unknown"},
		{"clerk need not send what he may not", "clerk", `{"name":"a"}`, ""},
		{"payroll must send the salary", "payroll", `{"name":"a"}`, "body /salary required"},
		{"payroll sends the salary", "payroll", `{"name":"a","salary":5}`, ""},
		{"payroll may not write the role", "payroll", `{"name":"a","salary":5,"role":"staff"}`, "body /role unknown"},
		{"admin by the second permission", "admin", `{"name":"a","salary":5,"role":"admin"}`, ""},
		{"rules hold for who may", "admin", `{"name":"a","salary":0,"role":"hunter2"}`, "body /salary min; body /role oneof"},
		{"nobody's field", "admin", `{"name":"a","salary":5,"never":"x"}`, "body /never unknown"},
		{"Opt", "clerk", `{"name":"a","level":null}`, "body /level unknown"},
		{"in a list", "clerk", `{"name":"a","notes":[{"text":"x"},{"pinned":true}]}`, "body /notes/1/pinned unknown"},
		{"in a map", "clerk", `{"name":"a","byid":{"k":{"pinned":true}}}`, "body /byid/k/pinned unknown"},
		{
			"in a list, required of who may", "admin", `{"name":"a","salary":5,"notes":[{"text":"x"}]}`,
			"body /notes/0/pinned required",
		},
		{"no cross rule for who may not", "clerk", `{"name":"a","least":5}`, ""},
		{"a cross rule for who may", "payroll", `{"name":"a","salary":5,"least":5}`, "body /grade gtefield"},
		{"a role that the model does not know", "root", `{"name":"a","role":"admin"}`, "body /role unknown"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := postJSON(tc.body)
			v, err := s.Bind(r.WithContext(roleContext(r.Context(), tc.role)))
			if faultsOf(err) != tc.want {
				t.Errorf("got %q, want %q", faultsOf(err), tc.want)
			}
			if err == nil && tc.role != "admin" && v.Role != "user" {
				t.Errorf("got the role %q, want the default", v.Role)
			}
			r = postJSON(tc.body) // what is forbidden is not merely unknown
			if err := open.Check(r.WithContext(roleContext(r.Context(), tc.role))); (err == nil) != (tc.want == "") {
				t.Errorf("where unknown is allowed: got %v, want %q", err, tc.want)
			}
		})
	}
	if got := s.Permissions(); !slices.Equal(got, []string{"users:admin", "users:pay"}) {
		t.Errorf("got the permissions %q", got)
	}
	s.Permissions()[0] = "changed"
	if s.Permissions()[0] != "users:admin" {
		t.Error("a caller changed the permissions of the schema")
	}
}

type searchInput struct {
	Q       string   `query:"q"`
	Deleted bool     `query:"deleted" access:"write=users:admin"`
	IDs     []int    `query:"ids"     access:"write=users:pay"`
	Tenant  string   `header:"X-Tenant" access:"write=users:admin" default:"own"`
	Cols    []string `query:"cols,comma" access:"write=-"`
}

func TestAccessInQuery(t *testing.T) {
	s := mustNew[searchInput](t, validate.Config{Can: can(t)})
	lenient := mustNew[searchInput](t, validate.Config{Can: can(t), AllowUnknownQuery: true})
	for _, tc := range []struct{ name, role, query, want string }{
		{"clerk", "clerk", "q=a", ""},
		{
			"clerk, forbidden", "clerk", "q=a&deleted=true&ids=1&ids=2",
			"query deleted unknown; query ids unknown; query ids unknown",
		},
		{"admin", "admin", "q=a&deleted=true&ids=1", ""},
		{"admin, nobody's", "admin", "cols=a,b", "query cols unknown"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, s := range []*validate.Schema[searchInput]{s, lenient} {
				r := getRequest("/?" + tc.query)
				r.Header.Set("X-Tenant", "other")
				v, err := s.Bind(r.WithContext(roleContext(r.Context(), tc.role)))
				if faultsOf(err) != tc.want {
					t.Errorf("got %q, want %q", faultsOf(err), tc.want)
				}
				if want := map[string]string{"admin": "other"}[tc.role]; err == nil && v.Tenant != cmpOr(want, "own") {
					t.Errorf("got the tenant %q of the header", v.Tenant)
				}
			}
		})
	}
}

func cmpOr(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

// Each permission is asked for once a request, and only where a limited field comes up.
func TestAccessAsksOnce(t *testing.T) {
	asked := map[string]int{}
	s := mustNew[userInput](t, validate.Config{Can: func(_ context.Context, p string) bool { asked[p]++; return true }})
	_ = s.Check(postJSON(`{"name":"a","role":"user","salary":5,"notes":[{"pinned":true},{"pinned":true}]}`))
	if fmt.Sprint(asked) != "map[users:admin:1 users:pay:1]" {
		t.Errorf("asked %v, want each once", asked)
	}
}

type userView struct {
	Name   string                   `json:"name"`
	Email  string                   `json:"email"  access:"read=users:see,users:admin"`
	Salary *int                     `json:"salary,omitzero" access:"read=users:pay"`
	Hidden string                   `json:"hidden" access:"read=-"`
	Pass   secret.String            `json:"pass"`
	Token  *secret.Bytes            `json:"token"`
	Out    string                   `json:"-"`
	Notes  []noteView               `json:"notes"`
	ByID   map[string]*noteView     `json:"byid,omitempty"`
	Last   validate.Opt[noteView]   `json:"last,omitzero"`
	Pair   [1]noteView              `json:"pair"`
	When   time.Time                `json:"when,omitzero"`
	Addr   netip.Addr               `json:"addr"`
	Free   map[string]int           `json:"free,omitempty"`
	Blob   []byte                   `json:"blob,omitempty"`
	Ptr    *string                  `json:"ptr,omitempty"`
	Opt    validate.Opt[string]     `json:"opt"`
	Lists  map[string][]noteView    `json:"lists,omitempty"`
	Self   *userView                `json:"self,omitempty"`
	Maybe  *validate.Opt[*noteView] `json:"maybe,omitzero"`
	meta
}

type meta struct {
	Version int    `json:"version"`
	By      string `json:"by,omitempty" access:"read=users:admin"`
	secret  string
}

type noteView struct {
	Text string `json:"text"`
	Mark string `json:"mark" access:"read=users:admin;write=-"`
}

func fullView() userView {
	n := noteView{"t", "hunter2"}
	salary, token := 5, secret.New([]byte("hunter2"))
	return userView{
		Name: "<a>", Email: "e", Salary: &salary, Hidden: "hunter2", Pass: secret.New("hunter2"), Token: &token, Out: "hunter2",
		Notes: []noteView{n, n}, ByID: map[string]*noteView{"b": &n, "a": nil}, Last: validate.Some(n), Pair: [1]noteView{n},
		Lists: map[string][]noteView{"l": {n}}, Self: &userView{Name: "b", Email: "hunter2", meta: meta{By: "hunter2"}},
		meta: meta{Version: 2, By: "hunter2", secret: "hunter2"},
	}
}

func TestAccessOut(t *testing.T) {
	v, err := validate.NewView[userView](validate.ViewConfig{Can: can(t)})
	if err != nil {
		t.Fatal(err)
	}
	zero := `{"name":"b",EMAIL"notes":[],"pair":[{"text":""MARK}],"addr":"","opt":null,"version":0BY}`
	full := `{"name":"<a>",EMAILSALARY"notes":[{"text":"t"MARK},{"text":"t"MARK}],"byid":{"a":null,"b":{"text":"t"MARK}},` +
		`"last":{"text":"t"MARK},"pair":[{"text":"t"MARK}],"addr":"","opt":null,` +
		`"lists":{"l":[{"text":"t"MARK}]},"self":SELF,"version":2BY}`
	for _, tc := range []struct {
		role    string
		replace []string
	}{
		{"", []string{"EMAIL", "", "SALARY", "", "MARK", "", "BY", ""}},
		{"clerk", []string{"EMAIL", `"email":"e",`, "SALARY", "", "MARK", "", "BY", ""}},
		{"payroll", []string{"EMAIL", "", "SALARY", `"salary":5,`, "MARK", "", "BY", ""}},
		{"admin", []string{"EMAIL", `"email":"e",`, "SALARY", `"salary":5,`, "MARK", `,"mark":"hunter2"`, "BY", `,"by":"hunter2"`}},
	} {
		t.Run(tc.role, func(t *testing.T) {
			got, err := v.Marshal(roleContext(t.Context(), tc.role), fullView())
			inner := strings.NewReplacer(append(slices.Clone(tc.replace), `"e"`, `"hunter2"`)...).Replace(zero)
			inner = strings.Replace(strings.Replace(inner, `"email":"e"`, `"email":"hunter2"`, 1),
				`"text":"","mark":"hunter2"`, `"text":"","mark":""`, 1)
			want := strings.Replace(strings.NewReplacer(tc.replace...).Replace(full), "SELF", inner, 1)
			if err != nil || strings.TrimSpace(string(got)) != want {
				t.Errorf("got  %s (%v)\nwant %s", got, err, want)
			}
			if tc.role != "admin" && tc.role != "clerk" && strings.Contains(string(got), marker) {
				t.Errorf("somebody without the right sees what is secret: %s", got)
			}
			if !json.Valid(got) {
				t.Error("the answer is no JSON")
			}
		})
	}
	if got := v.Permissions(); !slices.Equal(got, []string{"users:see", "users:admin", "users:pay"}) {
		t.Errorf("got the permissions %q", got)
	}
}

func TestViewWrite(t *testing.T) {
	v, err := validate.NewView[[]noteView](validate.ViewConfig{Can: can(t)})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	if err := v.Write(w, getRequest("/"), http.StatusAccepted, []noteView{{"t", "hunter2"}}); err != nil {
		t.Fatal(err)
	}
	if w.Code != http.StatusAccepted || strings.TrimSpace(w.Body.String()) != `[{"text":"t"}]` {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	if h := w.Header(); h.Get("Content-Type") != "application/json" || h.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("got the header %v", h)
	}
	// What cannot be JSON is an error, and nothing is written.
	floats, err := validate.NewView[struct {
		A map[string]float64 `json:"a"`
		B grumpyOut          `json:"b"`
		C string             `json:"c" access:"read=users:see"`
	}](validate.ViewConfig{Can: can(t)})
	if err != nil {
		t.Fatal(err)
	}
	w = httptest.NewRecorder()
	if err := floats.Write(w, getRequest("/"), 200, struct {
		A map[string]float64 `json:"a"`
		B grumpyOut          `json:"b"`
		C string             `json:"c" access:"read=users:see"`
	}{}); !errors.Is(err, errGrumpy) || w.Body.Len() != 0 || len(w.Header()) != 0 {
		t.Errorf("got %v, %q and %v; want the error and nothing written", err, w.Body, w.Header())
	}
}

var errGrumpy = errors.New("cannot be written")

type grumpyOut struct{}

func (grumpyOut) MarshalJSON() ([]byte, error) { return nil, errGrumpy }
