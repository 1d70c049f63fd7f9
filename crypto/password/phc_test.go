package password_test

import (
	"crypto/fips140"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/crypto/password"
)

func TestPHC(t *testing.T) {
	for _, tc := range []struct {
		name, s string
		want    bool
	}{
		{"plain", "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$" + key, true},
		{"L3 empty", "", false},
		{"L3 p=0", "$argon2id$v=19$m=64,t=1,p=0$" + salt + "$" + key, false},
		{"L3 t=0", "$argon2id$v=19$m=64,t=0,p=1$" + salt + "$" + key, false},
		{"L3 huge memory", "$argon2id$v=19$m=4294967295,t=1,p=1$" + salt + "$" + key, false},
		{"L3 more than 32 bits", "$argon2id$v=19$m=4294967360,t=1,p=1$" + salt + "$" + key, false},
		{"over the ceiling", "$argon2id$v=19$m=1025,t=1,p=1$" + salt + "$" + key, false},
		{"too little memory for the lanes", "$argon2id$v=19$m=64,t=1,p=16$" + salt + "$" + key, false},
		{"t too high", "$argon2id$v=19$m=64,t=17,p=1$" + salt + "$" + key, false},
		{"p too high", "$argon2id$v=19$m=1024,t=1,p=17$" + salt + "$" + key, false},
		{"p=257", "$argon2id$v=19$m=1024,t=1,p=257$" + salt + "$" + key, false},
		{"argon2i", "$argon2i$v=19$m=64,t=1,p=1$" + salt + "$" + key, false},
		{"version 16", "$argon2id$v=16$m=64,t=1,p=1$" + salt + "$" + key, false},
		{"junk after the version", "$argon2id$v=19junk$m=64,t=1,p=1$" + salt + "$" + key, false},
		{"junk after a cost", "$argon2id$v=19$m=64,t=1,p=1junk$" + salt + "$" + key, false},
		{"leading zero", "$argon2id$v=19$m=064,t=1,p=1$" + salt + "$" + key, false},
		{"sign", "$argon2id$v=19$m=+64,t=1,p=1$" + salt + "$" + key, false},
		{"other order", "$argon2id$v=19$t=1,m=64,p=1$" + salt + "$" + key, false},
		{"twice", "$argon2id$v=19$m=64,m=64,t=1,p=1$" + salt + "$" + key, false},
		{"more costs", "$argon2id$v=19$m=64,t=1,p=1,keyid=x$" + salt + "$" + key, false},
		{"no key", "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$", false},
		{"no key part", "$argon2id$v=19$m=64,t=1,p=1$" + salt, false},
		{"short salt", "$argon2id$v=19$m=64,t=1,p=1$c2FsdA$" + key, false},
		{"short key", "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$a2V5", false},
		{"padding", "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$a2V5a2V5a2V5a2V5a2U=", false},
		{"unused bits", "$argon2id$v=19$m=64,t=1,p=1$" + salt[:18] + "F$" + key, false},
		{"line feed", "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$a2V5a2V5\na2V5a2V5", false},
		{"one part more", "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$" + key + "$x", false},
		{"too long", "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$" + strings.Repeat("A", 300), false},
	} {
		if got, ok := password.Parse(tc.s, 1024); ok != tc.want || ok && got != tc.s {
			t.Errorf("%s: got %t, %s", tc.name, ok, got)
		}
		_, err := newHasher(t, small()).Verify(t.Context(), "pw", tc.s)
		if want := password.ErrMalformed; tc.want {
			want = password.ErrMismatch
			if !errors.Is(err, want) {
				t.Errorf("%s: got %v, want %v", tc.name, err, want)
			}
		} else if !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", tc.name, err, want)
		}
	}
}

// TestCeilings: what a row of the database asks for is refused before it is given.
func TestCeilings(t *testing.T) {
	large := newHasher(t, password.Config{MemoryBudget: 1 << 23})
	own := newHasher(t, password.Config{MemoryBudget: 1 << 23, Memory: 1 << 20, Time: 4})
	for _, tc := range []struct {
		name string
		h    *password.Hasher
		s    string
		want bool
	}{
		{"2 GiB once", large, "$argon2id$v=19$m=2097152,t=1,p=1$" + salt + "$" + key, true},
		{"2 GiB twice", large, "$argon2id$v=19$m=2097152,t=2,p=1$" + salt + "$" + key, false},
		{"as much as ours", own, "$argon2id$v=19$m=1048576,t=4,p=1$" + salt + "$" + key, true},
		{"more than ours", own, "$argon2id$v=19$m=1048577,t=4,p=1$" + salt + "$" + key, false},
		{"scrypt of 2^23 blocks", large, "$scrypt$ln=20,r=8,p=1$" + salt + "$a2V5a2V5a2V5a2V5a2V5a2V5", true},
		{"scrypt of 2^24 blocks", large, "$scrypt$ln=20,r=8,p=2$" + salt + "$a2V5a2V5a2V5a2V5a2V5a2V5", false},
	} {
		if _, ok := tc.h.Reads(tc.s); ok != tc.want && !(fips140.Enforced() && strings.HasPrefix(tc.s, "$scrypt")) {
			t.Errorf("%s: got %t, want %t", tc.name, ok, tc.want)
		}
	}
	for _, hostile := range []string{
		"$argon2id$v=19$m=4294967295,t=1,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=64,t=4294967295,p=1$" + salt + "$" + key,
		"$scrypt$ln=63,r=8,p=1$" + salt + "$a2V5a2V5a2V5a2V5a2V5a2V5",
		"$pbkdf2-sha256$i=4294967295$" + salt + "$a2V5a2V5a2V5a2V5a2V5a2V5",
		"$2a$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
		"pbkdf2_sha256$4294967295$seasalt123$KuEnssc6S4MzVSS8Tu48m1RDSrTAn7j3CfgvvjkvfWA=",
		strings.Repeat("$", 1<<20),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		for range 100 {
			if _, ok := large.Reads(hostile); ok {
				t.Fatalf("%.60s is read", hostile)
			}
		}
		took := time.Since(start) / 100
		runtime.ReadMemStats(&after)
		if bytes := (after.TotalAlloc - before.TotalAlloc) / 100; bytes > 1<<10 || took > 10*time.Millisecond {
			t.Errorf("%.60s costs %d bytes and %v", hostile, bytes, took)
		}
	}
}
