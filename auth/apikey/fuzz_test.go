package apikey_test

import (
	"errors"
	"regexp"
	"testing"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/apikey"
)

func FuzzText(f *testing.F) {
	s := newWatched()
	k := newKeys(f, s, nil)
	pattern := regexp.MustCompile("^(?:" + k.Pattern() + ")$")
	key := create(f, k).Text
	f.Add(key, uint(9), byte(1))
	f.Add(key[:40], uint(70), byte('_'))
	f.Add("pk_live_000000000000_0000000000000000000000000000000000000000000", uint(0), byte(0x80))
	f.Fuzz(func(t *testing.T, text string, at uint, change byte) {
		for _, text := range []string{text, text + apikey.Checksum(text)} {
			id, ok := k.Parse(text)
			if !ok {
				before := s.gets.Load()
				if _, err := k.Verify(t.Context(), text); !errors.Is(err, auth.ErrInvalid) || s.gets.Load() != before {
					t.Errorf("%q: the store was asked about what is no key, %v", text, err)
				}
				continue
			}
			again := "pk_live_" + id + "_" + text[21:64]
			if again += apikey.Checksum(again); again != text {
				t.Errorf("a second spelling is accepted: %q of %q", text, again)
			}
			if !pattern.MatchString(text) {
				t.Errorf("a scanner would miss %q", text)
			}
			changed := []byte(text)
			changed[at%uint(len(text))] ^= change
			if _, ok := k.Parse(string(changed)); ok != (change == 0) {
				t.Errorf("%q with one change is accepted: %q", text, changed)
			}
		}
	})
}
