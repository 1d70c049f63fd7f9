package password_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/password"
	"github.com/gopalisade/palisade/crypto/secret"
)

func ringKey(id field.KeyID, state field.State) field.Key {
	random := sha256.Sum256([]byte{byte(id)}) // looks like it, and is the same every time
	return field.Key{ID: id, Secret: secret.New(random[:]), State: state}
}

func newRing(t testing.TB) *field.Ring {
	t.Helper()
	ring, err := field.New(field.Config{Keys: []field.Key{ringKey(1, field.Primary)}})
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// sealing returns a Hasher with a pepper.
func sealing(t testing.TB, acceptUnsealed bool) (*password.Hasher, *field.Ring) {
	t.Helper()
	ring := newRing(t)
	cfg := small()
	cfg.Sealer, cfg.DangerouslyAcceptUnsealed = newPepper(t, ring), acceptUnsealed
	return newHasher(t, cfg), ring
}

// TestSealed: what is stored shows nothing of the hash, and is good for one account.
func TestSealed(t *testing.T) {
	h, _ := sealing(t, false)
	alice := h.For("7")
	stored, err := alice.Hash(t.Context(), "pw")
	if err != nil || !strings.HasPrefix(stored, "enc1.") || strings.Contains(stored, "$") {
		t.Fatalf("got %s, %v", stored, err)
	}
	if rehash, err := alice.Verify(t.Context(), "pw", stored); err != nil || rehash {
		t.Errorf("got %t, %v", rehash, err)
	}
	bare, err := newHasher(t, small()).Hash(t.Context(), "pw")
	if err != nil {
		t.Fatal(err)
	}
	other, _ := sealing(t, false)
	elsewhere, err := other.For("8").Hash(t.Context(), "pw")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, subject, pw, stored string
		want                      error
	}{
		{"wrong", "7", "wrong", stored, password.ErrMismatch},
		{"moved to another account", "8", "pw", stored, password.ErrMalformed},
		{"moved to another account, wrong", "8", "wrong", stored, password.ErrMalformed},
		{"sealed for another account", "7", "pw", elsewhere, password.ErrMalformed},
		{"not sealed", "7", "pw", bare, password.ErrMalformed},
		{"cut", "7", "pw", stored[:len(stored)-4], password.ErrMalformed},
		{"changed", "7", "pw", strings.Replace(stored, stored[60:64], "AAAA", 1), password.ErrMalformed},
		{"empty", "7", "pw", "", password.ErrMalformed},
		{"huge", "7", "pw", "enc1." + strings.Repeat("A", 1<<20), password.ErrMalformed},
		{"empty password", "7", "", stored, password.ErrEmpty},
		{"long password", "7", strings.Repeat("x", 1025), stored, password.ErrTooLong},
	} {
		if rehash, err := h.For(tc.subject).Verify(t.Context(), tc.pw, tc.stored); !errors.Is(err, tc.want) || rehash {
			t.Errorf("%s: got %t, %v, want %v", tc.name, rehash, err, tc.want)
		}
	}
	if rehash, err := newHasher(t, small()).Verify(t.Context(), "pw", stored); !errors.Is(err, password.ErrMalformed) || rehash {
		t.Errorf("without a Sealer: got %t, %v", rehash, err)
	}
	_, err = h.For("8").Verify(t.Context(), "pw", stored)
	if !errors.Is(err, field.ErrOpen) || strings.Contains(err.Error(), stored) {
		t.Errorf("the log learns %v, want the Sealer's error", err)
	}
}

