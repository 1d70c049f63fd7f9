package storage

import (
	"crypto/rand"
	"strings"
)

// A key is the name of its transaction, which says where the file lies, then the file's own name, which nobody can guess:
// not even who knows another key of the same transaction. One case only, so that file systems without case keep keys apart;
// no dot, slash or colon, so that no key means anything to any of them.
const (
	txLen   = 16 // 80 bits: unique
	fileLen = 26 // 130 bits: secret
)

func newTxID() string   { return newFileID()[:txLen] }
func newFileID() string { return strings.ToLower(rand.Text()) }

// split takes a key apart. Only what newTxID and newFileID make passes, so that nothing else reaches the file system.
func split(key string) (tx, file string, ok bool) {
	if len(key) != txLen+fileLen || !isID(key) {
		return "", "", false
	}
	return key[:txLen], key[txLen:], true
}

// isID reports whether all of s is of the alphabet of base32 (RFC 4648 section 6), in lower case.
func isID(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '2' || c > '7') {
			return false
		}
	}
	return s != ""
}
