package problem

import "strings"

// Pointer renders a JSON Pointer (RFC 6901 section 3) from unescaped segments: Pointer("a/b", "0") is "/a~1b/0". Without
// segments it is the empty pointer, which names the whole document.
func Pointer(segments ...string) string {
	var b strings.Builder
	for _, s := range segments {
		b.WriteByte('/')
		_, _ = pointerEscapes.WriteString(&b, s) // a Builder never fails
	}
	return b.String()
}

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")
