package token_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/auth/token"
	"github.com/gopalisade/palisade/internal/conf"
)

func TestKeysThatAreRefused(t *testing.T) {
	ec, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	edPublic, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	modulus := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 2048), big.NewInt(1942))
	hm := func(alg token.Alg, secret string) error {
		_, err := token.NewHMACKey("k", alg, []byte(secret))
		return err
	}
	pub := func(id string, alg token.Alg, k crypto.PublicKey) error {
		_, err := token.NewPublicKey(id, alg, k)
		return err
	}
	for _, tc := range []struct {
		name string
		err  error
	}{
		{"D22 empty secret", hm(token.HS256, "")},
		{"K6 short secret", hm(token.HS512, string(secret(63)))},
		{"K7 repeated byte", hm(token.HS256, strings.Repeat("a", 64))},
		{"K7 everyday word", hm(token.HS256, "my-very-long-Secret-0123456789-abcdef")},
		{"secret under a key pair's algorithm", hm(token.RS256, string(secret(32)))},
		{"unknown algorithm", hm("HS1", string(secret(32)))},
		{"K6 RSA of 1024 bits", pub("k", token.RS256, &rsa.PublicKey{N: new(big.Int).Rsh(modulus, 1024), E: 65537})},
		{"K6 exponent 1", pub("k", token.RS256, &rsa.PublicKey{N: modulus, E: 1})},
		{"RSA without modulus", pub("k", token.RS256, &rsa.PublicKey{E: 3})},
		{"RSA under ES256", pub("k", token.ES256, &rsa.PublicKey{N: modulus, E: 65537})},
		{"RSA under nothing", pub("k", "", &rsa.PublicKey{N: modulus, E: 65537})},
		{"RSA under a new algorithm", pub("k", "RS999", &rsa.PublicKey{N: modulus, E: 65537})},
		{"K6 P-384 under ES256", pub("k", token.ES256, &ec.PublicKey)},
		{"Ed25519 under ES256", pub("k", token.ES256, edPublic)},
		{"short Ed25519", pub("k", token.EdDSA, edPublic[:31])},
		{"a secret as public key", pub("k", token.HS256, secret(32))},
		{"long id", pub(strings.Repeat("k", 257), token.EdDSA, edPublic)},
		{"no signer", func() error { _, err := token.NewPrivateKey("k", token.EdDSA, nil); return err }()},
		{"generate nothing", func() error { _, err := token.GenerateKey("k", "none"); return err }()},
		{"generate HS1", func() error { _, err := token.GenerateKey("k", "HS1"); return err }()},
	} {
		if !errors.Is(tc.err, token.ErrKey) {
			t.Errorf("%s: got %v, want ErrKey", tc.name, tc.err)
		}
	}
}

func TestKeysDoNotPrint(t *testing.T) {
	raw := secret(32)
	k, err := token.NewHMACKey("k1", token.HS256, raw)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "key", k)
	text, err := json.Marshal(struct{ K *token.Key }{k})
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	all.WriteString(string(text) + log.String())
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X", "%o", "%b", "%c", "%U", "%5.3d"} {
		for _, v := range []any{k, *k, []any{k}, struct{ K token.Key }{*k}} {
			_, _ = fmt.Fprintf(&all, verb, v)
		}
		if s := fmt.Sprintf(verb, token.Token{Value: "abc.def.ghi", ID: "j"}); s != "token.Token(j, [redacted])" {
			t.Errorf("%s of a token: got %s", verb, s)
		}
	}
	for _, leak := range []string{string(raw), fmt.Sprint(raw), fmt.Sprintf("%x", raw), fmt.Sprint(raw[:4])[1:9]} {
		if strings.Contains(all.String(), leak) {
			t.Errorf("the secret is in %q", all.String())
		}
	}
	tok := token.Token{Value: "abc.def.ghi", ID: "j"}
	if s := fmt.Sprintf("%v %s %#v %+v", tok, tok, tok, tok); strings.Contains(s, "abc.def") {
		t.Errorf("the token is in %q", s)
	}
}

