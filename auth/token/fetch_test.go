package token_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/token"
	"github.com/gopalisade/palisade/internal/conf"
)

func TestRemoteSets(t *testing.T) {
	var keys struct{ Keys []json.RawMessage }
	a, b := newKey(t, token.EdDSA), newKey(t, token.ES256)
	if err := json.Unmarshal([]byte(publish(t, a, b)), &keys); err != nil {
		t.Fatal(err)
	}
	ed, es := string(keys.Keys[0]), string(keys.Keys[1])
	with := func(key, member string) string { return key[:len(key)-1] + "," + member + "}" }
	noAlg := func(key string) string {
		return strings.NewReplacer(`"alg":"EdDSA",`, "", `"alg":"ES256",`, "").Replace(key)
	}
	set := func(keys ...string) string { return `{"keys":[` + strings.Join(keys, ",") + `]}` }
	for _, tc := range []struct {
		name, body string
		alg        token.Alg
		want       int // keys that can be used
	}{
		{"two", set(ed, es), "", 2},
		{"more members", `{"x":[1],"keys":[` + ed + `]}`, "", 1},
		{"unknown kind beside it", set(ed, `{"kty":"AKP","kid":"x"}`), "", 1},
		{"K5 for encryption", set(ed, strings.Replace(es, `"use":"sig"`, `"use":"enc"`, 1)), "", 1},
		{"K5 operations", set(ed, with(es, `"key_ops":["encrypt"]`)), "", 1},
		{"wrong type beside it", set(ed, `{"kty":1}`), "", 1},
		{"no algorithm", set(ed, noAlg(es)), "", 1},
		{"no algorithm, one is known", set(noAlg(es)), token.ES256, 1},
		{"no algorithm, one of another kind is known", set(ed, noAlg(es)), token.RS256, 1},
		{"alg does not change what a key says", set(ed, es), token.ES256, 2},
		{"none can serve", set(`{"kty":"AKP"}`), "", 0},
		{"empty", set(), "", 0},
		{"no keys", `{}`, "", 0},
		{"keys twice", `{"keys":[` + ed + `],"keys":[` + es + `]}`, "", 0},
		{"KEYS", `{"KEYS":[` + ed + `]}`, "", 0},
		{"not strict", set(ed) + "x", "", 0},
		{"member twice", set(with(ed, `"kid":"x"`)), "", 0},
		{"J3 private member", set(ed, with(es, `"d":"AA"`)), "", 0},
		{"J3 private member of an odd key", set(ed, `{"kty":1,"d":"AA"}`), "", 0},
		{"J3 private member of the wrong type", set(ed, with(es, `"p":5`)), "", 0},
		{"J3 shared secret", set(ed, `{"kty":"oct","k":"AAAA"}`), "", 0},
		{"J3 shared secret under another kind", set(ed, with(es, `"k":"AAAA"`)), "", 0},
		{"K10 the same id twice", set(ed, strings.Replace(es, b.ID(), a.ID(), 1)), "", 0},
		{"the same id, one cannot serve", set(ed, strings.Replace(noAlg(es), b.ID(), a.ID(), 1)), "", 1},
		{"65 keys", set(strings.Split(strings.Repeat(`{"kty":"AKP"} `, 64)+ed, " ")...), "", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var failed error
			e := &endpoint{status: 200, body: tc.body}
			r := newRemote(t, e, func(cfg *token.RemoteConfig) { cfg.Alg, cfg.OnError = tc.alg, func(err error) { failed = err } })
			got := 0
			synctest.Test(t, func(t *testing.T) {
				for _, id := range []string{a.ID(), b.ID()} {
					if k, err := r.Key(t.Context(), id, true); err == nil && k.ID() == id && !k.CanSign() {
						got++
					}
				}
			})
			if got != tc.want || (failed == nil) != (tc.want > 0) || failed != nil && !errors.Is(failed, token.ErrKeySet) {
				t.Errorf("got %d keys, %v; want %d", got, failed, tc.want)
			}
		})
	}
}

// Over a real connection: redirects are not followed, and the 503 tells when to come back.
func TestRemoteOverTLS(t *testing.T) {
	key := newKey(t, token.EdDSA)
	body, hits := publish(t, key), atomic.Int64{}
	mux := http.NewServeMux()
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) })
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/target", http.StatusFound) })
	mux.HandleFunc("/target", func(w http.ResponseWriter, _ *http.Request) { hits.Add(1); _, _ = io.WriteString(w, body) })
	mux.HandleFunc("/endless", func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(bytes.Repeat([]byte(" "), 1<<16)); err != nil {
				return
			}
		}
	})
	srv := httptest.NewTLSServer(mux)
	defer srv.Close()
	is, _ := pair(t, key)
	tok := issue(t, is, "u")
	for _, tc := range []struct {
		path   string
		status int
	}{{"/keys", 200}, {"/moved", 503}, {"/endless", 503}, {"/missing", 503}} {
		r, err := token.NewRemote(token.RemoteConfig{URL: srv.URL + tc.path, Client: srv.Client()})
		must(t, err)
		v, err := token.NewVerifier(token.VerifierConfig{Keys: r, Issuer: issuerName, Audience: audience})
		must(t, err)
		gate, err := auth.New(auth.Config{By: []auth.Authenticator{v}})
		must(t, err)
		req := httptest.NewRequest("GET", "/", nil)
		req.Header.Set("Authorization", "Bearer "+tok)
		w := httptest.NewRecorder()
		gate.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).ServeHTTP(w, req)
		if w.Code != tc.status || (w.Header().Get("Retry-After") == "") != (tc.status == 200) || w.Header().Get("WWW-Authenticate") != "" {
			t.Errorf("%s: got %d %v, want %d", tc.path, w.Code, w.Header(), tc.status)
		}
	}
	if hits.Load() != 0 {
		t.Error("a redirect was followed")
	}
}

