package headers_test

import (
	"fmt"
	"html/template"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/gopalisade/palisade/headers"
)

func Example() {
	cfg := headers.API()
	cfg.CacheControl = "private, max-age=60"
	policy, err := headers.New(cfg)
	if err != nil {
		panic(err)
	}
	w := httptest.NewRecorder()
	policy.Wrap(http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	fmt.Println(w.Code, w.Header().Get("Content-Security-Policy"))
	// Output: 404 default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox
}

func ExampleNonce() {
	policy, err := headers.New(headers.Page())
	if err != nil {
		panic(err)
	}
	page := template.Must(template.New("").Parse(`<script nonce="{{.}}">go()</script>`))
	h := policy.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = page.Execute(w, headers.Nonce(r))
	}))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	_, after, _ := strings.Cut(w.Body.String(), `nonce="`)
	nonce, _, _ := strings.Cut(after, `"`)
	fmt.Println(strings.Contains(w.Header().Get("Content-Security-Policy"), "'nonce-"+nonce+"'"))
	// Output: true
}

// A policy that lets inline scripts run does not stop an injected one.
func ExampleNew_wrong() {
	cfg := headers.Page()
	cfg.CSP.Script = []headers.Source{headers.Self, headers.DangerouslyInline}
	_, err := headers.New(cfg)
	fmt.Println(err)
	// Output: headers: CSP script-src "'unsafe-inline'" lets injected scripts run; add NonceSource or a hash
}
