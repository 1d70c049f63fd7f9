package auth_test

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/auth"
)

func FuzzBearerToken(f *testing.F) {
	for _, s := range []string{"Bearer abc", "bearer  a.b-c~d+e/f==", "Basic x", "Bearer\tx", "BearerX y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header["Authorization"] = []string{line}
		token, err := auth.BearerToken(r)
		if err == nil && (token == "" || strings.ContainsAny(token, " ,\t\r\n\"\x00") || !strings.HasSuffix(line, token)) {
			t.Errorf("%q: got token %q", line, token)
		}
		if err != nil && (token != "" || !errors.Is(err, auth.ErrNoCredentials) && !errors.Is(err, auth.ErrMalformed)) {
			t.Errorf("%q: got %q, %v", line, token, err)
		}
	})
}
