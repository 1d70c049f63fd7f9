package transit_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gopalisade/palisade/crypto/envelope"
	"github.com/gopalisade/palisade/crypto/envelope/transit"
)

// TestAnswerOfAnother: "whatever is not the JSON that Vault writes" is an outage, says the package. A proxy, a load
// balancer or a firewall in front of Vault answers 403, 404, 405, 413 or 400 in HTML when it is changed; that closes every ring.
func TestAnswerOfAnother(t *testing.T) {
	v := startVault(t)
	w := newWrapper(t, v, nil)
	wrapped, err := w.Wrap(t.Context(), make([]byte, 32), []byte("aad"))
	if err != nil {
		t.Fatal(err)
	}
	for _, status := range []int{400, 401, 403, 404, 405, 413, 415, 422} {
		v.answerWith(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(status)
			_, _ = w.Write([]byte("<html><h1>nginx</h1></html>"))
		})
		if _, err := w.Unwrap(t.Context(), wrapped, []byte("aad")); !errors.Is(err, envelope.ErrUnavailable) {
			t.Errorf("%d of nginx: got %v, want ErrUnavailable", status, err)
		}
	}
}

// TestConnectionsAreUsedAgain counts the connections of 20 questions to a Vault that is too busy (429) or sealed (503), one after
// the other: each costs a handshake of TLS, when Vault can bear it least.
func TestConnectionsAreUsedAgain(t *testing.T) {
	for _, status := range []int{200, 403, 429, 503} {
		v := exampleVault()
		var conns atomic.Int64
		transport := &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			conns.Add(1)
			return (&net.Dialer{}).DialContext(ctx, network, addr)
		}}
		w := newWrapper(t, v, func(c *transit.Config) { c.Client = &http.Client{Transport: transport} })
		if status != 200 {
			v.answerWith(func(w http.ResponseWriter, _ *http.Request) {
				fail(w, status, strings.Repeat("busy ", 200))
			})
		}
		for range 20 {
			_, _ = w.Wrap(t.Context(), make([]byte, 32), []byte("aad"))
		}
		if n := conns.Load(); n > 2 {
			t.Errorf("%d: 20 questions needed %d connections", status, n)
		}
		transport.CloseIdleConnections()
		v.Close()
	}
}

// TestNoSecretInErrors looks for the token, the key and the namespace in what is told of every failure.
func TestNoSecretInErrors(t *testing.T) {
	v := startVault(t)
	w := newWrapper(t, v, func(c *transit.Config) { c.Namespace = "secret-team" })
	key := []byte("0123456789abcdef0123456789abcdef")
	for name, h := range map[string]http.HandlerFunc{
		"hang up": func(w http.ResponseWriter, _ *http.Request) {
			c, _, _ := w.(http.Hijacker).Hijack()
			_ = c.Close()
		},
		"echo": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "http://127.0.0.1:1/"+r.Header.Get("X-Vault-Token"))
			w.WriteHeader(307)
		},
		"garbage": func(w http.ResponseWriter, _ *http.Request) {
			c, _, _ := w.(http.Hijacker).Hijack()
			_, _ = c.Write([]byte("HTTP/1.1 200 " + goodToken + "\r\n: x\r\n\r\n"))
			_ = c.Close()
		},
		"bad status": func(w http.ResponseWriter, r *http.Request) {
			c, _, _ := w.(http.Hijacker).Hijack()
			_, _ = c.Write([]byte(r.Header.Get("X-Vault-Token") + "\r\n\r\n"))
			_ = c.Close()
		},
	} {
		v.answerWith(h)
		_, err := w.Wrap(t.Context(), key, nil)
		if err == nil || strings.Contains(err.Error(), goodToken) || strings.Contains(err.Error(), "MDEy") ||
			strings.Contains(err.Error(), "secret-team") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
