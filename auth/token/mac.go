package token

import (
	"crypto"
	"crypto/hmac"
	"hash"
	"sync"
)

// macState is a keyed hash with room to work in, so that verifying allocates nothing: Reset keeps the padded key.
type macState struct {
	hash hash.Hash
	in   []byte
	sum  []byte
}

func newMACs(h crypto.Hash, secret []byte) *sync.Pool {
	return &sync.Pool{New: func() any { return &macState{hash: hmac.New(h.New, secret)} }}
}

// compute leaves input's MAC in s.sum.
func (s *macState) compute(input string) {
	s.hash.Reset()
	s.in = append(s.in[:0], input...)
	s.hash.Write(s.in)
	s.sum = s.hash.Sum(s.sum[:0])
}

func (k *Key) mac(input string) []byte {
	s, _ := k.macs.Get().(*macState)
	defer k.macs.Put(s)
	s.compute(input)
	return append([]byte(nil), s.sum...)
}

func (k *Key) verifyMAC(input string, sig []byte) bool {
	s, _ := k.macs.Get().(*macState)
	defer k.macs.Put(s)
	s.compute(input)
	return hmac.Equal(s.sum, sig) // full length: a truncated MAC is none
}
