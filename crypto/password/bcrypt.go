package password

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"golang.org/x/crypto/bcrypt"
)

// cpuShare is what a bcrypt or PBKDF2 hash counts in the line, in KiB: little memory, but a core for its time.
const cpuShare = 4 << 10

// readBcrypt holds the library to what bcrypt is: it would ignore what follows the 60th character of a hash and the 72nd
// byte of a password, and take a NUL for the password's end. With digest, bcrypt got the password's SHA-256 in hexadecimal,
// which has neither fault.
func readBcrypt(s string, maxCost int, digest bool) (target, bool) {
	return target{memory: cpuShare, weak: true, match: func(password string) bool {
		if digest {
			sum := sha256.Sum256([]byte(password))
			password = hex.EncodeToString(sum[:])
		}
		honest := len(password) <= 72 && strings.IndexByte(password, 0) < 0
		try := password[:min(len(password), 72)]
		return bcrypt.CompareHashAndPassword([]byte(s), []byte(try)) == nil && honest
	}}, isBcrypt(s, maxCost)
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
