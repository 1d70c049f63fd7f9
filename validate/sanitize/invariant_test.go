package sanitize_test

import (
	"fmt"
	"html"
	"strings"

	"github.com/gopalisade/palisade/validate/sanitize"
)

// invariant is what holds for every text that HTML returns.
func invariant(h sanitize.HTML, s string) error {
	out, err := h.Sanitize(s)
	if err != nil {
		return err
	}
	again, err := h.Sanitize(out)
	if err != nil {
		return err
	}
	if again != out {
		return fmt.Errorf("sanitised HTML is no fixed point:\n%q\n%q", out, again)
	}
	for _, context := range contexts {
		if err := danger(out, context); err != nil {
			return fmt.Errorf("sanitised HTML is not harmless: %w\n%q", err, out)
		}
	}
	if err := contained(out); err != nil {
		return fmt.Errorf("sanitised HTML leaves its place: %w\n%q", err, out)
	}
	return nil
}

// plain is what holds for every text that Text returns.
func plain(s string) error {
	out := sanitize.Text(s)
	if again := sanitize.Text(out); again != out {
		return fmt.Errorf("text is no fixed point:\n%q\n%q", out, again)
	}
	for decoded := out; ; {
		if at := strings.IndexByte(decoded, '<'); at >= 0 && markup(decoded) {
			return fmt.Errorf("decoded text has markup: %q, from %q", decoded, out)
		}
		next := html.UnescapeString(decoded)
		if next == decoded {
			return nil
		}
		decoded = next
	}
}

// markup is true where the HTML standard's data state would leave plain text (section 13.2.5.6).
func markup(s string) bool {
	for i := range len(s) - 1 {
		if c := s[i+1]; s[i] == '<' && (c|0x20 >= 'a' && c|0x20 <= 'z' || c == '/' || c == '!' || c == '?') {
			return true
		}
	}
	return false
}
