package token

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"encoding/asn1"
	"hash"
	"math/big"
	"sync"
)

// digester is a hash, keyed where the key is a secret, with room to work in, so that verifying allocates little: Reset keeps
// the padded key.
type digester struct {
	hash hash.Hash // nil for EdDSA, which hashes by itself
	in   []byte
	sum  []byte
}

func newDigesters(h crypto.Hash, secret []byte) *sync.Pool {
	return &sync.Pool{New: func() any {
		switch {
		case secret != nil:
			return &digester{hash: hmac.New(h.New, secret)}
		case h == 0:
			return &digester{}
		}
		return &digester{hash: h.New()}
	}}
}

// compute leaves input in d.in, and its hash in d.sum.
func (d *digester) compute(input string) {
	d.in = append(d.in[:0], input...)
	if d.hash == nil {
		return
	}
	d.hash.Reset()
	d.hash.Write(d.in)
	d.sum = d.hash.Sum(d.sum[:0])
}

// sign returns the signature of input. The signer may keep its key to itself, as a hardware module does.
func (k *Key) sign(input string) ([]byte, error) {
	switch {
	case k.secret != nil:
		d, _ := k.digesters.Get().(*digester)
		defer k.digesters.Put(d)
		d.compute(input)
		return append([]byte(nil), d.sum...), nil
	case k.signer == nil:
		return nil, unusable("key %s only verifies", k.id)
	}
	d, _ := k.digesters.Get().(*digester)
	defer k.digesters.Put(d)
	d.compute(input)
	text, opts := d.sum, crypto.SignerOpts(hashes[k.alg])
	switch pub := k.public.(type) {
	case ed25519.PublicKey:
		text = d.in
	case *rsa.PublicKey:
		if k.alg[0] == 'P' {
			opts = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: hashes[k.alg]}
		}
	case *ecdsa.PublicKey:
		der, err := k.signer.Sign(rand.Reader, text, opts)
		if err != nil {
			return nil, err
		}
		return fromDER(der, (pub.Curve.Params().BitSize+7)/8)
	}
	return k.signer.Sign(rand.Reader, text, opts)
}

// fromDER is the way back from appendDER.
func fromDER(der []byte, size int) ([]byte, error) {
	var sig struct{ R, S *big.Int }
	rest, err := asn1.Unmarshal(der, &sig)
	fits := func(n *big.Int) bool { return n.Sign() > 0 && n.BitLen() <= 8*size }
	if err != nil || len(rest) > 0 || !fits(sig.R) || !fits(sig.S) {
		return nil, unusable("the signer's signature cannot be read")
	}
	out := make([]byte, 2*size)
	sig.R.FillBytes(out[:size])
	sig.S.FillBytes(out[size:])
	return out, nil
}

// Verify reports whether sig is input's signature under this key and its algorithm. What the input means is not looked at: to
// verify an access token, use a [Verifier].
func (k *Key) Verify(input string, sig []byte) bool {
	d, _ := k.digesters.Get().(*digester)
	defer k.digesters.Put(d)
	d.compute(input)
	switch pub := k.public.(type) {
	case *rsa.PublicKey:
		if k.alg[0] == 'P' {
			// RFC 7518 section 3.5 wants a salt as long as the hash; any other length would make more spellings.
			opts := rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}
			return rsa.VerifyPSS(pub, hashes[k.alg], d.sum, sig, &opts) == nil
		}
		return rsa.VerifyPKCS1v15(pub, hashes[k.alg], d.sum, sig) == nil
	case *ecdsa.PublicKey:
		var room [maxDER]byte
		der := appendDER(room[:0], sig, (pub.Curve.Params().BitSize+7)/8)
		return der != nil && ecdsa.VerifyASN1(pub, d.sum, der)
	case ed25519.PublicKey:
		return ed25519.Verify(pub, d.in, sig)
	}
	return hmac.Equal(d.sum, sig) // full length: a truncated MAC is none
}

// maxDER is the longest DER of a P-521 signature: two integers of 66 bytes, their heads, and the sequence's.
const maxDER = 3 + 2*(2+66)

// appendDER turns r and s, each of size bytes (RFC 7518 section 3.4), into the DER that the standard library reads. It
// returns nil for another length. That r and s lie between 1 and the order is for the library to check, and it does.
func appendDER(dst, sig []byte, size int) []byte {
	if len(sig) != 2*size {
		return nil
	}
	r, s := trim(sig[:size]), trim(sig[size:])
	length := 2 + len(r) + pad(r) + 2 + len(s) + pad(s)
	dst = append(dst, 0x30)
	if length >= 0x80 {
		dst = append(dst, 0x81)
	}
	dst = append(dst, byte(length))
	for _, n := range [...][]byte{r, s} {
		dst = append(dst, 0x02, byte(len(n)+pad(n)))
		if pad(n) == 1 {
			dst = append(dst, 0)
		}
		dst = append(dst, n...)
	}
	return dst
}

// trim drops leading zeros, but for the last byte.
func trim(n []byte) []byte {
	for len(n) > 1 && n[0] == 0 {
		n = n[1:]
	}
	return n
}

// pad is 1 for a number that needs a zero byte in front, not to be negative.
func pad(n []byte) int { return int(n[0] >> 7) }
