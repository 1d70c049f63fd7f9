package sanitize_test

import (
	_ "embed"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

//go:embed testdata/payloads.txt
var payloadFile string

type payload struct {
	line int
	text string
}

var (
	character = regexp.MustCompile(`\{U\+([0-9A-F]{4,6})\}`)
	number    = regexp.MustCompile(`\bN\b`)
)

// payloads returns the lines of testdata/payloads.txt, each of which calls hit with its line's number when it executes.
func payloads(tb testing.TB) []payload {
	tb.Helper()
	var all []payload
	line := 0
	for text := range strings.SplitSeq(payloadFile, "\n") {
		line++
		if text == "" || strings.HasPrefix(text, "# ") {
			continue
		}
		text = number.ReplaceAllString(text, strconv.Itoa(line))
		text = character.ReplaceAllStringFunc(text, func(s string) string {
			n, err := strconv.ParseUint(s[3:len(s)-1], 16, 32)
			if err != nil {
				tb.Fatal(err)
			}
			return string(rune(n))
		})
		all = append(all, payload{line, text})
	}
	if len(all) < 300 {
		tb.Fatalf("only %d payloads", len(all))
	}
	return all
}
