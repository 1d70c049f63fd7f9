package validate_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/gopalisade/palisade/internal/racing"
	"github.com/gopalisade/palisade/validate"
)

// roomy lets a test reach sizes at which a square would show.
var roomy = validate.Limits{
	Body: 16 << 20, Depth: 1000, Members: 1 << 20, Elements: 1 << 22, String: 8 << 20, Number: 1 << 20, Params: 1 << 20,
	ParamName:  1 << 10,
	ParamValue: 8 << 20,
}

type wide struct {
	Text  string            `json:"text" norm:"trim,nfc,collapse" validate:"max=9000000"`
	Rows  [][]int           `json:"rows"`
	Map   map[string]string `json:"map"`
	Raw   rawText           `json:"raw"`
	Ratio float64           `json:"ratio"`
	Items []line            `json:"items"`
	IDs   []int             `query:"ids"`
	Tags  []string          `query:"tags,comma"`
	Q     string            `query:"q"`
}

// TestLinear compares the cost of an input with that of four times as much of it. What is linear takes about four times as
// long, and what is square sixteen times.
func TestLinear(t *testing.T) {
	if testing.Short() || racing.Enabled {
		t.Skip("measures time")
	}
	s := mustNew[wide](t, validate.Config{Limits: roomy})
	open := mustNew[wide](t, validate.Config{Limits: roomy, AllowUnknown: true})
	repeat := func(before, what, after string) func(int) string {
		return func(n int) string { return before + strings.TrimSuffix(strings.Repeat(what, n/len(what)), ",") + after }
	}
	numbered := func(before, format, after string) func(int) string {
		return func(n int) string {
			var b strings.Builder
			b.WriteString(before)
			for i := 0; b.Len() < n; i++ {
				if i > 0 {
					b.WriteByte(',')
				}
				fmt.Fprintf(&b, format, i)
			}
			return b.String() + after
		}
	}
	for _, tc := range []struct {
		name  string
		s     *validate.Schema[wide]
		body  func(int) string
		query bool
	}{
		{"nested arrays under an unknown name", open, repeat(`{"x":[`, `[[[[[[[[]]]]]]]],`, `]}`), false},
		{"brackets that never close", open, repeat(`{"x":`, `[`, ``), false},
		{"unknown members", s, numbered(`{`, `"k%d":1`, `}`), false},
		{"unknown members, allowed", open, numbered(`{`, `"k%d":1`, `}`), false},
		{"text", s, repeat(`{"text":"`, `abcdefgh`, `"}`), false},
		{"text of spaces", s, repeat(`{"text":"`, `a  b `, `"}`), false},
		{"text of escapes", s, repeat(`{"text":"`, `\u0041`, `"}`), false},
		{"text of marks", s, repeat(`{"text":"`, "e\u0301\u0327", `"}`), false},
		{"rows", s, repeat(`{"rows":[`, `[1,2,3],`, `]}`), false},
		{"faults in rows", s, repeat(`{"rows":[`, `["a",null],`, `]}`), false},
		{"map", s, numbered(`{"map":{`, `"k%d":"v"`, `}}`), false},
		{"raw JSON", s, repeat(`{"raw":[`, `{"a":"\\u0000"},`, `]}`), false},
		{"items", s, repeat(`{"items":[`, `{"sku":"a","qty":1},`, `]}`), false},
		{"digits", s, repeat(`{"ratio":0.`, `7`, `}`), false},
		{"spaces", s, repeat(`{`, ` `, `}`), false},
		{"parameters", s, repeat(``, `ids=1&`, `ids=1`), true},
		{"commas", s, repeat(`tags=`, `a,`, ``), true},
		{"escapes", s, repeat(`q=`, `%41`, ``), true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			const n = 60_000
			small, large := cost(tc.s, tc.body(n), tc.query), cost(tc.s, tc.body(4*n), tc.query)
			if large > 12*small && large > 100*time.Millisecond {
				t.Errorf("%v for %d bytes and %v for four times as many, want about four times", small, n, large)
			}
		})
	}
}

// cost is the least of several measurements: the others had company.
func cost(s *validate.Schema[wide], text string, query bool) time.Duration {
	least := time.Hour
	for range 4 {
		r := postJSON(text)
		if query {
			r = postJSON(`{}`)
			r.URL.RawQuery = text
		}
		start := time.Now()
		_, _ = s.Bind(r)
		least = min(least, time.Since(start))
	}
	return least
}

// allocated returns the bytes that f allocates.
func allocated(f func()) uint64 {
	f() // fills the pools
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	const runs = 5
	for range runs {
		f()
	}
	runtime.ReadMemStats(&after)
	return (after.TotalAlloc - before.TotalAlloc) / runs
}

func bodyOf(text string) func() *http.Request {
	return func() *http.Request {
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.Header.Set("Content-Type", "application/json")
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
		return r
	}
}

// A refused flood costs less memory than it is long.
func TestRefusedMemory(t *testing.T) {
	if racing.Enabled {
		t.Skip("measures memory")
	}
	s := mustNew[account](t, validate.Config{})
	for name, text := range map[string]string{
		"deep":     `{"x":` + strings.Repeat("[", 60_000),
		"unknown":  `{` + strings.Repeat(`"x":1,`, 10_000) + `"x":1}`,
		"elements": `{"items":[` + strings.Repeat(`0,`, 9_000) + `0]}`,
		"text":     `{"nick":"` + strings.Repeat("a", 60_000) + `"}`,
	} {
		r := bodyOf(text)
		requests := allocated(func() { _ = r() })
		if got := allocated(func() { _ = s.Check(r()) }) - requests; got > uint64(2*len(text)) {
			t.Errorf("%s: %d bytes for %d, want at most twice as many", name, got, len(text))
		}
	}
}

// What an accepted request costs is its body, what is made of it, and as much again for growing.
func TestAcceptedMemory(t *testing.T) {
	if racing.Enabled {
		t.Skip("measures memory")
	}
	type input struct {
		Items []line `json:"items"`
	}
	s := mustNew[input](t, validate.Config{Limits: validate.Limits{Elements: 1 << 20}})
	const element = `{"sku":"abcdefgh","qty":12345},`
	count := 512 << 10 / len(element)
	text := `{"items":[` + strings.TrimSuffix(strings.Repeat(element, count), ",") + `]}`
	r := bodyOf(text)
	var in input
	got := allocated(func() {
		var err error
		if in, err = s.Bind(r()); err != nil {
			t.Fatal(err)
		}
	})
	if len(in.Items) != count {
		t.Fatalf("got %d items, want %d", len(in.Items), count)
	}
	made := uint64(count)*uint64(unsafe.Sizeof(line{})+8) + 16<<10
	t.Logf("%d bytes for a body of %d that becomes %d", got, len(text), made)
	if want := 2*uint64(len(text)) + made; got > want {
		t.Errorf("got %d bytes for a body of %d that becomes %d, want at most %d", got, len(text), made, want)
	}
}
