package password

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
)

// params are the costs of a hash of ours: PBKDF2's, if it has iterations, or else those of Argon2id.
type params struct {
	iterations int
	memory     uint32 // KiB
	time       uint32
	lanes      uint8
}

// hash is one that this package makes: a parsed PHC string.
type hash struct {
	params
	salt, key []byte
}

// Sizes and ceilings of what is stored. A row of the database must not be able to take all memory, or a day.
const (
	saltSize  = 16
	keySize   = 32
	maxString = 256
	maxTime   = 16
	maxLanes  = 16
	maxWork   = 1 << 21 // KiB times passes: 2 GiB, some seconds
)

// ceilings are what a stored hash may cost.
type ceilings struct {
	memory     uint32 // KiB
	work       uint64 // KiB times passes
	iterations uint64
	bcryptCost int
}

// target is a stored hash, read: what a password is checked against.
type target struct {
	memory int64                      // KiB that it counts in the line
	weak   bool                       // costs an attacker less than a new one, or is of another algorithm
	match  func(password string) bool // does the work
}

// b64 refuses set unused bits, so that a hash has one spelling.
var b64 = base64.RawStdEncoding.Strict()

// String renders the PHC string format.
func (h hash) String() string {
	costs := "$pbkdf2-sha256$i=" + strconv.Itoa(h.iterations)
	if h.iterations == 0 {
		costs = "$argon2id$v=19$m=" + strconv.FormatUint(uint64(h.memory), 10) +
			",t=" + strconv.FormatUint(uint64(h.time), 10) + ",p=" + strconv.Itoa(int(h.lanes))
	}
	return costs + "$" + b64.EncodeToString(h.salt) + "$" + b64.EncodeToString(h.key)
}

// share is what the hash counts in the line, in KiB.
func (h hash) share() int64 {
	if h.iterations > 0 {
		return cpuShare
	}
	return int64(h.memory)
}

// derive does the work. PBKDF2 fails for sizes that a FIPS mode refuses only, and those are not read: see allowed.
func (h hash) derive(password string) []byte {
	if h.iterations > 0 {
		key, _ := pbkdf2.Key(sha256.New, password, h.salt, h.iterations, len(h.key))
		return key
	}
	return argon2.IDKey([]byte(password), h.salt, h.time, h.memory, h.lanes, uint32(len(h.key)))
}

// target checks against h, where new hashes cost ours.
func (h hash) target(ours params) target {
	return target{memory: h.share(), weak: h.weaker(ours), match: func(password string) bool {
		same := subtle.ConstantTimeCompare(h.derive(password), h.key) == 1
		return same && (h.iterations == 0 || isText(password))
	}}
}

// weaker reports a hash that costs an attacker less than a new one, or is shorter. One of the other algorithm has none of our
// costs.
func (h hash) weaker(ours params) bool {
	return h.iterations < ours.iterations ||
		uint64(h.memory)*uint64(h.time) < uint64(ours.memory)*uint64(ours.time) ||
		len(h.salt) < saltSize || len(h.key) < keySize
}

// read reads every hash that is verified, under its ceilings. It does no work that depends on the costs.
func (h *Hasher) read(s string) (target, bool) {
	switch {
	case len(s) > maxString:
		return target{}, false
	case !strings.HasPrefix(s, "$"):
		return h.readDjango(s)
	case strings.HasPrefix(s, "$2"):
		return readBcrypt(s, h.ceilings.bcryptCost, false)
	case strings.HasPrefix(s, "$argon2id$"):
		own, ok := parse(s, h.ceilings)
		return own.target(h.params), ok
	}
	return h.readHMAC(s)
}

// parse reads the Argon2id that String writes, and nothing else: fixed order, minimal decimals, costs under the ceilings.
func parse(s string, most ceilings) (hash, bool) {
	rest, ok := strings.CutPrefix(s, "$argon2id$v=19$")
	costs, rest, ok2 := strings.Cut(rest, "$")
	salt, key, ok3 := strings.Cut(rest, "$")
	if !ok || !ok2 || !ok3 {
		return hash{}, false
	}
	m, costs, ok := number(costs, "m=", ",")
	t, costs, ok2 := number(costs, "t=", ",")
	p, rest, ok3 := number(costs+",", "p=", ",")
	if !ok || !ok2 || !ok3 || rest != "" {
		return hash{}, false
	}
	if t < 1 || t > maxTime || p < 1 || p > maxLanes || m < 8*p || m > uint64(most.memory) || m*t > most.work {
		return hash{}, false
	}
	h := hash{params: params{memory: uint32(m), time: uint32(t), lanes: uint8(p)}}
	h.salt, ok = decode(b64, salt, 8, 48)
	h.key, ok2 = decode(b64, key, 12, 64)
	return h, ok && ok2
}

// number reads name, a decimal without leading zeros that fits 32 bits, and the separator after it.
func number(s, name, sep string) (n uint64, rest string, ok bool) {
	s, ok = strings.CutPrefix(s, name)
	digits, rest, ok2 := strings.Cut(s, sep)
	if !ok || !ok2 || digits == "" || len(digits) > 1 && digits[0] == '0' || strings.Trim(digits, "0123456789") != "" {
		return 0, "", false
	}
	n, err := strconv.ParseUint(digits, 10, 32)
	return n, rest, err == nil
}

// decode reads base64 of least to most bytes. The library skips CR and LF; we do not.
func decode(enc *base64.Encoding, s string, least, most int) ([]byte, bool) {
	if strings.ContainsAny(s, "\r\n") {
		return nil, false
	}
	b, err := enc.DecodeString(s)
	return b, err == nil && len(b) >= least && len(b) <= most
}