// TestSubject: nothing is sealed for nobody.
func TestSubject(t *testing.T) {
	h, _ := sealing(t, true)
	stored, err := h.For("7").Hash(t.Context(), "pw")
	if err != nil {
		t.Fatal(err)
	}
	_, hash := h.Hash(t.Context(), "pw")
	_, verify := h.Verify(t.Context(), "pw", stored)
	_, empty := h.For("").Verify(t.Context(), "pw", stored)
	_, needs := h.For("").NeedsReseal(stored)
	_, _, reseal := h.For("").Reseal(stored)
	for name, err := range map[string]error{
		"Hash": hash, "Verify": verify, "empty": empty, "NeedsReseal": needs, "Reseal": reseal,
	} {
		if !errors.Is(err, password.ErrSubject) {
			t.Errorf("%s: got %v, want ErrSubject", name, err)
		}
	}
	if err := h.For("").VerifyUnknown(t.Context(), "pw"); !errors.Is(err, password.ErrMismatch) {
		t.Errorf("unknown: got %v", err)
	}
	// Without a Sealer the subject is nothing.
	plain := newHasher(t, small())
	bare, err := plain.For("7").Hash(t.Context(), "pw")
	if err != nil || !strings.HasPrefix(bare, "$argon2id$") {
		t.Fatalf("got %s, %v", bare, err)
	}
	for _, subject := range []string{"", "8"} {
		a := plain.For(subject)
		if rehash, err := a.Verify(t.Context(), "pw", bare); err != nil || rehash {
			t.Errorf("%q: got %t, %v", subject, rehash, err)
		}
		if needs, err := a.NeedsReseal(bare); err != nil || needs {
			t.Errorf("%q: got %t, %v", subject, needs, err)
		}
		if out, changed, err := a.Reseal(bare); err != nil || changed || out != bare {
			t.Errorf("%q: got %s, %t, %v", subject, out, changed, err)
		}
	}
}

// TestRotation: a new key takes over without passwords, or when somebody logs in.
func TestRotation(t *testing.T) {
	h, ring := sealing(t, false)
	a := h.For("7")
	old, err := a.Hash(t.Context(), "pw")
	if err != nil {
		t.Fatal(err)
	}
	if out, changed, err := a.Reseal(old); err != nil || changed || out != old {
		t.Errorf("before: got %s, %t, %v", out, changed, err)
	}
	if err := ring.Add(ringKey(2, field.Primary)); err != nil {
		t.Fatal(err)
	}
	if needs, err := a.NeedsReseal(old); err != nil || !needs {
		t.Errorf("got %t, %v, want it to need resealing", needs, err)
	}
	if rehash, err := a.Verify(t.Context(), "pw", old); err != nil || !rehash {
		t.Errorf("got %t, %v, want a rehash", rehash, err)
	}
	if rehash, err := a.Verify(t.Context(), "wrong", old); !errors.Is(err, password.ErrMismatch) || rehash {
		t.Errorf("wrong password: got %t, %v", rehash, err)
	}
	fresh, changed, err := a.Reseal(old)
	if err != nil || !changed || fresh == old {
		t.Fatalf("got %s, %t, %v", fresh, changed, err)
	}
	if err := ring.Disable(1); err != nil {
		t.Fatal(err)
	}
	if rehash, err := a.Verify(t.Context(), "pw", fresh); err != nil || rehash {
		t.Errorf("got %t, %v", rehash, err)
	}
	_, err = a.Verify(t.Context(), "pw", old)
	if !errors.Is(err, password.ErrMalformed) || !errors.Is(err, field.ErrKeyDisabled) {
		t.Errorf("without its key: got %v", err)
	}
	for _, bad := range []string{old, "enc1.", "", "junk", fresh + "A", fresh[:40]} {
		_, needsErr := a.NeedsReseal(bad)
		out, changed, err := a.Reseal(bad)
		if !errors.Is(err, password.ErrMalformed) || !errors.Is(needsErr, password.ErrMalformed) || changed || out != "" {
			t.Errorf("%q: got %q, %t, %v, %v; damage is no reason to reseal", bad, out, changed, err, needsErr)
		}
	}
	if _, _, err := h.For("8").Reseal(fresh); !errors.Is(err, password.ErrMalformed) {
		t.Errorf("another account's: got %v", err)
	}
}

