package password_test

import (
	"bytes"
	"crypto/fips140"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/crypto/scrypt"

	"github.com/gopalisade/palisade/crypto/password"
	"github.com/gopalisade/palisade/internal/racing"
	"github.com/gopalisade/palisade/problem"
)

// iterating makes new hashes with PBKDF2.
func iterating(t testing.TB, n int) *password.Hasher {
	t.Helper()
	cfg := small()
	cfg.Iterations, cfg.DangerouslyFewIterations = n, true
	return newHasher(t, cfg)
}

func TestIterations(t *testing.T) {
	h := iterating(t, 100)
	for _, pw := range []string{"a", " spaces stay ", "nul\x00inside", strings.Repeat("x", 1024), wav} {
		stored, err := h.Hash(t.Context(), pw)
		if err != nil || !strings.HasPrefix(stored, "$pbkdf2-sha256$i=100$") {
			t.Fatalf("%q: got %s, %v", pw, stored, err)
		}
		if again, _ := h.Hash(t.Context(), pw); again == stored {
			t.Errorf("%q hashes to the same twice", pw)
		}
		if rehash, err := h.Verify(t.Context(), pw, stored); err != nil || rehash {
			t.Errorf("%q: got %t, %v", pw, rehash, err)
		}
		if rehash, err := newHasher(t, small()).Verify(t.Context(), pw, stored); err != nil || !rehash {
			t.Errorf("%q for an Argon2id policy: got %t, %v, want a rehash", pw, rehash, err)
		}
		for _, other := range []string{pw[1:] + "y", pw + "\x00", pw + "\x00\x00"} {
			if rehash, err := h.Verify(t.Context(), other, stored); err == nil || rehash {
				t.Errorf("%.20q is let in for %.20q", other, pw)
			}
		}
	}
	if err := h.VerifyUnknown(t.Context(), "x"); !errors.Is(err, password.ErrMismatch) {
		t.Errorf("unknown: got %v", err)
	}
}

func TestDefaultIterations(t *testing.T) {
	if racing.Enabled || testing.Short() {
		t.Skip("600000 iterations, twice")
	}
	h := newHasher(t, password.Config{Iterations: 600_000})
	stored, err := h.Hash(t.Context(), "correct horse")
	if err != nil || !strings.HasPrefix(stored, "$pbkdf2-sha256$i=600000$") {
		t.Fatalf("got %s, %v", stored, err)
	}
	if rehash, err := h.Verify(t.Context(), "correct horse", stored); err != nil || rehash {
		t.Errorf("got %t, %v", rehash, err)
	}
}

func TestRehashToPBKDF2(t *testing.T) {
	h := iterating(t, 1000)
	stored := func(iterations, saltSize, keySize int) string {
		salt := []byte(strings.Repeat("s", saltSize))
		key, err := pbkdf2.Key(sha256.New, "pw", salt, iterations, keySize)
		if err != nil {
			t.Fatal(err)
		}
		enc := base64.RawStdEncoding
		return fmt.Sprintf("$pbkdf2-sha256$i=%d$%s$%s", iterations, enc.EncodeToString(salt), enc.EncodeToString(key))
	}
	short := 16 // where only is enforced, shorter salts are not read
	if !fips140.Enforced() {
		short = 15
	}
	for _, tc := range []struct {
		name, stored string
		want         bool
	}{
		{"same", stored(1000, 16, 32), false},
		{"more", stored(1001, 16, 32), false},
		{"longer", stored(1000, 64, 64), false},
		{"fewer", stored(999, 16, 32), true},
		{"short salt", stored(1000, short, 32), short < 16},
		{"short key", stored(1000, 16, 31), true},
		{"passlib", strings.Replace(stored(1000, 16, 32), "i=", "", 1), true},
		{"Django", djangoOf(stored(1000, 16, 32)), true},
		{"Argon2id", phc(64, 1, 1, "pw", 16, 32), true},
		{"stronger Argon2id", phc(1024, 4, 1, "pw", 16, 32), true},
	} {
		if strings.Contains(tc.name, "passlib") {
			tc.stored = strings.ReplaceAll(tc.stored, "+", ".")
		}
		if got, err := h.Verify(t.Context(), "pw", tc.stored); err != nil || got != tc.want {
			t.Errorf("%s: got %t, %v, want %t", tc.name, got, err, tc.want)
		}
		if got, err := h.Verify(t.Context(), "no", tc.stored); !errors.Is(err, password.ErrMismatch) || got {
			t.Errorf("%s, wrong password: got %t, %v", tc.name, got, err)
		}
	}
}

