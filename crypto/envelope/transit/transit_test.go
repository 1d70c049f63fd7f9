package transit_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/crypto/envelope"
	"github.com/gopalisade/palisade/crypto/envelope/transit"
	"github.com/gopalisade/palisade/crypto/secret"
	"github.com/gopalisade/palisade/problem"
)

var (
	key = []byte("0123456789abcdef0123456789abcdef")
	aad = []byte("customer-7\x00\xff\"\\")
)

func TestWrapThenUnwrap(t *testing.T) {
	v := startVault(t)
	w := newWrapper(t, v, func(c *transit.Config) { c.Mount, c.Namespace = "engines/transit", "ns1/ns2" })
	wrapped, err := w.Wrap(t.Context(), key, aad)
	if err != nil || !bytes.HasPrefix(wrapped, []byte("vault:v1:")) || bytes.Contains(wrapped, key) {
		t.Fatalf("got %q, %v", wrapped, err)
	}
	got, err := w.Unwrap(t.Context(), wrapped, aad)
	if err != nil || !bytes.Equal(got, key) {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := w.Unwrap(t.Context(), wrapped, []byte("customer-8")); !errors.Is(err, envelope.ErrForged) {
		t.Errorf("with other associated data: got %v, want ErrForged", err)
	}
	want := []string{
		"POST /v1/engines/transit/encrypt/orders ns1/ns2",
		"POST /v1/engines/transit/decrypt/orders ns1/ns2",
		"POST /v1/engines/transit/decrypt/orders ns1/ns2",
	}
	if !slices.Equal(v.requests, want) {
		t.Errorf("got requests %q, want %q", v.requests, want)
	}
	if w.ID() != "engines/transit/orders" {
		t.Errorf("got ID %q", w.ID())
	}
}

func TestRotatedKey(t *testing.T) {
	v := startVault(t)
	w := newWrapper(t, v, nil)
	old, err := w.Wrap(t.Context(), key, aad)
	if err != nil {
		t.Fatal(err)
	}
	v.rotate()
	if got, err := w.Unwrap(t.Context(), old, aad); err != nil || !bytes.Equal(got, key) {
		t.Errorf("the old version: got %q, %v", got, err)
	}
	next, err := w.Wrap(t.Context(), key, aad)
	if err != nil || !bytes.HasPrefix(next, []byte("vault:v2:")) {
		t.Errorf("got %q, %v, want the new version", next, err)
	}
	v.mu.Lock()
	v.min = 2
	v.mu.Unlock()
	_, err = w.Unwrap(t.Context(), old, aad)
	wantKind(t, "below the least version", err, envelope.ErrRefused)
	other := newWrapper(t, v, func(c *transit.Config) { c.Key = "deleted" })
	_, err = other.Wrap(t.Context(), key, aad)
	wantKind(t, "encrypt with a key that is not there", err, envelope.ErrRefused)
	_, err = other.Unwrap(t.Context(), old, aad)
	wantKind(t, "decrypt with a key that is not there", err, envelope.ErrRefused)
}

// TestStatus has what every status means, for both questions.
func TestStatus(t *testing.T) {
	v := startVault(t)
	w := newWrapper(t, v, nil)
	wrapped, err := w.Wrap(t.Context(), key, aad)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		status            int
		wrapping, undoing error
	}{
		{201, envelope.ErrUnavailable, envelope.ErrUnavailable},
		{204, envelope.ErrUnavailable, envelope.ErrUnavailable},
		{301, envelope.ErrUnavailable, envelope.ErrUnavailable},
		{307, envelope.ErrUnavailable, envelope.ErrUnavailable},
		{400, envelope.ErrRefused, envelope.ErrForged},
		{401, envelope.ErrRefused, envelope.ErrRefused},
		{403, envelope.ErrRefused, envelope.ErrRefused},
		{404, envelope.ErrRefused, envelope.ErrRefused},
		{405, envelope.ErrRefused, envelope.ErrRefused},
		{408, envelope.ErrUnavailable, envelope.ErrUnavailable},
		{412, envelope.ErrUnavailable, envelope.ErrUnavailable},
		{413, envelope.ErrRefused, envelope.ErrRefused},
		{429, envelope.ErrUnavailable, envelope.ErrUnavailable},
		{472, envelope.ErrUnavailable, envelope.ErrUnavailable},
		{473, envelope.ErrUnavailable, envelope.ErrUnavailable},
		{500, envelope.ErrUnavailable, envelope.ErrUnavailable},
		{501, envelope.ErrUnavailable, envelope.ErrUnavailable},
		{502, envelope.ErrUnavailable, envelope.ErrUnavailable},
		{503, envelope.ErrUnavailable, envelope.ErrUnavailable},
		{504, envelope.ErrUnavailable, envelope.ErrUnavailable},
	} {
		v.answerWith(func(w http.ResponseWriter, _ *http.Request) { fail(w, tc.status, "for people") })
		_, err := w.Wrap(t.Context(), key, aad)
		wantKind(t, fmt.Sprintf("%d to encrypt", tc.status), err, tc.wrapping)
		_, err = w.Unwrap(t.Context(), wrapped, aad)
		wantKind(t, fmt.Sprintf("%d to decrypt", tc.status), err, tc.undoing)
		if err != nil && strings.Contains(err.Error(), "for people") {
			t.Errorf("%d: the error repeats the answer: %v", tc.status, err)
		}
	}
}

