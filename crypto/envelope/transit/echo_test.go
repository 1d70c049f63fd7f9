package transit_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestEcho has a peer that sends back what it was sent, where Go's client quotes it: neither token nor data key get into an
// error.
func TestEcho(t *testing.T) {
	v := startVault(t)
	w := newWrapper(t, v, nil)
	sent := base64.StdEncoding.EncodeToString(key)
	for _, format := range []string{
		"%s\r\n\r\n",
		"HTTP/1.1 %s\r\n\r\n",
		"HTTP/1.1 403 %s\r\n\r\n",
		"HTTP/1.1 200 OK\r\n%s\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\n",
		"HTTP/1.1 307 X\r\nLocation: http://[%s\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: %s\r\n\r\n",
	} {
		for _, what := range []string{"token", "body"} {
			v.answerWith(func(w http.ResponseWriter, r *http.Request) {
				text := r.Header.Get("X-Vault-Token")
				if body, _ := io.ReadAll(r.Body); what == "body" {
					text = string(body)
				}
				c, _, err := http.NewResponseController(w).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = fmt.Fprintf(c, format, text)
				_ = c.Close()
			})
			_, err := w.Wrap(t.Context(), key, aad)
			if err == nil {
				t.Errorf("%s in %q: no error", what, format)
				continue
			}
			if text := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(text, goodToken) || strings.Contains(text, sent) {
				t.Errorf("%s in %q: the error shows it: %v", what, format, err)
			}
		}
	}
}
