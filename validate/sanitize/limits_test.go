package sanitize_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/internal/racing"
	"github.com/gopalisade/palisade/validate/sanitize"
)

func TestHTMLCaps(t *testing.T) {
	small := newHTML(t, sanitize.HTMLConfig{Profile: "ugc", MaxInput: 40, MaxOutput: 20})
	for _, tc := range []struct {
		name, in, want string
		err            error
	}{
		{"fits", strings.Repeat("a", 20), strings.Repeat("a", 20), nil},
		{"apostrophes do not grow", strings.Repeat("'", 20), strings.Repeat("'", 20), nil},
		{"input", strings.Repeat("<", 41), "", sanitize.ErrTooLong},
		{"text", strings.Repeat("a", 21), "", sanitize.ErrTooLong},
		{"escaping", strings.Repeat("&", 5), "", sanitize.ErrTooLong},
		{"text before more", strings.Repeat("a", 21) + "<b>b", "", sanitize.ErrTooLong},
		{"end tags", "<b><b><b>", "", sanitize.ErrTooLong},
		{"added attributes", "<a href=http://h>", "", sanitize.ErrTooLong},
	} {
		got, err := small.Sanitize(tc.in)
		if got != tc.want || !errors.Is(err, tc.err) {
			t.Errorf("%s: got %q, %v, want %q, %v", tc.name, got, err, tc.want, tc.err)
		}
	}
	for _, h := range []sanitize.HTML{{}, sanitize.Inline(), sanitize.UGC()} {
		if _, err := h.Sanitize(strings.Repeat("a", 256<<10+1)); !errors.Is(err, sanitize.ErrTooLong) {
			t.Errorf("the usual cap of input: got %v", err)
		}
		if _, err := h.Sanitize(strings.Repeat("&", 200<<10)); !errors.Is(err, sanitize.ErrTooLong) {
			t.Errorf("the usual cap of output: got %v", err)
		}
	}
}

func TestHTMLDepth(t *testing.T) {
	got, err := sanitize.UGC().Sanitize(strings.Repeat("<div>", 1000) + "a<br>" + strings.Repeat("</div>", 1000))
	want := strings.Repeat("<div>", 100) + "a<br>" + strings.Repeat("</div>", 100)
	if got != want || err != nil {
		t.Errorf("got %q, %v, want a depth of 100", got, err)
	}
}

// bombs are what a parser may choke on.
var bombs = []string{
	"<", "&", "'", "<div>", "</div>", "<b>", "<a href=http://h>", "<a ", "<p>", "<li>", "<table>", "<td>", "<ul><li>",
	"&lt;", "&amp;",
	"<!--", "<script>", "</", "<svg><", "<template>", "<b x=", "a=b ", "<p a a a ", "<!", "&#", "&#0",
	"<textarea>", "\x00", "\xff",
	`<b "x='<b 'x="`, `<b x="<b y='`, `<b x="y=z" w='`, "<b x=' y=\"", "<b x ", "</template>", "<template></template>", "</script",
	"<script></script", "<!--x--", "<?x", "<![", "<b &", "&amp", "<b\n",
}

func TestHTMLLinear(t *testing.T) {
	big := newHTML(t, sanitize.HTMLConfig{Profile: "ugc", MaxInput: 1 << 20, MaxOutput: 8 << 20})
	for _, bomb := range bombs {
		linear(t, bomb, func(s string) {
			if _, err := big.Sanitize(s); err != nil && !errors.Is(err, sanitize.ErrTooLong) {
				t.Error(err)
			}
		})
	}
}

// linear compares the time for a text with that for an eighth of it. Linear work takes 8 times as long, quadratic 64 times.
func linear(t *testing.T, bomb string, f func(string)) {
	t.Helper()
	if racing.Enabled {
		t.Skip("measures time")
	}
	const most = 24
	size := 256 << 10
	if slices.Contains([]string{"<", "&", "<div>"}, bomb) {
		size = 1 << 20
	}
	// The best of several tries, since others may need the machine for a moment, and never less than what a clock can tell.
	small, big := time.Hour, time.Hour
	took := func(size int) time.Duration {
		s := strings.Repeat(bomb, size/len(bomb))
		begin := time.Now()
		f(s)
		return time.Since(begin)
	}
	for range 6 {
		small, big = min(small, took(size/8)), min(big, took(size))
		if big < most*max(small, 4*time.Millisecond) {
			return
		}
	}
	t.Errorf("%q: eight times the input takes %v instead of %v: not linear", bomb, big, small)
}
