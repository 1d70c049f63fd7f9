package password_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/crypto/argon2"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/password"
)

// small is fast, and for tests only.
func small() password.Config {
	return password.Config{Memory: 64, Time: 1, MemoryBudget: 1 << 10}
}

func newHasher(t testing.TB, cfg password.Config) *password.Hasher {
	t.Helper()
	h, err := password.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// newPepper seals hashes for the column password of the table users.
func newPepper(t testing.TB, ring *field.Ring) *field.Sealer {
	t.Helper()
	s, err := field.NewSealer(field.SealerConfig{Ring: ring, Table: "users", Name: "password"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func phc(m, time uint32, p uint8, pw string, saltSize, keySize int) string {
	salt := []byte(strings.Repeat("s", saltSize))
	key := argon2.IDKey([]byte(pw), salt, time, m, p, uint32(keySize))
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", m, time, p, enc.EncodeToString(salt), enc.EncodeToString(key))
}

const salt, key = "c2FsdHNhbHRzYWx0c2E", "a2V5a2V5a2V5a2V5"
