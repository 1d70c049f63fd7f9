package field

import (
	"crypto/subtle"
	"slices"
	"unsafe"
)

// Seal returns plaintext encrypted for one cell. The empty plaintext is a value like others; NULL should stay NULL.
//
// The error is [ErrBinding], [ErrTooLarge], [ErrExhausted] or [ErrClosed].
func (r *Ring) Seal(b Binding, plaintext []byte) ([]byte, error) {
	return r.AppendSeal(nil, b, plaintext)
}

// AppendSeal is [Ring.Seal], appending to dst. It returns nil and not dst when it fails, so that no half row is stored.
func (r *Ring) AppendSeal(dst []byte, b Binding, plaintext []byte) ([]byte, error) {
	now := r.now()
	if now == nil {
		return nil, ErrClosed
	}
	s := r.borrow()
	sealed, err := r.seal(dst, now, &b, plaintext, s)
	r.giveBack(s)
	return sealed, err
}

func (r *Ring) seal(dst []byte, now *snapshot, b *Binding, plaintext []byte, s *scratch) ([]byte, error) {
	switch {
	case !b.check():
		return nil, ErrBinding
	case len(plaintext) > r.maxPlaintext:
		return nil, ErrTooLarge
	case b.pad == 0:
		return r.appendSeal(dst, now.primary, b, plaintext, false, s)
	}
	clear(s.text) // of a longer value in the same row
	s.text = appendPadded(s.text[:0], plaintext, b.pad)
	return r.appendSeal(dst, now.primary, b, s.text, true, s)
}

// appendSeal seals what is padded already.
func (r *Ring) appendSeal(dst []byte, k *ringKey, b *Binding, plaintext []byte, padded bool, s *scratch) ([]byte, error) {
	sk, err := r.sealer(k, b, s)
	if err != nil {
		return nil, err
	}
	suite := sk.scope.suite
	dst = slices.Grow(dst, len(plaintext)+suite.overhead())
	if overlap(dst, plaintext) {
		plaintext = slices.Clone(plaintext) // the cipher would panic, or read what it has overwritten
	}
	s.aad = b.appendRow(append(s.aad[:0], sk.aad...), padded)
	dst = append(dst, s.aad[:headerSize]...)
	switch suite {
	case XAES256GCM:
		return sk.xaes.seal(dst, plaintext, s.aad), nil
	case AES256GCMCommit:
		body := len(dst)
		dst = append(dst, sk.commitment...)
		dst = sk.aead.Seal(dst, nil, plaintext, s.aad)
		// The cipher has put its nonce behind the commitment; on the wire it stands before.
		copy(dst[body:], dst[body+commitSize:body+commitSize+nonceSize])
		copy(dst[body+nonceSize:], sk.commitment)
		return dst, nil
	}
	return sk.aead.Seal(dst, nil, plaintext, s.aad), nil
}

// sealer returns the subkey to seal one value with, and counts it.
func (r *Ring) sealer(k *ringKey, b *Binding, s *scratch) (*subkey, error) {
	for {
		m, err := r.find(s, k, r.suite, b)
		if err != nil {
			return nil, err
		}
		if r.suite == XAES256GCM {
			return m.sk, nil
		}
		if m.left == 0 {
			m.step = min(2*m.step+1, r.ahead)
			if m.sk.seals.Add(uint64(m.step)) > r.maxSeals {
				return r.exhausted(k, b, s)
			}
			if m.sk.evicted.Load() {
				continue // between the two, perhaps, and then its successor begins without this count
			}
			m.left = m.step
		}
		m.left--
		return m.sk, nil
	}
}

// exhausted goes on with the suite that has nonces enough.
func (r *Ring) exhausted(k *ringKey, b *Binding, s *scratch) (*subkey, error) {
	if r.suite != AES256GCM {
		return nil, ErrExhausted
	}
	m, err := r.find(s, k, XAES256GCM, b)
	if err != nil {
		return nil, err
	}
	return m.sk, nil
}

// Open decrypts what [Ring.Seal] returned for the same cell. It finds the key by its id and tries no other.
//
// Every error matches [ErrOpen] and has its text; what it was is told to the log by [OpenError].
func (r *Ring) Open(b Binding, sealed []byte) ([]byte, error) {
	plaintext, err := r.AppendOpen(nil, b, sealed)
	if err == nil && plaintext == nil {
		plaintext = []byte{} // the empty value is no NULL
	}
	return plaintext, err
}

// AppendOpen is [Ring.Open], appending to dst. It returns nil and not dst when it fails. The sealed value may lie in dst's
// memory, and is overwritten then.
func (r *Ring) AppendOpen(dst []byte, b Binding, sealed []byte) ([]byte, error) {
	now := r.now()
	if now == nil {
		return nil, cannotOpen(0, ErrClosed)
	}
	s := r.borrow()
	plaintext, err := r.open(dst, now, &b, sealed, s)
	r.giveBack(s)
	return plaintext, err
}

