package secret_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/crypto/secret"
)

func TestNewID(t *testing.T) {
	for _, prefix := range []string{"", "tok", "a_b", "Ünï"} {
		id := secret.NewID(prefix)
		if err := secret.CheckID(prefix, id); err != nil {
			t.Errorf("%q: %s is refused", prefix, id)
		}
		body := strings.TrimPrefix(id, prefix+"_")
		if len(body) != 33 || strings.Trim(body, "0123456789abcdefghjkmnpqrstvwxyz") != "" {
			t.Errorf("%q: got %s, want 33 characters of the alphabet behind the prefix", prefix, id)
		}
	}
}

// TestIDsAreRandom counts characters at every place: each is as likely as any other.
func TestIDsAreRandom(t *testing.T) {
	n := 100_000
	if os.Getenv("PALISADE_SOAK") == "1" {
		n = 1_000_000
	}
	seen := make(map[string]bool, n)
	var counts [26][256]int
	for range n {
		id := secret.NewID("")
		if seen[id] {
			t.Fatalf("%s twice", id)
		}
		seen[id] = true
		for i := range counts {
			counts[i][id[i]]++
		}
	}
	for place, count := range counts {
		for c, got := range count {
			if want := n / 32; got != 0 && (got < want*9/10 || got > want*11/10) {
				t.Errorf("place %d: %c came %d times, want about %d", place, c, got, want)
			}
		}
	}
}

func TestCheckID(t *testing.T) {
	id := secret.NewID("tok")
	for _, tc := range []struct{ name, prefix, id string }{
		{"empty", "tok", ""},
		{"prefix only", "tok", "tok_"},
		{"another prefix", "tax", "tax" + id[3:]},
		{"prefix of another", "tok", "tax" + id[3:]},
		{"no prefix", "", id},
		{"no prefix, checked so", "", id[4:]},
		{"upper case", "tok", strings.ToUpper(id)},
		{"one letter upper", "tok", id[:4] + strings.ToUpper(id[4:])},
		{"short", "tok", id[:len(id)-1]},
		{"long", "tok", id + "0"},
		{"space", "tok", id + " "},
		{"line feed", "tok", "\n" + id},
		{"letter that is read as a digit", "tok", "tok_" + strings.Repeat("o", 33)},
		{"bits above the checksum's", "tok", id[:30] + "z" + id[31:]},
	} {
		if err := secret.CheckID(tc.prefix, tc.id); !errors.Is(err, secret.ErrID) {
			t.Errorf("%s: got %v, want ErrID", tc.name, err)
		}
	}
	var known interface {
		HTTPStatus() int
		Code() string
	}
	if !errors.As(secret.ErrID, &known) || known.HTTPStatus() != 404 || known.Code() != "id_malformed" {
		t.Errorf("got %v", secret.ErrID)
	}
}

// TestMistypedIDs makes every mistake of one character, and of two neighbours.
func TestMistypedIDs(t *testing.T) {
	id := []byte(secret.NewID("tok"))
	const alphabet = "0123456789abcdefghijklmnopqrstuvwxyz_"
	check := func(s []byte, mistake string, i int) {
		if string(s) != string(id) && secret.CheckID("tok", string(s)) == nil {
			t.Errorf("%s at %d is not noticed: %s for %s", mistake, i, s, id)
		}
	}
	for i := range id {
		for j := range len(alphabet) {
			typed := []byte(string(id))
			typed[i] = alphabet[j]
			check(typed, "a character", i)
			if i+1 < len(id) {
				typed[i+1] = alphabet[rand.IntN(len(alphabet))]
				check(typed, "two characters", i)
			}
		}
		check(append(append([]byte{}, id[:i]...), id[i+1:]...), "an omission", i)
		if i+1 < len(id) {
			typed := []byte(string(id))
			typed[i], typed[i+1] = typed[i+1], typed[i]
			check(typed, "a transposition", i)
		}
	}
}

func TestEqualTexts(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want bool
	}{
		{"abc", "abc", true},
		{"abc", "abd", false},
		{"abc", "abcd", false},
		{"", "", false},
		{"", "a", false},
	} {
		if got := secret.Equal(tc.a, tc.b); got != tc.want {
			t.Errorf("%q, %q: got %t, want %t", tc.a, tc.b, got, tc.want)
		}
	}
}