func TestPEM(t *testing.T) {
	for _, alg := range []token.Alg{token.EdDSA, token.ES512, token.PS256} {
		k := newKey(t, alg)
		data, err := k.MarshalPrivatePEM()
		if err != nil {
			t.Fatal(err)
		}
		again, err := token.ParsePEM("", alg, data)
		if err != nil || again.ID() != k.ID() || again.Alg() != alg || !again.CanSign() {
			t.Errorf("%s: got %v, %v; want %v", alg, again, err, k)
		}
		block, _ := pem.Decode(data)
		for name, bad := range map[string][]byte{
			"nothing":       nil,
			"two blocks":    append(append([]byte{}, data...), data...),
			"other type":    pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: block.Bytes}),
			"cut":           pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: block.Bytes[:20]}),
			"cut public":    pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: block.Bytes[:20]}),
			"text after it": append(append([]byte{}, data...), 'x'),
		} {
			if _, err := token.ParsePEM("", alg, bad); !errors.Is(err, token.ErrKey) {
				t.Errorf("%s: got %v, want ErrKey", name, err)
			}
		}
	}
	if _, err := newKey(t, token.HS256).MarshalPrivatePEM(); !errors.Is(err, token.ErrKey) {
		t.Errorf("got %v, want ErrKey", err)
	}
}

func TestJWKS(t *testing.T) {
	keys := []*token.Key{newKey(t, token.EdDSA), newKey(t, token.ES256), newKey(t, token.ES512), newKey(t, token.RS256)}
	ring, err := token.NewKeyring(keys[0], keys[1:]...)
	if err != nil {
		t.Fatal(err)
	}
	h, err := token.JWKS(ring)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	parsed, err := token.ParseJWKS(w.Body.Bytes())
	if err != nil || len(parsed) != len(keys) || w.Header().Get("Content-Type") != "application/jwk-set+json" {
		t.Fatalf("got %v, %v", parsed, err)
	}
	for i, k := range parsed {
		if k.ID() != keys[i].ID() || k.Alg() != keys[i].Alg() || k.CanSign() {
			t.Errorf("got %v, want the public half of %v", k, keys[i])
		}
	}
	if strings.Contains(w.Body.String(), `"d"`) {
		t.Error("a private member was published")
	}
	public, err := token.NewKeyring(parsed[0], parsed[1:]...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := token.NewIssuer(token.IssuerConfig{Keys: public, Issuer: "i", Audience: "a"}); err == nil {
		t.Error("an issuer without a private key was built")
	}
	w = httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("POST", "/", nil))
	if w.Code != 405 || w.Header().Get("Allow") == "" {
		t.Errorf("POST: got %d", w.Code)
	}
	w = httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("HEAD", "/", nil))
	if w.Code != 200 || w.Body.Len() != 0 {
		t.Errorf("HEAD: got %d with %d bytes", w.Code, w.Body.Len())
	}
	symmetric, err := token.NewKeyring(newKey(t, token.HS256))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := token.JWKS(symmetric); !errors.Is(err, token.ErrKey) {
		t.Errorf("got %v, want ErrKey: shared secrets must not be published", err)
	}
}

