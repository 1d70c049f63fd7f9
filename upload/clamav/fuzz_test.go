package clamav_test

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/upload"
	"github.com/gopalisade/palisade/upload/clamav"
)

// FuzzAnswer has a clamd answer anything to a file. # is the command's number.
func FuzzAnswer(f *testing.F) {
	for _, answer := range []string{
		"#: stream: OK\x00", "#: stream: OK", "#: stream: OK\n", "#: stream: OK\x00\x00", "stream: OK\x00", "##: stream: OK\x00",
		"#: stream: Eicar FOUND\x00", "#: stream: (null) FOUND\x00", "#: stream: OK FOUND\x00",
		"#: stream: Heuristics.Limits.x FOUND\x00",
		"#: stream: Heuristics.Encrypted.Zip FOUND\x00", "#: INSTREAM size limit exceeded. ERROR\x00", "COMMAND READ TIMED OUT\n", "",
		"#: stream: " + strings.Repeat("a", 1200) + " FOUND\x00",
	} {
		f.Add([]byte(answer))
	}
	found := regexp.MustCompile(`^(\d+): stream: ([!-~]+) FOUND\x00$`)
	limit := regexp.MustCompile(`^Heuristics\.(Limits|Encrypted)\.`)
	secret := "the file that is judged"
	var (
		answer []byte // that the fake gives
		sent   string // with the number in it
		clean  string // what that should have been
	)
	server := newFake()
	server.set(func(c *call) action {
		if c.command != "zINSTREAM" {
			return beHonest
		}
		body, err := c.body()
		if err != nil {
			return hangUp
		}
		if string(body) != secret {
			c.say(honest(body))
			return goOn
		}
		sent = string(bytes.ReplaceAll(answer, []byte("#"), fmt.Append(nil, c.id)))
		clean = fmt.Sprintf("%d: stream: OK\x00", c.id)
		c.raw(sent)
		return hangUp
	})
	client := connect(f, server, clamav.Config{DangerouslyIgnoreLimits: true})
	f.Fuzz(func(t *testing.T, b []byte) {
		answer = b
		v, err := client.Scan(t.Context(), file(secret))
		name := found.FindStringSubmatch(sent)
		if name != nil && name[1]+": stream: OK\x00" != clean { // another command's
			name = nil
		}
		switch {
		case err != nil && (v != upload.Verdict{} || !errors.Is(err, clamav.ErrUnavailable)):
			t.Errorf("%q: a verdict beside an error, or an error of another kind: %v, %v", sent, v, err)
		case v.Status == upload.Clean && sent != clean:
			t.Errorf("%q is taken for clean", sent)
		case err == nil && v.Status != upload.Clean && name == nil:
			t.Errorf("%q is taken for a finding: %v", sent, v)
		case v.Status == upload.Infected && limit.MatchString(name[2]), v.Status == upload.Unscannable && !limit.MatchString(name[2]):
			t.Errorf("%q is taken for %v", sent, v.Status)
		case err != nil && (sent == clean || name != nil && len(sent) < 1000 && name[2] != "(null)"):
			t.Errorf("%q is refused: %v", sent, err)
		}
	})
}