func (r *Ring) open(dst []byte, now *snapshot, b *Binding, sealed []byte, s *scratch) ([]byte, error) {
	at := len(dst)
	dst, info, err := r.appendOpen(dst, now, b, sealed, s)
	if err != nil || !info.Padded {
		return dst, err
	}
	n, ok := unpad(dst[at:])
	if !ok {
		clear(dst[at:])
		return nil, cannotOpen(info.KeyID, ErrFormat)
	}
	return dst[:at+n], nil
}

// appendOpen leaves the padding on.
func (r *Ring) appendOpen(dst []byte, now *snapshot, b *Binding, sealed []byte, s *scratch) ([]byte, header, error) {
	info, ok := inspect(sealed)
	if !ok || !r.opens[info.Suite] {
		return nil, info, cannotOpen(info.KeyID, ErrFormat)
	}
	if !b.check() {
		return nil, info, cannotOpen(info.KeyID, ErrBinding)
	}
	k, err := now.usable(info.KeyID)
	if err != nil {
		return nil, info, cannotOpen(info.KeyID, err)
	}
	m, err := r.find(s, k, info.Suite, b)
	if err != nil {
		return nil, info, cannotOpen(info.KeyID, err)
	}
	s.aad = b.appendRow(append(s.aad[:0], m.sk.aad...), info.Padded)
	dst = slices.Grow(dst, info.Len)
	if overlap(dst, sealed) {
		sealed = slices.Clone(sealed)
	}
	dst, err = m.sk.open(dst, sealed[headerSize:], s)
	if err != nil {
		return nil, info, cannotOpen(info.KeyID, nil)
	}
	return dst, info, nil
}

// open decrypts what follows the header.
func (sk *subkey) open(dst, body []byte, s *scratch) ([]byte, error) {
	switch sk.scope.suite {
	case XAES256GCM:
		return sk.xaes.open(dst, body, s.aad)
	case AES256GCMCommit:
		nonce, rest := body[:nonceSize], body[nonceSize:]
		if subtle.ConstantTimeCompare(rest[:commitSize], sk.commitment) != 1 {
			return nil, ErrOpen
		}
		s.wire = append(append(s.wire[:0], nonce...), rest[commitSize:]...) // the cipher wants both in one piece
		body = s.wire
	}
	return sk.aead.Open(dst, nil, body, s.aad)
}

// overlap reports whether what is appended to dst could touch b.
func overlap(dst, b []byte) bool {
	if cap(dst) == len(dst) || len(b) == 0 {
		return false
	}
	mine, other := uintptr(unsafe.Pointer(unsafe.SliceData(dst))), uintptr(unsafe.Pointer(unsafe.SliceData(b)))
	return mine+uintptr(len(dst)) < other+uintptr(len(b)) && other < mine+uintptr(cap(dst))
}

// NeedsReseal reports whether a value was sealed by another key than the primary, or by a suite that is not the ring's
// policy. It looks at the header only, so a damaged value may pass. The error matches [ErrOpen]: a value that cannot be opened
// is a finding and not a reason to reseal.
func (r *Ring) NeedsReseal(sealed []byte) (bool, error) {
	now := r.now()
	if now == nil {
		return false, cannotOpen(0, ErrClosed)
	}
	info, ok := inspect(sealed)
	if !ok || !r.opens[info.Suite] {
		return false, cannotOpen(info.KeyID, ErrFormat)
	}
	if _, err := now.usable(info.KeyID); err != nil {
		return false, cannotOpen(info.KeyID, err)
	}
	return r.isStale(now, info), nil
}

func (r *Ring) isStale(now *snapshot, info header) bool {
	// A ring of GCM keeps what is stronger.
	return info.KeyID != now.primary.id || r.suite != AES256GCM && info.Suite != r.suite
}

// Reseal opens a value and seals it again if it needs to be, with the padding it had. A value that does not is returned as
// it is, with false, but has been opened as well: a damaged one is an error, matching [ErrOpen], whatever its key.
func (r *Ring) Reseal(b Binding, sealed []byte) (out []byte, changed bool, err error) {
	now := r.now()
	if now == nil {
		return nil, false, cannotOpen(0, ErrClosed)
	}
	s := r.borrow()
	defer r.giveBack(s)
	plaintext, info, err := r.appendOpen(s.text[:0], now, &b, sealed, s)
	if err != nil {
		return nil, false, err
	}
	s.text = plaintext
	if !r.isStale(now, info) {
		return sealed, false, nil
	}
	out, err = r.appendSeal(nil, now.primary, &b, plaintext, info.Padded, s)
	return out, err == nil, err
}
