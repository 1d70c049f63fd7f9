package clamav

import (
	"strings"

	"github.com/gopalisade/palisade/upload"
)

// parseVerdict reads clamd's answer to INSTREAM. Whatever is not word for word what clamd(8) promises tells nothing of the
// file.
func parseVerdict(answer string) (v upload.Verdict, ok bool) {
	rest, ok := strings.CutPrefix(answer, "stream: ")
	if !ok {
		return upload.Verdict{}, false
	}
	if rest == "OK" {
		return upload.Verdict{Status: upload.Clean}, true
	}
	name, ok := strings.CutSuffix(rest, " FOUND")
	// Versions before 0.104 found "(null)" in what was beyond their limits.
	if !ok || !printable(name) || strings.Contains(name, " ") || name == "(null)" {
		return upload.Verdict{}, false
	}
	for _, prefix := range []string{"Heuristics.Limits.", "Heuristics.Encrypted."} {
		if strings.HasPrefix(name, prefix) {
			return upload.Verdict{Status: upload.Unscannable, Name: name}, true
		}
	}
	return upload.Verdict{Status: upload.Infected, Name: name}, true
}

// isVersion wants "ClamAV 1.4.6", which the signatures' number and date follow where they have any.
func isVersion(answer string) bool {
	number, ok := strings.CutPrefix(answer, "ClamAV ")
	return ok && printable(number)
}

// printable is for a log line: not empty, ASCII without controls.
func printable(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}
