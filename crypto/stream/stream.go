package stream

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha512"
	"encoding/binary"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/internal/conf"
)

// KeySize is the length of the keys of [NewWriter], [NewReader] and [NewReaderAt], in bytes.
const KeySize = 32

const (
	chunkSize  = 16 << 10
	tagSize    = 16
	sealedSize = chunkSize + tagSize
	nonceSize  = 12
	saltSize   = 24
	commitSize = 32
	prefixSize = saltSize + commitSize

	maxChunks = 1 << 38 // the ceiling of the format
)

// label names the AEAD by its IANA registration and, in a version of its own, the whole construction.
const label = "c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\x00"

// chunks encrypts and decrypts the chunks of one file by their number.
type chunks struct {
	aead cipher.AEAD
	base nonce
}

// A nonce lives in a struct that is on the heap already: what goes through an interface would be allocated otherwise.
type nonce [nonceSize]byte

// at makes n the nonce of chunk i.
func (c *chunks) at(n *nonce, i uint64) []byte {
	*n = c.base
	low := n[nonceSize-8:]
	binary.BigEndian.PutUint64(low, binary.BigEndian.Uint64(low)^i)
	return n[:]
}

// newChunks derives what is one file's own from its salt, and the commitment that stands behind the salt. There is no
// Extract step, since keys are random.
func newChunks(key, salt, context []byte) (c chunks, commitment []byte, err error) {
	info := label + string(salt) + string(context)
	out, _ := hkdf.Expand(sha512.New, key, info, KeySize+nonceSize+commitSize) // fails for 16 KiB and more only
	block, _ := aes.NewCipher(out[:KeySize])
	c.aead, err = cipher.NewGCM(block) // refused under GODEBUG=fips140=only
	copy(c.base[:], out[KeySize:])
	clear(out[:KeySize])
	return c, out[KeySize+nonceSize:], err
}

// checkArgs reports the faults that no file is to blame for.
func checkArgs(name string, end any, keys ...[]byte) error {
	f := conf.Faults{Room: "stream"}
	f.Check(end != nil, name, nil, "is needed")
	for _, key := range keys {
		f.Check(len(key) == KeySize, "key", nil, "must be 32 bytes")
	}
	return f.Err()
}

// SealedLen returns the length of n bytes of plaintext when encrypted, without the header that [Files] puts in front. It
// knows no ceiling: n must be less than 4 PiB.
func SealedLen(n int64) int64 {
	return prefixSize + n/chunkSize*sealedSize + n%chunkSize + tagSize
}

// PlainLen is the inverse of [SealedLen]. What has no such length is no whole file: the error matches [ErrOpen], and
// [ErrTruncated] or [ErrTooLarge].
func PlainLen(sealed int64) (int64, error) { return plainLen(0, sealed) }

func plainLen(id field.KeyID, sealed int64) (int64, error) {
	body := max(sealed, prefixSize) - prefixSize
	whole, rest := body/sealedSize, body%sealedSize
	switch {
	case rest < tagSize:
		return 0, cannotOpen(id, ErrTruncated)
	case whole >= maxChunks:
		return 0, cannotOpen(id, ErrTooLarge)
	}
	return whole*chunkSize + rest - tagSize, nil
}
