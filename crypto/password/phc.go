package password

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// params are the costs of an Argon2id hash.
type params struct {
	memory uint32 // KiB
	time   uint32
	lanes  uint8
}

// hash is a parsed PHC string.
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
)

// b64 refuses set unused bits, so that a hash has one spelling.
var b64 = base64.RawStdEncoding.Strict()

// String renders the PHC string format.
func (h hash) String() string {
	return "$argon2id$v=19$m=" + strconv.FormatUint(uint64(h.memory), 10) + ",t=" + strconv.FormatUint(uint64(h.time), 10) +
		",p=" + strconv.Itoa(int(h.lanes)) + "$" + b64.EncodeToString(h.salt) + "$" + b64.EncodeToString(h.key)
}

// weaker reports a hash that costs an attacker less than want, or is shorter than ours.
func (h hash) weaker(want params) bool {
	return uint64(h.memory)*uint64(h.time) < uint64(want.memory)*uint64(want.time) || len(h.salt) < saltSize || len(h.key) < keySize
}

// parse reads what String writes, and nothing else: fixed order, minimal decimals, costs under the ceilings. It does no
// work that depends on the costs.
func parse(s string, ceiling uint32) (hash, bool) {
	if len(s) > maxString {
		return hash{}, false
	}
	rest, ok := strings.CutPrefix(s, "$argon2id$v=19$")
	costs, rest, ok2 := strings.Cut(rest, "$")
	salt, key, ok3 := strings.Cut(rest, "$")
	if !ok || !ok2 || !ok3 {
		return hash{}, false
	}
	m, costs, ok := number(costs, "m=", ",")
	t, costs, ok2 := number(costs, "t=", ",")
	p, _, ok3 := number(costs+",", "p=", ",")
	if !ok || !ok2 || !ok3 || strings.Contains(costs, ",") {
		return hash{}, false
	}
	if t < 1 || t > maxTime || p < 1 || p > maxLanes || m < 8*p || m > uint64(ceiling) {
		return hash{}, false
	}
	h := hash{params: params{memory: uint32(m), time: uint32(t), lanes: uint8(p)}}
	h.salt, ok = decode(salt, 8, 48)
	h.key, ok2 = decode(key, 12, 64)
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

// decode reads unpadded base64 of least to most bytes. The library skips CR and LF; we do not.
func decode(s string, least, most int) ([]byte, bool) {
	if strings.ContainsAny(s, "\r\n") {
		return nil, false
	}
	b, err := b64.DecodeString(s)
	return b, err == nil && len(b) >= least && len(b) <= most
}

// isBcrypt checks the shape $2b$10$ and 53 characters, of which the 22nd and the last have unused bits that must be zero.
func isBcrypt(s string, maxCost int) bool {
	if len(s) != 60 || s[:2] != "$2" || strings.IndexByte("aby", s[2]) < 0 || s[3] != '$' || s[6] != '$' {
		return false
	}
	cost, err := strconv.Atoi(s[4:6])
	if err != nil || s[4] < '0' || s[4] > '9' || cost < 4 || cost > maxCost {
		return false
	}
	const alphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	for i := 7; i < 60; i++ {
		if strings.IndexByte(alphabet, s[i]) < 0 {
			return false
		}
	}
	// 16 bytes of salt leave 4 unused bits in 22 characters, 23 bytes of key leave 2 in 31.
	return strings.IndexByte(alphabet, s[28])%16 == 0 && strings.IndexByte(alphabet, s[59])%4 == 0
}
