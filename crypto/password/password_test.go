package password_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/password"
	"github.com/gopalisade/palisade/internal/conf"
	"github.com/gopalisade/palisade/problem"
)

func TestHashAndVerify(t *testing.T) {
	h := newHasher(t, small())
	for _, pw := range []string{"a", " spaces stay ", "nul\x00inside", "\xff\xfe", strings.Repeat("x", 1024), "пароль🔑"} {
		stored, err := h.Hash(t.Context(), pw)
		if err != nil {
			t.Fatal(err)
		}
		if again, _ := h.Hash(t.Context(), pw); again == stored {
			t.Errorf("%q hashes to the same twice", pw)
		}
		if rehash, err := h.Verify(t.Context(), pw, stored); err != nil || rehash {
			t.Errorf("%q: got %t, %v", pw, rehash, err)
		}
		for _, other := range []string{pw + "x", pw + "\x00", strings.ToUpper(pw) + "!", "x"} {
			if len(other) <= 1024 {
				if rehash, err := h.Verify(t.Context(), other, stored); !errors.Is(err, password.ErrMismatch) || rehash {
					t.Errorf("%q against %q: got %v", other, pw, err)
				}
			}
		}
	}
}

func TestDefaultsAreOWASP(t *testing.T) {
	stored, err := newHasher(t, password.Config{}).Hash(t.Context(), "correct horse")
	if err != nil || !strings.HasPrefix(stored, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("got %s, %v", stored, err)
	}
}

func TestRehash(t *testing.T) {
	h := newHasher(t, password.Config{Memory: 64, Time: 2, MemoryBudget: 1 << 10})
	cheap, err := bcrypt.GenerateFromPassword([]byte("pw"), 4)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, stored string
		want         bool
	}{
		{"same", phc(64, 2, 1, "pw", 16, 32), false},
		{"less memory", phc(32, 2, 1, "pw", 16, 32), true},
		{"fewer passes", phc(64, 1, 1, "pw", 16, 32), true},
		{"stronger", phc(128, 4, 2, "pw", 16, 32), false},
		{"short salt", phc(64, 2, 1, "pw", 8, 32), true},
		{"short key", phc(64, 2, 1, "pw", 16, 12), true},
		{"bcrypt", string(cheap), true},
	} {
		if got, err := h.Verify(t.Context(), "pw", tc.stored); err != nil || got != tc.want {
			t.Errorf("%s: got %t, %v; want %t", tc.name, got, err, tc.want)
		}
		if got, err := h.Verify(t.Context(), "no", tc.stored); !errors.Is(err, password.ErrMismatch) || got {
			t.Errorf("%s, wrong password: got %t, %v", tc.name, got, err)
		}
	}
}

func TestInputs(t *testing.T) {
	h := newHasher(t, small())
	for pw, want := range map[string]error{"": password.ErrEmpty, strings.Repeat("x", 1025): password.ErrTooLong} {
		_, hashErr := h.Hash(t.Context(), pw)
		_, verifyErr := h.Verify(t.Context(), pw, "whatever")
		for _, err := range []error{hashErr, verifyErr, h.VerifyUnknown(t.Context(), pw)} {
			if p := problem.Of(err); !errors.Is(err, want) || p.Status != 422 || err.Error() == "" {
				t.Errorf("%d bytes: got %v, %+v; want %v", len(pw), err, p, want)
			}
		}
	}
	if err := h.VerifyUnknown(t.Context(), "x"); !errors.Is(err, password.ErrMismatch) {
		t.Errorf("unknown: got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Hash(ctx, "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	for _, stored := range []string{"junk", "$2junk", phc(64, 1, 1, "x", 16, 32), openwall} {
		if _, err := h.Verify(ctx, "x", stored); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v", stored, err)
		}
	}
	if err := h.VerifyUnknown(ctx, "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestFaults(t *testing.T) {
	for _, tc := range []struct {
		name string
		cfg  password.Config
		want int
	}{
		{"zero", password.Config{}, 0},
		{"all", password.Config{
			Memory: 4, Time: 99, Parallelism: 99, MemoryBudget: 1 << 30, MaxQueue: -1, MaxWait: -1, MaxLength: 1, MaxBcryptCost: 31,
			Iterations: -1, MaxIterations: -1, DangerouslyAcceptUnsealed: true,
		}, 11},
		{"more than the budget", password.Config{MemoryBudget: 1024}, 1},
		{"iterations", password.Config{Iterations: 600_000}, 0},
		{"few iterations", password.Config{Iterations: 599_999}, 1},
		{"few iterations, wanted", password.Config{Iterations: 1, DangerouslyFewIterations: true}, 0},
		{"more iterations than are read", password.Config{Iterations: 6_000_000}, 1},
		{"as many as are read", password.Config{Iterations: 6_000_000, MaxIterations: 6_000_000}, 0},
		{"most iterations", password.Config{MaxIterations: 50_000_001}, 1},
		{"unsealed without a Sealer", password.Config{DangerouslyAcceptUnsealed: true}, 1},
		{"unsealed", password.Config{DangerouslyAcceptUnsealed: true, Sealer: &field.Sealer{}}, 0},
	} {
		if _, err := password.New(tc.cfg); len(conf.All(err)) != tc.want {
			t.Errorf("%s: got %v, want %d faults", tc.name, err, tc.want)
		}
	}
}