// wantKind wants one kind and none of the others, and an answer for the client that fits.
func wantKind(t *testing.T, name string, err, want error) {
	t.Helper()
	for _, kind := range []error{envelope.ErrUnavailable, envelope.ErrRefused, envelope.ErrForged} {
		if errors.Is(err, kind) != (kind == want) {
			t.Errorf("%s: got %v, want %v alone", name, err, want)
		}
	}
	p := problem.Of(err)
	if down := want == envelope.ErrUnavailable; (p.Status == http.StatusServiceUnavailable) != down || (p.RetryAfter > 0) != down {
		t.Errorf("%s: got problem %+v", name, p)
	}
}

// TestAnswers has 200s that are not what Vault writes: none of them is a key, and none says that the key is wrong.
func TestAnswers(t *testing.T) {
	v := startVault(t)
	w := newWrapper(t, v, nil)
	wrapped, err := w.Wrap(t.Context(), key, aad)
	if err != nil {
		t.Fatal(err)
	}
	const good = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
	for _, tc := range []struct {
		name, body string
		ok         bool
	}{
		{"as documented", `{"data":{"plaintext":"` + good + `"}}`, true},
		{"more beside it", `{"warnings":["x"],"data":{"key_version":1,"plaintext":"` + good + `"},"auth":null}`, true},
		{"nothing", ``, false},
		{"a page", `<!doctype html><title>Sign in</title>`, false},
		{"not an object", `["` + good + `"]`, false},
		{"no data", `{"plaintext":"` + good + `"}`, false},
		{"null data", `{"data":null}`, false},
		{"empty data", `{"data":{}}`, false},
		{"null", `{"data":{"plaintext":null}}`, false},
		{"empty", `{"data":{"plaintext":""}}`, false},
		{"number", `{"data":{"plaintext":7}}`, false},
		{"twice", `{"data":{"plaintext":"` + good + `","plaintext":"` + good + `"}}`, false},
		{"data twice", `{"data":{"plaintext":"` + good + `"},"data":{}}`, false},
		{"other case", `{"data":{"Plaintext":"` + good + `"}}`, false},
		{"cut", `{"data":{"plaintext":"` + good + `"}`, false},
		{"more behind it", `{"data":{"plaintext":"` + good + `"}} {}`, false},
		{"not base64", `{"data":{"plaintext":"!"}}`, false},
		{"unpadded", `{"data":{"plaintext":"` + strings.TrimRight(good, "=") + `"}}`, false},
		{"unused bits", `{"data":{"plaintext":"` + strings.Replace(good, "Y=", "Z=", 1) + `"}}`, false},
		{"line break", `{"data":{"plaintext":"` + good[:8] + `\n` + good[8:] + `"}}`, false},
		{"the other member", `{"data":{"ciphertext":"vault:v1:AAAA"}}`, false},
		{"deep", `{"data":` + strings.Repeat(`{"a":`, 100) + `1` + strings.Repeat(`}`, 101), false},
	} {
		v.answerWith(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, tc.body) })
		got, err := w.Unwrap(t.Context(), wrapped, aad)
		if tc.ok {
			if err != nil || !bytes.Equal(got, key) {
				t.Errorf("%s: got %q, %v, want the key", tc.name, got, err)
			}
			continue
		}
		wantKind(t, tc.name, err, envelope.ErrUnavailable)
		if got != nil {
			t.Errorf("%s: got %q beside the error", tc.name, got)
		}
	}
	for _, text := range ciphertexts {
		v.answerWith(func(w http.ResponseWriter, _ *http.Request) { succeed(w, "ciphertext", text) })
		_, err := w.Wrap(t.Context(), key, aad)
		wantKind(t, "ciphertext "+text, err, envelope.ErrUnavailable)
	}
}

