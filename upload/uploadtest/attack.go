package uploadtest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/gopalisade/palisade/upload/content"
)

// Target is what [Attack] must know of a handler. Field, Types, MaxBytes and Stored are required.
type Target struct {
	_ [0]func() // keyed literals only, never comparable

	Field    string               // of the form, under which files come
	Types    []content.Type       // all that they may be
	MaxBytes int64                // how long one may be
	Max      int                  // how many may come at once; 1
	Stored   func() int           // how many files are stored by now, for good or in some quarantine
	Request  func() *http.Request // a fresh one, with the credentials that it needs; POST /
	Parts    []Part               // what the form needs before its files, such as a token against forgery
}

// Attack sends h the forms that it must refuse, each once, in the caller's goroutine. It fails t for every one that is not
// answered with 400 or more, or that leaves something stored, and when h panics or does not take a good file in the first
// place. The list has broken forms, names and types that do not fit, files that are too long, too many, empty, bombs,
// disguised, or infected with EICAR, a client that leaves, and bodies that are no form.
//
// The handler has to be given a scanner that finds EICAR, such as a [FakeScanner]. Take rate limits off it. Slow clients are
// not in the list, since they take time: see [Drip].
func Attack(t testing.TB, h http.Handler, target Target) {
	t.Helper()
	if target.Field == "" || len(target.Types) == 0 || target.MaxBytes <= 0 || target.Stored == nil {
		t.Fatal("uploadtest: Target needs Field, Types, MaxBytes and Stored")
	}
	target.Max = max(target.Max, 1)
	if target.Request == nil {
		target.Request = func() *http.Request { return httptest.NewRequest(http.MethodPost, "/", nil) }
	}
	for _, kind := range target.Types {
		target.mustPass(t, h, "a good file, "+string(kind), kind)
	}
	for _, a := range slices.Concat(target.formAttacks(), target.headerAttacks(), target.fileAttacks(), target.bodyAttacks()) {
		target.mustFail(t, h, a)
	}
	// What has stopped to answer refused the attacks too.
	target.mustPass(t, h, "a good file after the attacks", target.Types[0])
}

// attack is a request that must be refused.
type attack struct {
	name string
	form Form
	edit func(*http.Request) // after the form was put into it; may be nil
}

// request puts the form into a fresh request.
func (g *Target) request(form Form, edit func(*http.Request)) *http.Request {
	r := g.Request()
	body, n := form.body()
	r.Body, r.ContentLength = io.NopCloser(body), n
	r.Header.Set("Content-Type", form.ContentType())
	if edit != nil {
		edit(r)
	}
	return r
}

// form returns one with the parts that every form needs, and these.
func (g *Target) form(parts ...Part) Form {
	return Form{Parts: slices.Concat(g.Parts, parts)}
}

// good returns a file of the given type that is to be taken.
func (g *Target) good(kind content.Type) Part {
	return File(g.Field, "good."+kind.Extensions()[0], Sample(kind))
}

func (g *Target) mustPass(t testing.TB, h http.Handler, name string, kind content.Type) {
	t.Helper()
	if len(kind.Extensions()) == 0 {
		t.Fatalf("uploadtest: Target.Types: %q is no type of package content", kind)
	}
	before := g.Stored()
	status, panicked := serve(h, g.request(g.form(g.good(kind)), nil))
	switch after := g.Stored(); {
	case panicked != nil:
		t.Fatalf("uploadtest: %s: the handler panicked: %v", name, panicked)
	case status >= 400:
		t.Fatalf("uploadtest: %s: got %d, want it taken: every attack would seem to fail", name, status)
	case after != before+1:
		t.Fatalf("uploadtest: %s: got %d files more in the store, want 1: Stored would see no attack succeed", name, after-before)
	}
}

func (g *Target) mustFail(t testing.TB, h http.Handler, a attack) {
	t.Helper()
	before := g.Stored()
	status, panicked := serve(h, g.request(a.form, a.edit))
	more := g.Stored() - before
	switch {
	case panicked != nil:
		t.Errorf("uploadtest: %s: the handler panicked: %v", a.name, panicked)
	case status == http.StatusTooManyRequests:
		t.Fatal("uploadtest: got 429: attack the handler without its rate limits")
	case status < 400:
		t.Errorf("uploadtest: %s: got %d, want 400 or more", a.name, status)
	}
	if more != 0 {
		t.Errorf("uploadtest: %s: got %d files more in the store, want 0", a.name, more)
	}
}

// serve returns what the handler panicked with, unless that is how a handler hangs up.
func serve(h http.Handler, r *http.Request) (status int, panicked any) {
	w := httptest.NewRecorder()
	defer func() {
		if panicked = recover(); panicked == http.ErrAbortHandler {
			status, panicked = http.StatusBadRequest, nil
		}
	}()
	h.ServeHTTP(w, r)
	return w.Code, nil
}