// djangoOf spells a PHC string of PBKDF2 as Django does.
func djangoOf(phc string) string {
	salt := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("s", 16)))
	return strings.NewReplacer("$pbkdf2-sha256$i=", "pbkdf2_sha256$", salt, strings.Repeat("s", 16)).Replace(phc) + "="
}

func TestMaxIterations(t *testing.T) {
	for _, tc := range []struct {
		most int
		want error
	}{{1212, nil}, {1211, password.ErrMalformed}, {1, password.ErrMalformed}} {
		cfg := small()
		cfg.MaxIterations = tc.most
		if _, err := newHasher(t, cfg).Verify(t.Context(), "password", passlib); !errors.Is(err, tc.want) {
			t.Errorf("%d: got %v, want %v", tc.most, err, tc.want)
		}
	}
}

// long is a password above the block of both hashes, which HMAC replaces by its digest.
const long = "a passphrase that is longer than the block of the hash, which is 64 bytes for SHA-256 " +
	"and 128 bytes for SHA-512; this one is longer than both of them"

// TestEquivalentKeys: HMAC cannot tell these passwords apart, and we do.
func TestEquivalentKeys(t *testing.T) {
	salt := []byte("salt of 16 bytes")
	sum256, sum512 := sha256.Sum256([]byte(long)), sha512.Sum512([]byte(long))
	h := newHasher(t, small())
	for _, tc := range []struct {
		name  string
		key   func(pw string) ([]byte, error)
		costs string
		twin  string // of long
	}{
		{
			"PBKDF2 with SHA-256", func(pw string) ([]byte, error) { return pbkdf2.Key(sha256.New, pw, salt, 10, 32) },
			"$pbkdf2-sha256$i=10", string(sum256[:]),
		},
		{
			"PBKDF2 with SHA-512", func(pw string) ([]byte, error) { return pbkdf2.Key(sha512.New, pw, salt, 10, 32) },
			"$pbkdf2-sha512$i=10", string(sum512[:]),
		},
		{
			"scrypt", func(pw string) ([]byte, error) { return scrypt.Key([]byte(pw), salt, 16, 1, 1, 32) },
			"$scrypt$ln=4,r=1,p=1", string(sum256[:]),
		},
	} {
		for name, twins := range map[string][2]string{
			"digest": {long, tc.twin}, "digest and a NUL": {long, tc.twin + "\x00"},
			"NUL": {"pw", "pw\x00"}, "NULs": {"pw", "pw\x00\x00"},
		} {
			a, err := tc.key(twins[0])
			b, err2 := tc.key(twins[1])
			if err != nil || err2 != nil || !bytes.Equal(a, b) {
				t.Fatalf("%s, %s: these keys are not equivalent: %v, %v", tc.name, name, err, err2)
			}
			stored := phcOf(tc.costs, string(salt), hex.EncodeToString(a))
			if _, err := h.Verify(t.Context(), twins[0], stored); err != nil {
				t.Errorf("%s, %s: the password is refused: %v", tc.name, name, err)
			}
			if _, err := h.Verify(t.Context(), twins[1], stored); !errors.Is(err, password.ErrMismatch) {
				t.Errorf("%s, %s: got %v, want its twin to be refused", tc.name, name, err)
			}
		}
	}
}

// TestText: PBKDF2 does not take for new what it would not let in.
func TestText(t *testing.T) {
	h := iterating(t, 10)
	for _, tc := range []struct {
		name, pw string
		want     error
	}{
		{"text", "pw", nil},
		{"letters", letmein, nil},
		{"NUL inside", "p\x00w", nil},
		{"long", long, nil},
		{"NUL at the end", "pw\x00", password.ErrText},
		{"NUL alone", "\x00", password.ErrText},
		{"Latin-1", "l\xe8tmein", password.ErrText},
		{"half a letter", letmein[:2], password.ErrText},
	} {
		stored, err := h.Hash(t.Context(), tc.pw)
		if !errors.Is(err, tc.want) || (err == nil) != (stored != "") {
			t.Errorf("%s: got %q, %v, want %v", tc.name, stored, err, tc.want)
		}
		if _, err := newHasher(t, small()).Hash(t.Context(), tc.pw); err != nil {
			t.Errorf("%s: Argon2id refuses: %v", tc.name, err)
		}
		// A hash of before is verified whatever it is of.
		if rehash, err := h.Verify(t.Context(), tc.pw, phc(64, 1, 1, tc.pw, 16, 32)); err != nil || !rehash {
			t.Errorf("%s: got %t, %v, want to be let in and a rehash", tc.name, rehash, err)
		}
	}
	if p := problem.Of(password.ErrText); p.Status != 422 || p.Code != "password_not_text" {
		t.Errorf("got %+v", p)
	}
}
