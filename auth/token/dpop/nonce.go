package dpop

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/gopalisade/palisade/internal/jose"
)

// nonceLife is for how long one nonce is given out. It is accepted for as long again.
const nonceLife = 2 * time.Minute

// Nonce returns the nonce that proofs should carry now (RFC 9449 section 8), or "" without NonceKeys. A client learns it from a
// refusal; an answer that carries it in DPoP-Nonce saves the next one.
func (a *Authenticator) Nonce() string {
	if len(a.nonceKeys) == 0 {
		return ""
	}
	return nonce(a.nonceKeys[0], bucket(time.Now()))
}

// nonce needs no memory, on any machine: the MAC of a span of time.
func nonce(key []byte, bucket int64) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("palisade dpop nonce v1"))
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(bucket)))
	return jose.Encode(mac.Sum(nil)[:18])
}

func bucket(now time.Time) int64 { return now.Unix() / int64(nonceLife/time.Second) }

// goodNonce accepts the present nonce and the one before it.
func (a *Authenticator) goodNonce(got string, now time.Time) bool {
	b := bucket(now)
	for _, key := range a.nonceKeys {
		for _, want := range [...]string{nonce(key, b), nonce(key, b-1)} {
			if hmac.Equal([]byte(got), []byte(want)) {
				return true
			}
		}
	}
	return len(a.nonceKeys) == 0
}
