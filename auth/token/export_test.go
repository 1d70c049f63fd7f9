package token

import "context"

// OpenJWS verifies a compact JWS of any type and payload, for vectors that are no access tokens.
func OpenJWS(ring *Keyring, jws string) ([]byte, error) {
	o := opener{keys: ring}
	done, err := o.open(context.Background(), jws, func(string) bool { return true })
	return done.payload, err
}

// NewWeakKey binds a secret that NewHMACKey would call guessable.
func NewWeakKey(id string, alg Alg, secret []byte) (*Key, error) {
	return newKey(&Key{id: id, alg: alg, secret: secret})
}

// Remembered counts the tokens in v's cache.
func Remembered(v *Verifier) (n int) {
	for i := range v.cache.sets {
		for j := range v.cache.sets[i] {
			if v.cache.sets[i][j].Load() != nil {
				n++
			}
		}
	}
	return n
}

// DER is r and s as the standard library reads them.
func DER(sig []byte, size int) []byte { return appendDER(nil, sig, size) }

// ParseRemote reads a set as a Remote does.
func ParseRemote(body []byte) ([]*Key, error) { return parseRemote(body, "") }

// Headers counts the header segments that v knows.
func Headers(v *Verifier) int { return len(*v.opener.headers.Load()) }