// ciphertexts are not Vault's.
var ciphertexts = []string{
	"", "vault", "vault:", "vault:v", "vault:v1", "vault:v1:", "vault:v:AAAA", "vault:v0:AAAA", "vault:v01:AAAA", "vault:v-1:AAAA",
	"vault:v1x:AAAA", "vault:v1:AAA", "vault:v1:AA=A", "vault:v1:AAAA\n", "vault:v1:AAAA:AAAA", "Vault:v1:AAAA", " vault:v1:AAAA",
	"vault:v9999999999:AAAA", `vault:v1:AAAA","associated_data":"`, "vault:v1:AB==", "vault:v1:" + strings.Repeat("AAAA", 1100),
}

// TestHostileCiphertext wants that nothing else is sent: what stands in the store was perhaps written by somebody else.
func TestHostileCiphertext(t *testing.T) {
	v := startVault(t)
	w := newWrapper(t, v, nil)
	for _, text := range ciphertexts {
		_, err := w.Unwrap(t.Context(), []byte(text), aad)
		wantKind(t, text, err, envelope.ErrForged)
	}
	if len(v.requests) != 0 {
		t.Errorf("got requests %q, want none", v.requests)
	}
}

func TestFlippedBytes(t *testing.T) {
	v := startVault(t)
	w := newWrapper(t, v, nil)
	wrapped, err := w.Wrap(t.Context(), key, aad)
	if err != nil {
		t.Fatal(err)
	}
	for i := range wrapped {
		bad := bytes.Clone(wrapped)
		bad[i] ^= 1
		_, err := w.Unwrap(t.Context(), bad, aad)
		wantKind(t, string(bad), err, envelope.ErrForged)
		_, err = w.Unwrap(t.Context(), wrapped[:i], aad)
		wantKind(t, string(wrapped[:i]), err, envelope.ErrForged)
	}
}

func TestHugeAnswer(t *testing.T) {
	v := startVault(t)
	w := newWrapper(t, v, nil)
	sent := make(chan int, 1)
	v.answerWith(func(w http.ResponseWriter, _ *http.Request) {
		n := 0
		_, _ = io.WriteString(w, `{"data":{"ciphertext":"vault:v1:AAAA"},"more":"`)
		chunk := bytes.Repeat([]byte("a"), 1<<16)
		for n < 1<<28 {
			m, err := w.Write(chunk)
			if n += m; err != nil {
				break
			}
		}
		sent <- n
	})
	_, err := w.Wrap(t.Context(), key, aad)
	wantKind(t, "256 MiB", err, envelope.ErrUnavailable)
	if n := <-sent; n > 1<<27 {
		t.Errorf("%d bytes were taken", n)
	}
	v.answerWith(func(w http.ResponseWriter, _ *http.Request) { // whole, but longer than anything that Vault says
		_, _ = io.WriteString(w, `{"data":{"ciphertext":"vault:v1:AAAA"},"more":"`+strings.Repeat("a", 64<<10)+`"}`)
	})
	_, err = w.Wrap(t.Context(), key, aad)
	wantKind(t, "64 KiB", err, envelope.ErrUnavailable)
}

