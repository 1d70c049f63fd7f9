//go:build unix

package sanitize_test

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/gopalisade/palisade/internal/servertest"
	"github.com/gopalisade/palisade/validate/sanitize"
)

//go:embed testdata/top.html
var topPage string

// entry is one payload as the page gets it.
type entry struct {
	N     int    `json:"n"`
	Raw   string `json:"raw"`
	Clean string `json:"clean"`
	Text  string `json:"text"`
}

// report is what the page found.
type report struct {
	Clean, Raw map[string]bool // the lines that executed
	Faults     []string
	Slots      int
	Documents  int
}

const perGroup = 25

// site serves the payloads: sanitised ones many to a document, each in a slot of its own.
type site struct {
	groups map[string][]entry
	byLine map[string]entry
	report atomic.Pointer[report]
}

func newSite(t *testing.T, h sanitize.HTML) *site {
	s := &site{groups: map[string][]entry{}, byLine: map[string]entry{}}
	for i, p := range payloads(t) {
		clean, err := h.Sanitize(p.text)
		if err != nil {
			t.Fatalf("line %d: %v", p.line, err)
		}
		e := entry{p.line, p.text, clean, sanitize.Text(p.text)}
		group := strconv.Itoa(i / perGroup)
		s.groups[group] = append(s.groups[group], e)
		s.byLine[strconv.Itoa(p.line)] = e
	}
	return s
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	switch r.URL.Path {
	case "/":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, topPage)
	case "/data":
		_ = json.NewEncoder(w).Encode(map[string]any{"groups": s.groups, "allowed": allowed})
	case "/doc":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, `<!doctype html><head><script>window.hit = n => parent.hit(n);</script></head><body>`)
		for _, e := range s.groups[q.Get("group")] {
			content := ""
			if q.Get("mode") == "markup" {
				content = e.Clean
			}
			_, _ = fmt.Fprintf(w, `<div data-n="%d">%s</div>`, e.N, content)
		}
	case "/done":
		var found report
		if err := json.NewDecoder(r.Body).Decode(&found); err != nil {
			found.Faults = []string{err.Error()}
		}
		s.report.Store(&found)
	default:
		http.NotFound(w, r)
	}
}

// The parser of these tests is a library too. This one is what readers use.
func TestChromium(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	h, err := sanitize.NewHTML(sanitize.HTMLConfig{Profile: "ugc", RelativeLinks: true, NewTab: true})
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(t, h)
	server := httptest.NewServer(s)
	defer server.Close()
	servertest.Chromium(t, server.URL+"/", func() bool { return s.report.Load() != nil })
	found := s.report.Load()
	for _, fault := range found.Faults {
		t.Errorf("line %s", fault)
	}
	for line := range found.Clean {
		t.Errorf("line %s executes though sanitised: %q", line, s.byLine[line].Clean)
	}
	if want := 2 * len(s.byLine); found.Slots != want {
		t.Errorf("the browser saw %d slots, want %d", found.Slots, want)
	}
	if want := 3*len(s.groups) + len(s.byLine)/3; found.Documents < want {
		t.Errorf("the browser saw %d documents, want %d or more", found.Documents, want)
	}
	// The control: were the browser deaf, everything above would pass.
	if len(found.Raw) < 150 {
		t.Errorf("only %d raw payloads execute, want 150 or more", len(found.Raw))
	}
	t.Logf("%d payloads; %d execute raw, %d sanitised", len(s.byLine), len(found.Raw), len(found.Clean))
}
