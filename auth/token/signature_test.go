package token_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"slices"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/token"
)

// K3: what is no pair of numbers between 1 and the order, in exactly the curve's length, is no signature.
func TestECDSASignatures(t *testing.T) {
	for _, tc := range []struct {
		alg   token.Alg
		curve elliptic.Curve
	}{{token.ES256, elliptic.P256()}, {token.ES384, elliptic.P384()}, {token.ES512, elliptic.P521()}} {
		t.Run(string(tc.alg), func(t *testing.T) {
			private, err := ecdsa.GenerateKey(tc.curve, rand.Reader)
			must(t, err)
			key, err := token.NewPublicKey("k", tc.alg, &private.PublicKey)
			must(t, err)
			good, err := jwt.GetSigningMethod(string(tc.alg)).Sign("input", private)
			must(t, err)
			size := len(good) / 2
			zero, one, order := make([]byte, size), make([]byte, size), make([]byte, size)
			one[size-1] = 1
			tc.curve.Params().N.FillBytes(order)
			over := new(big.Int).Add(tc.curve.Params().N, new(big.Int).SetBytes(good[:size]))
			hash := sha256.Sum256([]byte("input"))
			der, err := ecdsa.SignASN1(rand.Reader, private, hash[:])
			must(t, err)
			r, s := good[:size], good[size:]
			for _, sig := range []struct {
				name string
				sig  []byte
				want bool
			}{
				{"good", good, true},
				{"both zero", slices.Concat(zero, zero), false},
				{"r zero", slices.Concat(zero, s), false},
				{"s zero", slices.Concat(r, zero), false},
				{"both one", slices.Concat(one, one), false},
				{"r is the order", slices.Concat(order, s), false},
				{"s is the order", slices.Concat(r, order), false},
				{"r and the order", slices.Concat(over.FillBytes(make([]byte, size+1))[1:], s), false},
				{"DER", der, false},
				{"longer", slices.Concat([]byte{0}, r, []byte{0}, s), false},
				{"shorter", good[:len(good)-1], false},
				{"odd", append(slices.Clone(good), 0), false},
				{"empty", nil, false},
				{"swapped", slices.Concat(s, r), false},
			} {
				if got := key.Verify("input", sig.sig); got != sig.want {
					t.Errorf("%s: got %t, want %t", sig.name, got, sig.want)
				}
			}
			if key.Verify("other", good) {
				t.Error("another input is accepted")
			}
		})
	}
}

// The DER that we write is the one that the standard library would.
func TestDER(t *testing.T) {
	for size := range 66 {
		for range 50 {
			sig := secret(2 * (size + 1))
			copy(sig, make([]byte, size/2)) // leading zeros
			r, s := new(big.Int).SetBytes(sig[:size+1]), new(big.Int).SetBytes(sig[size+1:])
			want, err := asn1.Marshal(struct{ R, S *big.Int }{r, s})
			must(t, err)
			if got := token.DER(sig, size+1); !slices.Equal(got, want) {
				t.Fatalf("%x: got %x, want %x", sig, got, want)
			}
		}
	}
}

// Numbers with leading zeros are rare, and must not be lost.
func TestShortNumbers(t *testing.T) {
	key := newKey(t, token.ES256)
	is, v := pair(t, key)
	for range 600 {
		if _, err := v.Verify(t.Context(), issue(t, is, "u")); err != nil {
			t.Fatal(err)
		}
	}
}

// opaque is a signer whose key is elsewhere.
type opaque struct {
	crypto.Signer
	answer []byte // instead of a signature
}

func (o opaque) Sign(r io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if o.answer != nil {
		return o.answer, nil
	}
	return o.Signer.Sign(r, digest, opts)
}

func TestSignersElsewhere(t *testing.T) {
	for _, alg := range []token.Alg{token.ES256, token.ES384, token.ES512, token.RS256, token.PS384, token.EdDSA} {
		t.Run(string(alg), func(t *testing.T) {
			data, err := newKey(t, alg).MarshalPrivatePEM()
			must(t, err)
			block, _ := pem.Decode(data)
			private, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			must(t, err)
			huge := new(big.Int).Lsh(big.NewInt(1), 600)
			for _, r := range []*big.Int{nil, huge, new(big.Int), big.NewInt(-1)} {
				var answer []byte
				if r != nil {
					answer, err = asn1.Marshal(struct{ R, S *big.Int }{r, big.NewInt(1)})
					must(t, err)
				}
				key, err := token.NewPrivateKey("", alg, opaque{private.(crypto.Signer), answer})
				must(t, err)
				is, v := pair(t, key)
				tok, err := is.Issue(auth.Principal{ID: "u"}, nil)
				if err == nil {
					_, err = v.Verify(t.Context(), tok.Value)
				}
				if (err != nil) != (answer != nil) {
					t.Errorf("r = %v: got %v", r, err)
				}
			}
		})
	}
}

func TestRSAPublicKeys(t *testing.T) {
	private, err := rsaKey()
	must(t, err)
	even := new(big.Int).SetBit(private.N, 0, 0)
	for _, tc := range []struct {
		name string
		n    *big.Int
		e    int
		want bool
	}{
		{"usual", private.N, 65537, true},
		{"3", private.N, 3, true},
		{"greatest exponent", private.N, 1<<31 - 1, true},
		{"exponent of 1", private.N, 1, false},
		{"even exponent", private.N, 4, false},
		{"even modulus", even, 65537, false},
		{"no modulus", nil, 65537, false},
	} {
		_, err := token.NewPublicKey("", token.RS256, &rsa.PublicKey{N: tc.n, E: tc.e})
		if (err == nil) != tc.want || err != nil && !errors.Is(err, token.ErrKey) {
			t.Errorf("%s: got %v, want accepted = %t", tc.name, err, tc.want)
		}
	}
}
