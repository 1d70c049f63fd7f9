package password

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"math/bits"
	"strings"

	"golang.org/x/crypto/scrypt"
)

// maxBlocks is the ceiling of scrypt, some seconds of work: N times r times p, each 128 bytes twice.
const maxBlocks = 1 << 23

// ab64 is base64 as passlib writes it in hashes of PBKDF2: with a dot for the plus.
var ab64 = base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789./").
	WithPadding(base64.NoPadding).Strict()

// readHMAC reads scrypt and PBKDF2 from PHC strings, and PBKDF2 as passlib writes it.
func (h *Hasher) readHMAC(s string) (target, bool) {
	name, rest, _ := strings.Cut(s[1:], "$")
	costs, rest, ok := strings.Cut(rest, "$")
	salt, key, ok2 := strings.Cut(rest, "$")
	enc := b64
	iterations, rest, passlib := number(costs+",", "", ",")
	if passlib {
		enc = ab64
	}
	saltBytes, ok3 := decode(enc, salt, 4, 64)
	keyBytes, ok4 := decode(enc, key, 16, 64)
	if !ok || !ok2 || !ok3 || !ok4 {
		return target{}, false
	}
	if name == "scrypt" {
		return h.readScrypt(costs, saltBytes, keyBytes)
	}
	hash, ok := strings.CutPrefix(name, "pbkdf2-")
	if !passlib {
		iterations, rest, ok2 = number(costs+",", "i=", ",")
		ok = ok && ok2
		if length := ""; rest != "" { // of the key, which the key says too
			var l uint64
			l, length, ok2 = number(rest, "l=", ",")
			ok, rest = ok && ok2 && l == uint64(len(keyBytes)), length
		}
	}
	t, ok := h.newPBKDF2(hash, iterations, saltBytes, keyBytes, ok && rest == "")
	t.weak = t.weak || passlib // only PHC strings stay
	return t, ok
}

// readScrypt reads ln=17,r=8,p=1.
func (h *Hasher) readScrypt(costs string, salt, key []byte) (target, bool) {
	ln, costs, ok := number(costs, "ln=", ",")
	r, costs, ok2 := number(costs, "r=", ",")
	p, rest, ok3 := number(costs+",", "p=", ",")
	return h.newScrypt(ln, r, p, salt, key, ok && ok2 && ok3 && rest == "")
}

// newScrypt takes ok for its caller, as newPBKDF2 does.
func (h *Hasher) newScrypt(ln, r, p uint64, salt, key []byte, ok bool) (target, bool) {
	if !ok || ln < 1 || ln > 24 || r < 1 || r > 64 || p < 1 || p > maxLanes || !allowed(salt, key) {
		return target{}, false
	}
	blocks := r << ln
	memory := blocks / 8 // KiB, of 128 bytes a block
	if blocks*p > maxBlocks || memory > uint64(h.ceilings.memory) {
		return target{}, false
	}
	return hmacTarget(int64(memory), key, func(password string) ([]byte, error) {
		return scrypt.Key([]byte(password), salt, 1<<ln, int(r), int(p), len(key))
	}), true
}

func (h *Hasher) newPBKDF2(name string, iterations uint64, salt, key []byte, ok bool) (target, bool) {
	if !ok || iterations < 1 || iterations > h.ceilings.iterations || !allowed(salt, key) {
		return target{}, false
	}
	switch name {
	case "sha256":
		return hash{params{iterations: int(iterations)}, salt, key}.target(h.params), true
	case "sha512":
		return hmacTarget(cpuShare, key, func(password string) ([]byte, error) {
			return pbkdf2.Key(sha512.New, password, salt, int(iterations), len(key))
		}), true
	}
	return target{}, false
}

// hmacTarget is a hash that begins with HMAC of the password.
func hmacTarget(memory int64, key []byte, derive func(string) ([]byte, error)) target {
	return target{memory: memory, weak: true, match: func(password string) bool {
		got, err := derive(password)
		return err == nil && subtle.ConstantTimeCompare(got, key) == 1 && isText(password)
	}}
}

// allowed asks the library whether a FIPS mode refuses these sizes. It would do so later with a panic, in scrypt.
func allowed(salt, key []byte) bool {
	_, err := pbkdf2.Key(sha256.New, "", salt, 1, len(key))
	return err == nil
}

// readDjango reads what Django stores: the algorithm's name, and then a hash in its own spelling, or PBKDF2 and scrypt with a
// salt that is text.
func (h *Hasher) readDjango(s string) (target, bool) {
	name, rest, ok := strings.Cut(s, "$")
	switch {
	case !ok:
		return target{}, false
	case name == "argon2":
		own, ok := parse("$"+rest, h.ceilings)
		return own.target(h.params), ok
	case name == "bcrypt", name == "bcrypt_sha256":
		return readBcrypt(rest, h.ceilings.bcryptCost, name != "bcrypt")
	}
	costs, rest, _ := strings.Cut(rest, "$")
	salt, rest, _ := strings.Cut(rest, "$")
	n, left, ok := number(costs+"$", "", "$")
	var r, p uint64
	if name == "scrypt" {
		var ok2, ok3 bool
		r, rest, ok2 = number(rest, "", "$")
		p, rest, ok3 = number(rest, "", "$")
		ok = ok && ok2 && ok3 && bits.OnesCount64(n) == 1
	}
	key, ok2 := decode(base64.StdEncoding.Strict(), rest, 32, 64)
	if !ok || !ok2 || left != "" || len(salt) < 4 || len(salt) > 64 || strings.ContainsFunc(salt, isNotGraphic) {
		return target{}, false
	}
	switch name {
	case "scrypt":
		return h.newScrypt(uint64(bits.TrailingZeros64(n)), r, p, []byte(salt), key, true)
	case "pbkdf2_sha256":
		t, ok := h.newPBKDF2("sha256", n, []byte(salt), key, true)
		t.weak = true // only PHC strings stay
		return t, ok
	}
	return target{}, false
}

func isNotGraphic(r rune) bool { return r <= ' ' || r > '~' }