func TestJWKsThatAreRefused(t *testing.T) {
	x := "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
	private, err := rsaKey()
	must(t, err)
	n := base64.RawURLEncoding.EncodeToString(private.N.Bytes())
	for name, text := range map[string]string{
		"not JSON":            `{`,
		"twice":               `{"kty":"OKP","kty":"OKP","crv":"Ed25519","alg":"EdDSA","x":"` + x + `"}`,
		"K5 use enc":          `{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","use":"enc","x":"` + x + `"}`,
		"K5 use a number":     `{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","use":5,"x":"` + x + `"}`,
		"K5 key_ops a string": `{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","key_ops":"encrypt","x":"` + x + `"}`,
		"kid null":            `{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":null,"x":"` + x + `"}`,
		"K5 key_ops sign":     `{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","key_ops":["sign"],"x":"` + x + `"}`,
		"K5 key_ops empty":    `{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","key_ops":[],"x":"` + x + `"}`,
		"K5 key_ops encrypt":  `{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","key_ops":["encrypt"],"x":"` + x + `"}`,
		"no algorithm":        `{"kty":"OKP","crv":"Ed25519","x":"` + x + `"}`,
		"other curve":         `{"kty":"OKP","crv":"X25519","alg":"EdDSA","x":"` + x + `"}`,
		"not base64":          `{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","x":"***"}`,
		"wrong type":          `{"kty":1}`,
		"unknown kind":        `{"kty":"AKP","alg":"EdDSA"}`,
		"RSA without modulus": `{"kty":"RSA","alg":"RS256","e":"AQAB"}`,
		"RSA huge exponent":   `{"kty":"RSA","alg":"RS256","e":"AQABAQAB","n":"AQAB"}`,
		"RSA great exponent":  `{"kty":"RSA","alg":"RS256","e":"gAAAAQ","n":"` + n + `"}`,
		"EC other curve":      `{"kty":"EC","alg":"ES256","crv":"P-384","x":"AA","y":"AA"}`,
		"EC short":            `{"kty":"EC","alg":"ES256","crv":"P-256","x":"AA","y":"AA"}`,
		"EC off the curve":    `{"kty":"EC","alg":"ES256","crv":"P-256","x":"` + strings.Repeat("A", 42) + `E","y":"` + strings.Repeat("A", 42) + `E"}`,
		"too long":            strings.Repeat(" ", 600<<10),
	} {
		if _, err := token.ParseJWK([]byte(text)); !errors.Is(err, token.ErrKey) {
			t.Errorf("%s: got %v, want ErrKey", name, err)
		}
	}
	good := `{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","x":"` + x + `"}`
	if k, err := token.ParsePublicJWK([]byte(good), token.EdDSA); err != nil || k.Alg() != token.EdDSA {
		t.Errorf("got %v, %v", k, err)
	}
	for name, text := range map[string]string{
		"not JSON":                       `{`,
		"private member":                 strings.Replace(good, `"x"`, `"d":"AA","x"`, 1),
		"private member in another case": strings.Replace(good, `"x"`, `"D":"AA","x"`, 1),
		"secret in another case":         strings.Replace(good, `"x"`, `"K":"AA","x"`, 1),
		"secret":                         `{"kty":"oct","alg":"HS256","k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}`,
		"other kind":                     strings.Replace(good, `"EdDSA"`, `"ES256"`, 1),
	} {
		if _, err := token.ParsePublicJWK([]byte(text), token.EdDSA); !errors.Is(err, token.ErrKey) {
			t.Errorf("public %s: got %v, want ErrKey", name, err)
		}
	}
	for name, text := range map[string]string{
		"empty":        `{"keys":[]}`,
		"not JSON":     `{`,
		"one bad key":  `{"keys":[{"kty":"AKP"}]}`,
		"too many":     `{"keys":[` + strings.Repeat(`{},`, 64) + `{}]}`,
		"far too long": strings.Repeat(" ", 600<<10),
	} {
		if _, err := token.ParseJWKS([]byte(text)); !errors.Is(err, token.ErrKey) {
			t.Errorf("set %s: got %v, want ErrKey", name, err)
		}
	}
}

func TestConfigFaults(t *testing.T) {
	ring, err := token.NewKeyring(newKey(t, token.HS256))
	if err != nil {
		t.Fatal(err)
	}
	_, none := token.NewVerifier(token.VerifierConfig{Leeway: 2 * time.Minute, MaxLifetime: -1})
	var noRing *token.Keyring
	var noRemote *token.Remote
	_, zeroRing := token.NewVerifier(token.VerifierConfig{Keys: &token.Keyring{}, Issuer: "i", Audience: "a"})
	_, zeroRemote := token.NewVerifier(token.VerifierConfig{Keys: &token.Remote{}, Issuer: "i", Audience: "a"})
	_, zeroIssuer := token.NewIssuer(token.IssuerConfig{Keys: &token.Keyring{}, Issuer: "i\xff", Audience: "a\xff"})
	_, zeroKey := token.NewKeyring(&token.Key{})
	_, hidden := token.NewVerifier(token.VerifierConfig{Keys: noRing, Issuer: "i", Audience: "a", Cache: -1})
	_, hiddenToo := token.NewVerifier(token.VerifierConfig{Keys: noRemote, Issuer: "i", Audience: "a", Cache: 1<<20 + 1})
	_, noIssuer := token.NewIssuer(token.IssuerConfig{TTL: 48 * time.Hour})
	_, fine := token.NewVerifier(token.VerifierConfig{Keys: ring, Issuer: "i", Audience: "a", Leeway: time.Minute})
	for _, tc := range []struct {
		name string
		err  error
		want int
	}{
		{"zero ring", zeroRing, 1},
		{"zero remote", zeroRemote, 1},
		{"zero ring of an issuer", zeroIssuer, 3},
		{"zero key", zeroKey, 1},
		{"verifier", none, 5},
		{"hidden nil", hidden, 2},
		{"hidden nil of a remote", hiddenToo, 2},
		{"issuer", noIssuer, 4},
		{"fine", fine, 0},
	} {
		if got := len(conf.All(tc.err)); got != tc.want {
			t.Errorf("%s: got %d faults (%v), want %d", tc.name, got, tc.err, tc.want)
		}
	}
}
