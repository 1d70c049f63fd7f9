package transit_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/crypto/envelope"
	"github.com/gopalisade/palisade/crypto/envelope/transit"
)

// roundTrip answers without a network.
type roundTrip func(*http.Request) *http.Response

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r), nil }

// FuzzAnswer has a server that says anything.
func FuzzAnswer(f *testing.F) {
	f.Add(200, []byte(`{"data":{"plaintext":"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="}}`))
	f.Add(200, []byte(`{"request_id":"a","data":{"ciphertext":"vault:v12:AAAA","key_version":12},"auth":null}`))
	f.Add(200, []byte(`{"data":{"plaintext":"AAAA","plaintext":"BBBB"}}`))
	f.Add(400, []byte(`{"errors":["invalid ciphertext"]}`))
	f.Add(503, []byte(`{"errors":["Vault is sealed"]}`))
	f.Add(200, []byte(`<html>`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		status = 200 + (status%400+400)%400
		client := &http.Client{Transport: roundTrip(func(r *http.Request) *http.Response {
			return &http.Response{
				StatusCode: status, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body)), Request: r,
				ProtoMajor: 1, ProtoMinor: 1,
			}
		})}
		w, err := transit.New(transit.Config{
			Address: "https://vault.example.com", Key: "orders", Token: token(goodToken), Client: client,
		})
		if err != nil {
			t.Fatal(err)
		}
		wrapped, err := w.Wrap(context.Background(), key, aad)
		check(t, status, body, "ciphertext", wrapped, err)
		if err == nil && !strings.HasPrefix(string(wrapped), "vault:v") {
			t.Errorf("%d %q: %q is no ciphertext of Vault's", status, body, wrapped)
		}
		plain, err := w.Unwrap(context.Background(), []byte("vault:v1:AAAA"), aad)
		check(t, status, body, "plaintext", plain, err)
	})
}

// check states what holds for every answer.
func check(t *testing.T, status int, body []byte, name string, got []byte, err error) {
	t.Helper()
	if err == nil {
		var lax struct{ Data map[string]any }
		if status != 200 || json.Unmarshal(body, &lax) != nil || lax.Data[name] == nil || len(got) == 0 {
			t.Errorf("%d %q: taken for an answer, %q", status, body, got)
		}
		return
	}
	kinds := 0
	for _, kind := range []error{envelope.ErrUnavailable, envelope.ErrRefused, envelope.ErrForged} {
		if errors.Is(err, kind) {
			kinds++
		}
	}
	if kinds != 1 || got != nil {
		t.Errorf("%d %q: an error must be of one kind and bring nothing: %q, %v", status, body, got, err)
	}
	if status == 200 && !errors.Is(err, envelope.ErrUnavailable) {
		t.Errorf("%d %q: what is no answer was taken for a no: %v", status, body, err)
	}
	if bytes.Contains([]byte(err.Error()), []byte(goodToken)) {
		t.Errorf("%d %q: the error shows the token: %v", status, body, err)
	}
}

// FuzzCiphertext has a store that holds anything.
func FuzzCiphertext(f *testing.F) {
	f.Add([]byte("vault:v1:AAAA"))
	for _, text := range ciphertexts {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, wrapped []byte) {
		client := &http.Client{Transport: roundTrip(func(r *http.Request) *http.Response {
			sent, err := io.ReadAll(r.Body)
			var in struct {
				Ciphertext string `json:"ciphertext"`
				AAD        []byte `json:"associated_data"`
			}
			dec := json.NewDecoder(bytes.NewReader(sent))
			dec.DisallowUnknownFields()
			if err != nil || dec.Decode(&in) != nil || in.Ciphertext != string(wrapped) || !bytes.Equal(in.AAD, aad) {
				t.Errorf("%q: what was sent says something else: %q", wrapped, sent)
			}
			return &http.Response{StatusCode: 503, Header: http.Header{}, Body: http.NoBody, Request: r, ProtoMajor: 1, ProtoMinor: 1}
		})}
		w, err := transit.New(transit.Config{
			Address: "https://vault.example.com", Key: "orders", Token: token(goodToken), Client: client,
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Unwrap(context.Background(), wrapped, aad); err == nil {
			t.Errorf("%q: unwrapped by a server that is down", wrapped)
		}
	})
}