// K8: nothing in a token makes us connect anywhere.
func TestTokensChooseNoConnection(t *testing.T) {
	var dialed []string
	client := &http.Client{Transport: &http.Transport{DialContext: func(_ context.Context, _, addr string) (net.Conn, error) {
		dialed = append(dialed, addr)
		return nil, errors.New("no network in this test")
	}}}
	r, err := token.NewRemote(token.RemoteConfig{URL: "https://id.example.com/keys", Client: client})
	must(t, err)
	v, err := token.NewVerifier(token.VerifierConfig{Keys: r, Issuer: issuerName, Audience: audience})
	must(t, err)
	for _, head := range []string{
		`{"alg":"EdDSA","typ":"at+jwt","kid":"k","jku":"https://evil.example/keys"}`,
		`{"alg":"EdDSA","typ":"at+jwt","kid":"k","x5u":"https://evil.example/cert"}`,
		`{"alg":"EdDSA","typ":"at+jwt","kid":"k","jwk":{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}}`,
		`{"alg":"EdDSA","typ":"at+jwt","kid":"k","x5c":["AA"]}`,
	} {
		if _, err := v.Verify(t.Context(), forge(secret(32), head, good())); !errors.Is(err, token.ErrHeader) {
			t.Errorf("%s: got %v, want ErrHeader", head, err)
		}
	}
	if len(dialed) != 0 {
		t.Errorf("dialed %v", dialed)
	}
	// J4: neither an issuer nor a kid chooses one, however it looks.
	for _, kid := range []string{"https://evil.example/keys", "../../keys", "x"} {
		tok := forge(secret(32), `{"alg":"EdDSA","typ":"at+jwt","kid":"`+kid+`"}`, good(issuerName, "https://evil.example"))
		if _, err := v.Verify(t.Context(), tok); !errors.Is(err, auth.ErrUnavailable) {
			t.Errorf("got %v, want unavailable", err)
		}
	}
	for _, addr := range dialed {
		if addr != "id.example.com:443" {
			t.Errorf("dialed %s", addr)
		}
	}
}

// endless is a body that never ends.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	e.read += len(p)
	return len(p), nil
}

func (e *endless) Close() error { return nil }

func (e *endless) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Body: e}, nil
}

// J3: no more is read than a set may have.
func TestEndlessSet(t *testing.T) {
	body := &endless{}
	r, err := token.NewRemote(token.RemoteConfig{URL: "https://id.example.com/keys", Client: &http.Client{Transport: body}})
	must(t, err)
	if _, err := r.Key(t.Context(), "k", true); !errors.Is(err, auth.ErrUnavailable) || !errors.Is(err, token.ErrKey) {
		t.Errorf("got %v, want unavailable", err)
	}
	if body.read > 513<<10 {
		t.Errorf("read %d bytes, want no more than 512 KiB", body.read)
	}
}

func TestRemoteFaults(t *testing.T) {
	const url = "https://id.example.com/keys"
	for _, tc := range []struct {
		name string
		cfg  token.RemoteConfig
		want int
	}{
		{"least", token.RemoteConfig{URL: url}, 0},
		{"empty", token.RemoteConfig{}, 1},
		{"http", token.RemoteConfig{URL: "http://id.example.com/keys"}, 1},
		{"http, allowed, far away", token.RemoteConfig{URL: "http://id.example.com/keys", DangerouslyAllowHTTP: true}, 1},
		{"http on loopback, not allowed", token.RemoteConfig{URL: "http://127.0.0.1/keys"}, 1},
		{"http on loopback", token.RemoteConfig{URL: "http://127.0.0.1/keys", DangerouslyAllowHTTP: true}, 0},
		{"http on localhost", token.RemoteConfig{URL: "http://localhost:1/keys", DangerouslyAllowHTTP: true}, 0},
		{"user", token.RemoteConfig{URL: "https://a@id.example.com/keys"}, 1},
		{"fragment", token.RemoteConfig{URL: "https://id.example.com/keys#x"}, 1},
		{"relative", token.RemoteConfig{URL: "/keys"}, 1},
		{"file", token.RemoteConfig{URL: "file:///etc/passwd"}, 1},
		{"all", token.RemoteConfig{URL: ":", Alg: token.HS256, Refresh: 1, Cooldown: 1, MaxStale: -1}, 5},
		{"cooldown beyond refresh", token.RemoteConfig{URL: url, Cooldown: time.Hour}, 1},
		{"cooldown as long as refresh", token.RemoteConfig{URL: url, Cooldown: 15 * time.Minute}, 0},
		{"refresh shorter than the usual cooldown", token.RemoteConfig{URL: url, Refresh: 10 * time.Second}, 0},
		{"algorithm", token.RemoteConfig{URL: url, Alg: "none"}, 1},
	} {
		if _, err := token.NewRemote(tc.cfg); len(conf.All(err)) != tc.want {
			t.Errorf("%s: got %v, want %d faults", tc.name, err, tc.want)
		}
	}
}
