package guard

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"
)

// A device cookie is base64url of its end in Unix seconds, a nonce, and a MAC over those and the account. 57 bytes fill 76
// characters without a bit to spare, so there is one spelling.
const (
	headSize   = 8 + 17
	cookieSize = headSize + sha256.Size
	cookieText = cookieSize / 3 * 4
)

// DeviceCookie returns a new cookie for a device on which the account's owner has just logged in, with every factor that he
// needs. Set it for Config.DeviceLife with Path, Secure, HttpOnly and SameSite, and give what comes back to
// [Attempt].Device. It proves no identity: it only means that its holder's guesses at this account are counted apart.
//
// It cannot be taken back before its end, except by new Keys; a thief has the guesses that [Limits].Device allows,
// and three times as many with any number of them.
func (g *Guard) DeviceCookie(account string) string {
	b := make([]byte, headSize, cookieSize)
	binary.BigEndian.PutUint64(b, uint64(time.Now().Add(g.life).Unix()))
	_, _ = rand.Read(b[8:]) // never fails
	return base64.RawURLEncoding.EncodeToString(sign(g.device[0], b, g.normalize(account)))
}

// sign appends the MAC. The head has one length, so it and the account do not run into each other.
func sign(key, head []byte, account string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write(head)
	mac.Write([]byte(account))
	return mac.Sum(head)
}

// holder returns the nonce of a cookie that this guard made for the account, if it is one and not at its end.
func (g *Guard) holder(cookie, account string) (nonce string, ok bool) {
	if len(cookie) != cookieText {
		return "", false
	}
	var room [cookieSize]byte
	n, err := base64.RawURLEncoding.Decode(room[:], []byte(cookie))
	if err != nil || n != cookieSize { // the decoder skips line feeds
		return "", false
	}
	for _, key := range g.device {
		var want [cookieSize]byte
		copy(want[:], room[:headSize])
		if hmac.Equal(sign(key, want[:headSize], account), room[:]) {
			end := binary.BigEndian.Uint64(room[:])
			return string(room[8:headSize]), uint64(time.Now().Unix()) < end
		}
	}
	return "", false
}
