package token

// OpenJWS verifies a compact JWS of any type and payload, for vectors that are no access tokens.
func OpenJWS(ring *Keyring, jws string) ([]byte, error) {
	return ring.open(jws, func(string) bool { return true })
}

// NewWeakKey binds a secret that NewHMACKey would call guessable.
func NewWeakKey(id string, alg Alg, secret []byte) (*Key, error) {
	return newKey(&Key{id: id, alg: alg, secret: secret})
}
