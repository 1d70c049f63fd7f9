package session

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/gopalisade/palisade/internal/ascii"
)

// A refresh token is prt_<session>_<generation>_<secret>: 26 characters of base32, a decimal number, 43 of base64url.
const (
	prefix     = "prt_"
	idSize     = 26
	secretSize = 43
	maxRefresh = len(prefix) + idSize + 1 + 20 + 1 + secretSize
)

// parseRefresh takes a token apart without judging it.
func parseRefresh(token string) (id string, generation uint64, ok bool) {
	rest, ok := strings.CutPrefix(token, prefix)
	if !ok || len(token) > maxRefresh || len(rest) < idSize+3+secretSize || rest[idSize] != '_' {
		return "", 0, false
	}
	id, rest = rest[:idSize], rest[idSize+1:]
	number, _, ok := strings.Cut(rest, "_")
	if !ok || !ascii.All(id, "") {
		return "", 0, false
	}
	generation, err := strconv.ParseUint(number, 10, 64)
	return id, generation, err == nil && generation > 0
}

// key makes the secrets of refresh tokens.
type key struct {
	id     string
	secret []byte
}

func newKey(secret []byte) key {
	sum := sha256.Sum256(append([]byte("palisade session key id\x00"), secret...))
	return key{id: hex.EncodeToString(sum[:8]), secret: append([]byte(nil), secret...)}
}

// refresh spells the one refresh token of a generation: whoever asks again gets the same.
func (k key) refresh(f *Family, generation uint64) string {
	mac := hmac.New(sha256.New, k.secret)
	mac.Write([]byte("palisade refresh token\x00"))
	mac.Write(f.Seed)
	mac.Write([]byte(f.ID))
	mac.Write(binary.BigEndian.AppendUint64(nil, generation))
	secret := base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
	return prefix + f.ID + "_" + strconv.FormatUint(generation, 10) + "_" + secret
}

// authentic reports, in constant time, whether this key made the token.
func (k key) authentic(f *Family, generation uint64, token string) bool {
	return subtle.ConstantTimeCompare([]byte(k.refresh(f, generation)), []byte(token)) == 1
}
