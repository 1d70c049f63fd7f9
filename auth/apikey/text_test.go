package apikey_test

import (
	"hash/crc32"
	"math/big"
	"regexp"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/auth/apikey"
)

// respell returns a key with the id of one and the secret of another.
func respell(id, secret string) string {
	return summed(id[:20] + secret[20:len(secret)-6])
}

func TestText(t *testing.T) {
	k := newKeys(t, newWatched(), func(cfg *apikey.Config) { cfg.Prefix, cfg.Env, cfg.MaxPerOwner = "acme1", "test", 1000 })
	pattern := regexp.MustCompile(k.Pattern())
	seen := map[string]bool{}
	for range 500 {
		c := create(t, k)
		if !regexp.MustCompile(`^acme1_test_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$`).MatchString(c.Text) {
			t.Fatalf("got %q", c.Text)
		}
		if got := pattern.FindString(`key = "` + c.Text + `" // do not commit`); got != c.Text {
			t.Errorf("the pattern finds %q in %q", got, c.Text)
		}
		if got := c.Text[11:23]; got != c.Key.ID || seen[got] {
			t.Errorf("got id %s, want %s, once", got, c.Key.ID)
		}
		seen[c.Key.ID] = true
	}
}

func TestPatternIsStrict(t *testing.T) {
	k := newKeys(t, newWatched(), nil)
	key := create(t, k).Text
	pattern := regexp.MustCompile(k.Pattern())
	for _, text := range []string{"x" + key, key + "x", key[:len(key)-1], strings.ToUpper(key), "pk_test" + key[7:], "_" + key} {
		if got := pattern.FindString(text); got != "" {
			t.Errorf("found %q in %q", got, text)
		}
	}
}

// TestChecksum spells it another way.
func TestChecksum(t *testing.T) {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	for _, s := range []string{"", "pk_live_", strings.Repeat("x", 96), create(t, newKeys(t, newWatched(), nil)).Text} {
		want := big.NewInt(int64(crc32.ChecksumIEEE([]byte(s)))).Text(62)
		want = strings.Repeat("0", 6-len(want)) + want
		want = strings.Map(func(c rune) rune { // big.Int has its letters in another order
			switch {
			case 'a' <= c && c <= 'z':
				return c - 'a' + 'A'
			case 'A' <= c && c <= 'Z':
				return c - 'A' + 'a'
			}
			return c
		}, want)
		if got := apikey.Checksum(s); got != want || strings.Trim(got, digits) != "" {
			t.Errorf("%q: got %s, want %s", s, got, want)
		}
	}
}

// TestSecretIsRandom wants each character about as often as any other: a bias would show in 43 000.
func TestSecretIsRandom(t *testing.T) {
	k := newKeys(t, newWatched(), func(cfg *apikey.Config) { cfg.MaxPerOwner = 1000 })
	count := map[rune]int{}
	for range 1000 {
		text := create(t, k).Text
		for _, c := range text[21 : 21+43] {
			count[c]++
		}
	}
	if len(count) != 62 {
		t.Errorf("got %d characters, want 62", len(count))
	}
	for c, n := range count { // 693 expected, with a deviation of 26
		if n < 500 || n > 900 {
			t.Errorf("%c: got %d of 43000", c, n)
		}
	}
}
