package secret

import (
	"crypto/rand"
	"crypto/subtle"
	"hash/crc32"
	"strings"
)

// The part of an id behind its prefix. Each character carries five bits.
const (
	idBody = 26 // characters, 130 random bits
	idSum  = 7  // CRC-32 (IEEE) of everything before it, the highest bits zero
)

// base32 leaves out i, l, o and u, which people take for digits or for each other.
const base32 = "0123456789abcdefghjkmnpqrstvwxyz"

// NewID returns a random identifier that nobody can guess: prefix, "_", 26 characters and a checksum. It is made of the
// prefix, lower-case letters and digits, so that a double click selects it whole. Without a prefix there is no "_".
//
// An id names something, and is no [Secret]. One that admits whoever has it belongs in a Secret, and hashed in a store.
func NewID(prefix string) string {
	id := make([]byte, 0, len(prefix)+1+idBody+idSum)
	id = append(id, idStart(prefix)...)
	var random [idBody]byte
	_, _ = rand.Read(random[:]) // never fails
	for _, b := range random {
		id = append(id, base32[b%32]) // 256 is a multiple of 32: each as likely
	}
	sum := idChecksum(id)
	return string(append(id, sum[:]...))
}

// CheckID returns [ErrID] unless s is spelt as [NewID] of the same prefix spells: with every mistake of one character or
// two neighbours, in another case, or with another prefix it is not. It asks no store, and anybody can make up an id that
// passes.
func CheckID(prefix, s string) error {
	body, ok := strings.CutPrefix(s, idStart(prefix))
	if !ok || len(body) != idBody+idSum {
		return ErrID
	}
	for i := range idBody {
		if strings.IndexByte(base32, body[i]) < 0 {
			return ErrID
		}
	}
	sum := idChecksum([]byte(s[:len(s)-idSum]))
	if body[idBody:] != string(sum[:]) {
		return ErrID
	}
	return nil
}

func idStart(prefix string) string {
	if prefix == "" {
		return ""
	}
	return prefix + "_"
}

func idChecksum(s []byte) (spelt [idSum]byte) {
	n := crc32.ChecksumIEEE(s)
	for i := idSum - 1; i >= 0; i-- {
		spelt[i] = base32[n%32]
		n /= 32
	}
	return spelt
}

// Equal reports whether two texts are the same, in a time that tells their lengths at most. Nothing equals an empty text,
// as in [Secret.Equal].
func Equal(a, b string) bool {
	return a != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}
