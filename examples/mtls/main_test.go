package main

import (
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestMTLS(t *testing.T) {
	pki, err := newPKI(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewUnstartedServer(build())
	srv.TLS = pki.server
	srv.StartTLS()
	t.Cleanup(srv.Close)
	call := func(service, method, path, token string) (int, string) {
		t.Helper()
		cfg := &tls.Config{RootCAs: pki.pool, ServerName: "localhost", MinVersion: tls.VersionTLS13}
		if service != "" {
			cfg.Certificates = []tls.Certificate{pki.clients[service]}
		}
		transport := &http.Transport{TLSClientConfig: cfg}
		defer transport.CloseIdleConnections()
		r, err := http.NewRequestWithContext(t.Context(), method, srv.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		resp, err := transport.RoundTrip(r)
		if err != nil {
			return 0, err.Error()
		}
		defer func() { _ = resp.Body.Close() }()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(body)
	}
	if status, _ := call("", "POST", "/token", ""); status != 0 {
		t.Errorf("without a certificate: got %d, want no connection", status)
	}
	status, tok := call("billing", "POST", "/token", "")
	if status != 200 || strings.Count(tok, ".") != 2 {
		t.Fatalf("got %d %s", status, tok)
	}
	if status, body := call("billing", "GET", "/hello", tok); status != 200 || body != "hello, spiffe://example.test/billing\n" {
		t.Errorf("the owner: got %d %s", status, body)
	}
	for name, service := range map[string]string{"another service with a copy": "reports", "nobody with a copy": ""} {
		if status, body := call(service, "GET", "/hello", tok); status == 200 {
			t.Errorf("%s: got %d %s", name, status, body)
		}
	}
	if status, _ := call("billing", "GET", "/hello", ""); status != 401 {
		t.Errorf("without a token: got %d, want 401", status)
	}
}