// TestUnsealed: in a migration hashes of before are let in, and nothing that is sealed and damaged.
func TestUnsealed(t *testing.T) {
	h, ring := sealing(t, true)
	a := h.For("7")
	bare, err := newHasher(t, small()).Hash(t.Context(), "pw")
	if err != nil {
		t.Fatal(err)
	}
	if rehash, err := a.Verify(t.Context(), "pw", bare); err != nil || !rehash {
		t.Errorf("got %t, %v, want to be let in and a rehash", rehash, err)
	}
	if rehash, err := a.Verify(t.Context(), "wrong", bare); !errors.Is(err, password.ErrMismatch) || rehash {
		t.Errorf("wrong password: got %t, %v", rehash, err)
	}
	if rehash, err := a.Verify(t.Context(), "password", passlib); err != nil || !rehash {
		t.Errorf("passlib: got %t, %v", rehash, err)
	}
	sealed, changed, err := a.Reseal(bare)
	if err != nil || !changed || !strings.HasPrefix(sealed, "enc1.") {
		t.Fatalf("got %s, %t, %v", sealed, changed, err)
	}
	strict := newHasher(t, password.Config{Memory: 64, Time: 1, MemoryBudget: 1 << 10, Sealer: newPepper(t, ring)})
	if rehash, err := strict.For("7").Verify(t.Context(), "pw", sealed); err != nil || rehash {
		t.Errorf("sealed without a password: got %t, %v", rehash, err)
	}
	for _, stored := range []string{"enc1." + bare, sealed[:50], "junk", "", bare + "!", " " + bare} {
		if _, err := a.Verify(t.Context(), "pw", stored); !errors.Is(err, password.ErrMalformed) {
			t.Errorf("%q: got %v, want ErrMalformed", stored, err)
		}
		if _, _, err := a.Reseal(stored); !errors.Is(err, password.ErrMalformed) {
			t.Errorf("%q is resealed: %v", stored, err)
		}
	}
}

// broken fails at what it is told to.
type broken struct {
	*field.Sealer
	seal error
	text string
}

func (b broken) Seal(subject string, hash []byte) (string, error) {
	if b.seal != nil {
		return "half", b.seal
	}
	return b.Sealer.Seal(subject, append([]byte(b.text), hash...))
}

// lazy stands itself before the hash, and hides nothing.
type lazy string

func (l lazy) Seal(_ string, hash []byte) (string, error) { return string(l) + string(hash), nil }

func (l lazy) Open(_, sealed string) (hash []byte, stale bool, err error) {
	if len(sealed) > 4096 {
		panic("asked to open what no hash was sealed to")
	}
	return []byte(strings.TrimPrefix(sealed, string(l))), false, nil
}

func TestBrokenSealer(t *testing.T) {
	errDown := errors.New("down")
	ring := newRing(t)
	cfg := small()
	cfg.Sealer = broken{newPepper(t, ring), errDown, ""}
	a := newHasher(t, cfg).For("7")
	if stored, err := a.Hash(t.Context(), "pw"); !errors.Is(err, errDown) || stored != "" {
		t.Errorf("got %q, %v, want nothing to store", stored, err)
	}
	sealed, err := newPepper(t, ring).Seal("7", []byte(openwall))
	if err != nil {
		t.Fatal(err)
	}
	if err := ring.Add(ringKey(2, field.Primary)); err != nil {
		t.Fatal(err)
	}
	if out, changed, err := a.Reseal(sealed); !errors.Is(err, errDown) || changed || out != "" {
		t.Errorf("got %q, %t, %v", out, changed, err)
	}
	if rehash, err := a.Verify(t.Context(), "U*U", sealed); err != nil || !rehash {
		t.Errorf("bcrypt within: got %t, %v", rehash, err)
	}
	cfg.Sealer = broken{newPepper(t, ring), nil, "x"}
	a = newHasher(t, cfg).For("7")
	if stored, err := a.Hash(t.Context(), "pw"); err != nil {
		t.Error(err)
	} else if _, err := a.Verify(t.Context(), "pw", stored); !errors.Is(err, password.ErrMalformed) {
		t.Errorf("no hash within: got %v", err)
	}
	for name, cfg := range map[string]password.Config{
		"nothing sealed": {Memory: 64, Time: 1, Sealer: lazy("")},
		"too long":       {Memory: 64, Time: 1, Sealer: lazy(strings.Repeat("x", 4096))},
	} {
		a := newHasher(t, cfg).For("7")
		if stored, err := a.Hash(t.Context(), "pw"); err == nil || stored != "" {
			t.Errorf("%s: got %.40s to store", name, stored)
		}
		if _, err := a.Verify(t.Context(), "pw", strings.Repeat("x", 4097)); !errors.Is(err, password.ErrMalformed) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := a.Hash(ctx, "pw"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := a.Verify(ctx, "pw", "enc1.junk"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v: what does not open must cost a hash", err)
	}
}
