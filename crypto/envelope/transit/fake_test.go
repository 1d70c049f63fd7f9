package transit_test

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/gopalisade/palisade/crypto/envelope/transit"
	"github.com/gopalisade/palisade/crypto/secret"
)

const goodToken = "hvs.CAESIJlU-good"

// vault answers as the transit engine is documented to, for one AEAD key with versions.
type vault struct {
	*httptest.Server

	mu        sync.Mutex
	versions  []cipher.AEAD
	min       int          // min_decryption_version
	requests  []string     // method, path and namespace
	forgetful bool         // ignores associated_data, as an old version does
	override  http.Handler // answers instead, if it is there
}

func startVault(t testing.TB) *vault {
	t.Helper()
	v := exampleVault()
	t.Cleanup(v.Close)
	return v
}

func exampleVault() *vault {
	v := &vault{min: 1}
	v.rotate()
	v.Server = httptest.NewServer(v)
	return v
}

func (v *vault) rotate() {
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	block, _ := aes.NewCipher(key)
	aead, _ := cipher.NewGCMWithRandomNonce(block)
	v.mu.Lock()
	defer v.mu.Unlock()
	v.versions = append(v.versions, aead)
}

func (v *vault) answerWith(h http.HandlerFunc) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.override = nil
	if h != nil {
		v.override = h
	}
}

func (v *vault) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	override := v.override
	v.mu.Unlock()
	if override != nil {
		override.ServeHTTP(w, r)
		return
	}
	var in struct {
		Plaintext      *string `json:"plaintext"`
		Ciphertext     *string `json:"ciphertext"`
		AssociatedData string  `json:"associated_data"`
	}
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	err := dec.Decode(&in)
	v.mu.Lock()
	defer v.mu.Unlock()
	v.requests = append(v.requests, r.Method+" "+r.URL.String()+" "+r.Header.Get("X-Vault-Namespace"))
	aad, aadErr := base64.StdEncoding.DecodeString(in.AssociatedData)
	if v.forgetful {
		aad = nil
	}
	switch {
	case r.Header.Get("X-Vault-Token") != goodToken:
		fail(w, http.StatusForbidden, "permission denied")
	case r.Method != http.MethodPost:
		fail(w, http.StatusMethodNotAllowed, "unsupported operation")
	case err != nil || aadErr != nil:
		fail(w, http.StatusBadRequest, "failed to parse")
	case strings.HasSuffix(r.URL.Path, "/encrypt/orders") && in.Plaintext != nil:
		v.encrypt(w, *in.Plaintext, aad)
	case strings.HasSuffix(r.URL.Path, "/decrypt/orders") && in.Ciphertext != nil:
		v.decrypt(w, *in.Ciphertext, aad)
	case strings.Contains(r.URL.Path, "/transit/decrypt/"): // of a key that is not there
		fail(w, http.StatusBadRequest, "encryption key not found")
	case strings.Contains(r.URL.Path, "/transit/encrypt/"): // without "create"
		fail(w, http.StatusForbidden, "permission denied")
	default:
		fail(w, http.StatusNotFound, "no handler for route")
	}
}

func (v *vault) encrypt(w http.ResponseWriter, text string, aad []byte) {
	plaintext, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		fail(w, http.StatusBadRequest, "failed to base64-decode plaintext")
		return
	}
	n := len(v.versions)
	sealed := v.versions[n-1].Seal(nil, nil, plaintext, aad)
	succeed(w, "ciphertext", fmt.Sprintf("vault:v%d:%s", n, base64.StdEncoding.EncodeToString(sealed)))
}

func (v *vault) decrypt(w http.ResponseWriter, text string, aad []byte) {
	version, body, _ := strings.Cut(strings.TrimPrefix(text, "vault:v"), ":")
	n, err := strconv.Atoi(version)
	sealed, err2 := base64.StdEncoding.DecodeString(body)
	switch {
	case err != nil || err2 != nil || n > len(v.versions):
		fail(w, http.StatusBadRequest, "invalid ciphertext")
		return
	case n < v.min:
		fail(w, http.StatusBadRequest, "ciphertext or signature version is disallowed by policy (too old)")
		return
	}
	plaintext, err := v.versions[n-1].Open(nil, nil, sealed, aad)
	if err != nil {
		fail(w, http.StatusBadRequest, "cipher: message authentication failed")
		return
	}
	succeed(w, "plaintext", base64.StdEncoding.EncodeToString(plaintext))
}

func succeed(w http.ResponseWriter, name, value string) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, `{"request_id":"ab00ba0f-9e45-0aca-e3c1-7765fd83fc3c","lease_id":"","renewable":false,`+
		`"lease_duration":0,`+
		`"data":{%q:%q,"key_version":1},"wrap_info":null,"warnings":null,"auth":null}`+"\n", name, value)
}

func fail(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"errors":[%q]}`+"\n", text)
}

func token(text string) func(context.Context) (secret.String, error) {
	return func(context.Context) (secret.String, error) { return secret.New(text), nil }
}

func newWrapper(t testing.TB, v *vault, change func(*transit.Config)) *transit.Wrapper {
	t.Helper()
	cfg := transit.Config{Address: v.URL, Key: "orders", Token: token(goodToken)}
	if change != nil {
		change(&cfg)
	}
	w, err := transit.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return w
}
