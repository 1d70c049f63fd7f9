package cors

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gopalisade/palisade/internal/ascii"
)

// allowsMethod compares byte by byte, as the standard does; the safelisted methods need no permission.
func (t *table) allowsMethod(m string) bool {
	return m == "GET" || m == "HEAD" || m == "POST" || slices.Contains(t.methods, m) ||
		!t.credentials && slices.Contains(t.methods, "*") && ascii.All(m, ascii.Tchar)
}

// Bounds of Access-Control-Request-Headers. Browsers send one line, lower case, sorted, each name once; other clients and
// gateways do not, and that is no reason to refuse them. More than this is.
const (
	maxEmpty = 16      // empty elements, and lines
	slack    = 64      // bytes of white space and repetition
	maxAny   = 4 << 10 // bytes where every name is allowed
)

// allowsHeaders decides about the lines without allocating. Length comes first, so that a megabyte costs what a byte does.
func (t *table) allowsHeaders(lines []string) bool {
	if len(lines) > maxEmpty {
		return false
	}
	limit := t.longest + 4*len(t.headers) + slack
	if t.anyHeader {
		limit = max(limit, maxAny)
	}
	total := 0
	for _, line := range lines {
		if total += len(line); total > limit {
			return false
		}
	}
	empty := 0
	for _, line := range lines {
		for name := range strings.SplitSeq(line, ",") {
			name = strings.Trim(name, " \t")
			if name == "" {
				if empty++; empty > maxEmpty {
					return false
				}
				continue
			}
			if !t.allowsHeader(name) {
				return false
			}
		}
	}
	return true
}

func (t *table) allowsHeader(name string) bool {
	for _, h := range t.headers {
		if strings.EqualFold(h, name) && h != "*" {
			return true
		}
	}
	// The wildcard never covers Authorization (Fetch section 4.8, step 7).
	return t.anyHeader && ascii.All(name, ascii.Tchar) && !strings.EqualFold(name, "authorization")
}

// vary adds names to Vary, once. A cache that ignored them would hand one origin's answer to another.
func vary(h http.Header, own []string, names string) []string {
	have := h["Vary"]
	if len(have) == 0 {
		return set(h, append(own, names), "Vary")
	}
	var missing []string
	for name := range strings.SplitSeq(names, ", ") {
		if !listed(have, name) {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		h["Vary"] = append(slices.Clip(have), strings.Join(missing, ", "))
	}
	return own
}

// listed reports whether a list header's lines name it, or everything.
func listed(lines []string, name string) bool {
	for _, line := range lines {
		for element := range strings.SplitSeq(line, ",") {
			if element = strings.TrimSpace(element); element == "*" || strings.EqualFold(element, name) {
				return true
			}
		}
	}
	return false
}
