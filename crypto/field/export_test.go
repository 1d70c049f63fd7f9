package field

// The pieces that vectors are for.
var (
	NewGCM    = newGCM
	Unpad     = unpad
	AppendPad = appendPadded
	Guessable = isGuessable
)

// XAESKey is the key that XAES derives for one salt.
func XAESKey(key, salt []byte) []byte { return newXAES(key).key(salt) }

// OpenXAES opens salt, nonce, ciphertext and tag.
func OpenXAES(key, body, aad []byte) ([]byte, error) { return newXAES(key).open(nil, body, aad) }

// SealXAES seals with a drawn nonce.
func SealXAES(key, plaintext, aad []byte) []byte { return newXAES(key).seal(nil, plaintext, aad) }

// AAD is what a binding authenticates.
func AAD(b Binding) []byte {
	aad := appendAAD(make([]byte, headerSize), b.table, b.column)
	return b.appendRow(aad, false)[headerSize:]
}

// Cached counts the subkeys that are kept.
func Cached(r *Ring) (n int) {
	for i := range r.cache.sets {
		for j := range r.cache.sets[i] {
			if r.cache.sets[i][j].Load() != nil {
				n++
			}
		}
	}
	return n
}

// KeyBytes returns the ring's own copies of its keys.
func KeyBytes(r *Ring) (all [][]byte) {
	for _, e := range r.state.Load().entries {
		all = append(all, e.key.bytes[:])
	}
	return all
}

// FieldKey is the subkey and commitment of a cell's column.
func FieldKey(raw []byte, s Suite, table, column, tenant string) []byte {
	k := &ringKey{id: 1}
	copy(k.bytes[:], raw)
	c := scope{suite: s, table: table, column: column, tenant: tenant}
	return expand(k, c.info(), keySize+commitSize)
}

// Expand is the HKDF of the ring's keys.
func Expand(prk, info []byte, size int) []byte {
	k := &ringKey{}
	copy(k.bytes[:], prk)
	return expand(k, info, size)
}

// MAC is the keyed hash of an index.
func MAC(key, message []byte) []byte {
	m := newMAC(key)
	m.Write(message)
	return m.Sum(nil)
}

// IsCached reports whether the AES-256-GCM subkey of a column is kept.
func IsCached(r *Ring, id KeyID, table, column string) bool {
	e, _ := r.state.Load().find(id)
	return r.cache.find(e.key, &scope{suite: AES256GCM, table: table, column: column}) != nil
}

// LateSubkey closes the ring while a call is under way that has found its key already.
func LateSubkey(r *Ring) error {
	k := r.state.Load().primary
	_ = r.Close()
	_, err := r.subkey(k, &scope{suite: AES256GCM, table: "customers", column: "late"})
	return err
}

// Leftover is the memory that calls have used for plaintext.
func Leftover(r *Ring) []byte {
	s := r.borrow()
	return append(s.text[:cap(s.text)], s.plain[:cap(s.plain)]...)
}

// Counted is how many values the AES-256-GCM subkey of a column takes for sealed.
func Counted(r *Ring, id KeyID, table, column string) uint64 {
	e, _ := r.state.Load().find(id)
	return r.cache.find(e.key, &scope{suite: AES256GCM, table: table, column: column}).seals.Load()
}

// UsedMAC is the hash of an index after a call, as it is kept.
func UsedMAC(key []byte, text string) any {
	m := newMAC(key)
	m.Write([]byte(text))
	m.sum = m.Sum(m.sum[:0])
	m.Reset()
	return m
}
