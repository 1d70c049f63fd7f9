package apikey

import (
	"crypto/rand"
	"hash/crc32"
	"regexp"
	"strconv"
	"strings"

	"github.com/gopalisade/palisade/internal/ascii"
)

// The parts of a key behind its prefix and environment. All are letters and digits: a double click selects the whole key.
const (
	idSize       = 12 // characters, 71 random bits
	secretSize   = 43 // characters, 256 random bits
	checksumSize = 6  // CRC-32 (IEEE) of everything before it
	tailSize     = idSize + 1 + secretSize + checksumSize
	maxText      = 16 + 1 + 16 + 1 + tailSize
)

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// newText draws a key.
func (k *Keys) newText() (id, text string) {
	id = draw(idSize)
	text = k.start + id + "_" + draw(secretSize)
	sum := checksum(text)
	return id, text + string(sum[:])
}

// parse takes a key apart, in the one spelling that it has. What it accepts is most likely a key, though perhaps nobody's.
func (k *Keys) parse(text string) (id string, ok bool) {
	tail, ok := strings.CutPrefix(text, k.start)
	if !ok || len(tail) != tailSize || tail[idSize] != '_' || !ascii.All(tail[:idSize], "") || !ascii.All(tail[idSize+1:], "") {
		return "", false
	}
	sum := checksum(text[:len(text)-checksumSize])
	return tail[:idSize], text[len(text)-checksumSize:] == string(sum[:])
}

// Pattern returns a regular expression, in RE2 syntax, that finds the keys of this prefix and environment in any text. Give it
// to the scanner that looks for leaked secrets.
func (k *Keys) Pattern() string {
	const class = "[0-9A-Za-z]"
	return `\b` + regexp.QuoteMeta(k.start) + class + "{" + strconv.Itoa(idSize) + "}_" +
		class + "{" + strconv.Itoa(secretSize+checksumSize) + `}\b`
}

// checksum spells a CRC-32. It is no secret, and keeps nobody from making up a key: it keeps mistakes from the store.
func checksum(s string) (spelt [checksumSize]byte) {
	n := crc32.ChecksumIEEE([]byte(s))
	for i := checksumSize - 1; i >= 0; i-- {
		spelt[i] = base62[n%62]
		n /= 62
	}
	return spelt
}

// draw returns n random characters, each as likely as any other.
func draw(n int) string {
	out := make([]byte, 0, n)
	var random [64]byte
	for len(out) < n {
		_, _ = rand.Read(random[:]) // never fails
		for _, b := range random {
			if b < 4*62 && len(out) < n {
				out = append(out, base62[b%62])
			}
		}
	}
	return string(out)
}

// redact leaves of a key what a log may show: everything up to its id.
func redact(text string) string {
	if len(text) <= tailSize {
		return "[redacted]"
	}
	return text[:len(text)-secretSize-checksumSize] + "[redacted]"
}