// TestRedirect has another host ask for the data key.
func TestRedirect(t *testing.T) {
	thief := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the request was carried to %s with token %q", r.Host, r.Header.Get("X-Vault-Token"))
	}))
	defer thief.Close()
	v := startVault(t)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	followed := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return nil }}
	for _, client := range []*http.Client{nil, followed} {
		w := newWrapper(t, v, func(c *transit.Config) { c.Client = client })
		for _, status := range []int{301, 302, 307, 308} {
			v.answerWith(func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Cookie") != "" {
					t.Error("a cookie came back")
				}
				w.Header().Set("Set-Cookie", "a=b")
				http.Redirect(w, r, thief.URL+r.URL.Path, status)
			})
			_, err := w.Wrap(t.Context(), key, aad)
			wantKind(t, fmt.Sprint(status), err, envelope.ErrUnavailable)
		}
	}
	if followed.Jar == nil {
		t.Error("the caller's client was changed")
	}
}

// TestSlow has a server that never answers, one whose answer never ends, and a caller who leaves.
func TestSlow(t *testing.T) {
	v := startVault(t)
	w := newWrapper(t, v, func(c *transit.Config) { c.Timeout = 20 * time.Millisecond })
	for _, start := range []string{"", `{"data":{`} {
		v.answerWith(func(w http.ResponseWriter, r *http.Request) {
			if start != "" {
				_, _ = io.WriteString(w, start)
				_ = http.NewResponseController(w).Flush()
			}
			_, _ = io.Copy(io.Discard, r.Body) // or the server does not see that the client leaves
			<-r.Context().Done()
		})
		_, err := w.Wrap(t.Context(), key, aad)
		wantKind(t, "slow "+start, err, envelope.ErrUnavailable)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want it to say why", err)
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := newWrapper(t, v, nil).Wrap(gone, key, aad)
	wantKind(t, "cancelled", err, envelope.ErrUnavailable)
	v.Close()
	_, err = w.Wrap(t.Context(), key, aad)
	wantKind(t, "nobody listens", err, envelope.ErrUnavailable)
}

func TestToken(t *testing.T) {
	v := startVault(t)
	calls := 0
	broken := errors.New("agent is down")
	for _, tc := range []struct {
		name  string
		token func(context.Context) (secret.String, error)
		want  error
	}{
		{"rotating", func(context.Context) (secret.String, error) { calls++; return secret.New(goodToken), nil }, nil},
		{"expired", token("hvs.expired"), envelope.ErrRefused},
		{"empty", token(""), envelope.ErrUnavailable},
		{"line break", token(goodToken + "\r\nX-Evil: 1"), envelope.ErrUnavailable},
		{"not ASCII", token("hvs.ä"), envelope.ErrUnavailable},
		{"source is down", func(context.Context) (secret.String, error) { return secret.String{}, broken }, envelope.ErrUnavailable},
	} {
		w := newWrapper(t, v, func(c *transit.Config) { c.Token = tc.token })
		for range 2 {
			_, err := w.Wrap(t.Context(), key, aad)
			wantKind(t, tc.name, err, tc.want)
			if err != nil && strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), "hvs") {
				t.Errorf("%s: the error shows the token: %+v", tc.name, err)
			}
		}
	}
	if calls != 2 {
		t.Errorf("the source was asked %d times for two requests, want 2", calls)
	}
}

func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	source := transit.File(path)
	if _, err := source(t.Context()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want that it is missing", err)
	}
	for _, text := range []string{"hvs.first\n", "  hvs.second"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := source(t.Context())
		if err != nil || got.Reveal() != strings.TrimSpace(text) {
			t.Errorf("got %q, %v, want %q", got.Reveal(), err, text)
		}
	}
	if err := os.WriteFile(path, bytes.Repeat([]byte("a"), 9<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := source(t.Context()); err == nil || !got.IsZero() {
		t.Error("9 KiB were taken for a token")
	}
	if _, err := transit.File(t.TempDir())(t.Context()); err == nil {
		t.Error("a directory was read as a token")
	}
}
