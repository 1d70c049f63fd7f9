package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/crypto/secret"
)

func TestShop(t *testing.T) {
	var logged bytes.Buffer
	s := build(slog.New(must(secret.NewHandler(secret.HandlerConfig{Next: slog.NewTextHandler(&logged, nil)}))))
	charged := ""
	s.charge = func(number string, _ int) { charged = number }
	ann, eve, billing := s.key("ann"), s.key("eve"), s.key("billing")
	call := func(key, method, path, body string) (int, string) {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("X-API-Key", key)
		if body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	status, body := call(ann, "POST", "/cards", `{"number":"4111 1111 1111 1111"}`)
	var kept card
	if err := json.Unmarshal([]byte(body), &kept); err != nil || status != 201 || kept.Masked != "************1111" {
		t.Fatalf("got %d %s", status, body)
	}
	charge := func(customer string) string {
		return `{"customer":"` + customer + `","token":"` + kept.Token + `","cents":5}`
	}
	for _, tc := range []struct {
		name, key, method, path, body string
		want                          int
		holds                         string
	}{
		{"her cards", ann, "GET", "/cards", "", 200, "************1111"},
		{"another's cards", eve, "GET", "/cards", "", 200, "[]"},
		{"a mistyped number", ann, "POST", "/cards", `{"number":"4111 1111 1111 1112"}`, 422, `"/number"`},
		{"a verification code", ann, "POST", "/cards", `{"number":"4111 1111 1111 1111","cvc":"123"}`, 422, `"/cvc"`},
		{"a customer charges", ann, "POST", "/charges", charge("ann"), 403, "insufficient"},
		{"another customer's card", billing, "POST", "/charges", charge("eve"), 404, "card_not_found"},
		{"charged", billing, "POST", "/charges", charge("ann"), 200, "visa ************1111"},
		{"nobody", "", "GET", "/cards", "", http.StatusUnauthorized, ""},
	} {
		if status, body := call(tc.key, tc.method, tc.path, tc.body); status != tc.want || !strings.Contains(body, tc.holds) {
			t.Errorf("%s: got %d %s, want %d with %s", tc.name, status, body, tc.want, tc.holds)
		}
	}
	if charged != "4111111111111111" {
		t.Errorf("the provider got %q", charged)
	}
	for _, word := range []string{"sensitive_create", "sensitive_read", "billing"} {
		if !strings.Contains(logged.String(), word) {
			t.Errorf("the log does not tell of %s: %s", word, &logged)
		}
	}
	if strings.Contains(logged.String(), "41111") {
		t.Errorf("the log has the number: %s", &logged)
	}
}
