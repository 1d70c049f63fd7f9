package password

import (
	"context"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"strconv"
	"strings"

	"golang.org/x/crypto/scrypt"
)

// foreign is a parsed hash of another algorithm, which a database brings along.
type foreign struct {
	memory int64 // KiB that it counts in the line
	key    []byte
	derive func(password string) ([]byte, error)
}

// Ceilings of what is stored, each some seconds of work.
const (
	maxIterations = 5_000_000 // of PBKDF2
	maxBlocks     = 1 << 23   // of scrypt: N times r times p, each 128 bytes twice
)

// verifyForeign is Verify for what parseForeign reads. A right password asks for a rehash.
func (h *Hasher) verifyForeign(ctx context.Context, password string, want foreign) (bool, error) {
	release, err := h.line.enter(ctx, min(want.memory, int64(h.ceiling)))
	if err != nil {
		return false, err
	}
	defer release()
	key, err := want.derive(password)
	switch {
	case err != nil: // a FIPS mode that refuses what is stored
		return false, ErrMalformed
	case subtle.ConstantTimeCompare(key, want.key) != 1, strings.HasSuffix(password, "\x00"): // HMAC fills short keys with NULs
		return false, ErrMismatch
	}
	return true, nil
}

// parseForeign reads scrypt and PBKDF2 in PHC strings, and PBKDF2 as Django writes it. It does no work that depends on the
// costs.
func parseForeign(s string, ceiling uint32) (foreign, bool) {
	if len(s) > maxString {
		return foreign{}, false
	}
	name, rest, _ := strings.Cut(strings.TrimPrefix(s, "$"), "$")
	costs, rest, ok := strings.Cut(rest, "$")
	salt, key, ok2 := strings.Cut(rest, "$")
	switch {
	case !ok || !ok2:
		return foreign{}, false
	case !strings.HasPrefix(s, "$"):
		return parseDjango(name, costs, salt, key)
	}
	saltBytes, ok := decode(salt, 8, 48)
	keyBytes, ok2 := decode(key, 16, 64)
	switch {
	case !ok || !ok2:
		return foreign{}, false
	case name == "scrypt":
		return parseScrypt(costs, saltBytes, keyBytes, ceiling)
	}
	size, name, _ := strings.Cut(name, "-")
	if size != "pbkdf2" {
		return foreign{}, false
	}
	iterations, length, ok := number(costs+",", "i=", ",")
	if length != "" { // of the key, which the key says too
		var l uint64
		l, length, ok2 = number(length, "l=", ",")
		ok = ok && ok2 && length == "" && l == uint64(len(keyBytes))
	}
	return newPBKDF2(name, iterations, saltBytes, keyBytes, ok)
}

// parseScrypt reads ln=17,r=8,p=1.
func parseScrypt(costs string, salt, key []byte, ceiling uint32) (foreign, bool) {
	ln, costs, ok := number(costs, "ln=", ",")
	r, costs, ok2 := number(costs, "r=", ",")
	p, rest, ok3 := number(costs+",", "p=", ",")
	if !ok || !ok2 || !ok3 || rest != "" || ln < 1 || ln > 24 || r < 1 || r > 64 || p < 1 || p > maxLanes {
		return foreign{}, false
	}
	blocks := r << ln
	memory := int64(blocks / 8) // KiB, of 128 bytes a block
	if blocks*p > maxBlocks || memory > int64(ceiling) {
		return foreign{}, false
	}
	return foreign{memory: memory, key: key, derive: func(password string) ([]byte, error) {
		return scrypt.Key([]byte(password), salt, 1<<ln, int(r), int(p), len(key))
	}}, true
}

// parseDjango reads pbkdf2_sha256$1000000$salt$key: the salt is text, and the key base64 with its padding.
func parseDjango(name, costs, salt, key string) (foreign, bool) {
	iterations, _, ok := number(costs+",", "", ",")
	sum, err := base64.StdEncoding.Strict().DecodeString(key)
	size, name, _ := strings.Cut(name, "_")
	if !ok || err != nil || size != "pbkdf2" || name != "sha256" || len(sum) != sha256.Size || len(salt) < 8 || len(salt) > 64 ||
		strings.ContainsAny(key, "\r\n") || strings.ContainsFunc(salt, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return foreign{}, false
	}
	return newPBKDF2(name, iterations, []byte(salt), sum, strconv.FormatUint(iterations, 10) == costs)
}

// newPBKDF2 takes ok for its caller.
func newPBKDF2(name string, iterations uint64, salt, key []byte, ok bool) (foreign, bool) {
	f := foreign{memory: bcryptShare, key: key}
	switch name {
	case "sha256":
		f.derive = func(pw string) ([]byte, error) { return pbkdf2.Key(sha256.New, pw, salt, int(iterations), len(key)) }
	case "sha512":
		f.derive = func(pw string) ([]byte, error) { return pbkdf2.Key(sha512.New, pw, salt, int(iterations), len(key)) }
	}
	return f, ok && f.derive != nil && iterations >= 1 && iterations <= maxIterations
}
