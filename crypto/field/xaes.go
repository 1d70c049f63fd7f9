package field

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/subtle"
)

// xaes is XAES-256-GCM (c2sp.org/XAES-256-GCM): a key for each value, derived from 12 bytes of the 24-byte nonce by
// CMAC in counter mode (SP 800-108r1), and AES-256-GCM with the other 12.
type xaes struct {
	block cipher.Block
	k1    [aes.BlockSize]byte
}

func newXAES(key []byte) *xaes {
	x := &xaes{}
	x.block, _ = aes.NewCipher(key) // 32 bytes
	x.block.Encrypt(x.k1[:], x.k1[:])
	// Doubling in GF(2^128), as CMAC's first subkey (SP 800-38B section 6.1), without a branch on the key.
	var carry byte
	for i := len(x.k1) - 1; i >= 0; i-- {
		next := x.k1[i] >> 7
		x.k1[i] = x.k1[i]<<1 | carry
		carry = next
	}
	x.k1[len(x.k1)-1] ^= byte(subtle.ConstantTimeSelect(int(carry), 0x87, 0))
	return x
}

// key returns the key of one salt.
func (x *xaes) key(salt []byte) []byte {
	key := make([]byte, 0, 2*aes.BlockSize)
	for counter := byte(1); counter <= 2; counter++ {
		key = append(append(key, 0, counter, 'X', 0), salt...)
	}
	for half := key; len(half) > 0; half = half[aes.BlockSize:] {
		subtle.XORBytes(half, half[:aes.BlockSize], x.k1[:])
		x.block.Encrypt(half, half)
	}
	return key
}

func (x *xaes) aead(salt []byte) cipher.AEAD {
	key := x.key(salt)
	defer clear(key)
	return newGCM(key)
}

// seal appends salt, nonce, ciphertext and tag: the nonce that GCM draws is the second half of XAES's.
func (x *xaes) seal(dst, plaintext, aad []byte) []byte {
	at := len(dst)
	dst = append(dst, make([]byte, saltSize)...)
	salt := dst[at:]
	_, _ = rand.Read(salt) // never fails
	return x.aead(salt).Seal(dst, nil, plaintext, aad)
}

func (x *xaes) open(dst, body, aad []byte) ([]byte, error) {
	return x.aead(body[:saltSize]).Open(dst, nil, body[saltSize:], aad)
}
