package session

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/gopalisade/palisade/problem"
)

// answer sends the tokens, or refuses.
func (h *Handlers) answer(w http.ResponseWriter, r *http.Request, t Tokens, err error) {
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	body := struct {
		Access    string `json:"access_token"`
		Refresh   string `json:"refresh_token,omitempty"`
		Type      string `json:"token_type"`
		ExpiresIn int64  `json:"expires_in"`
	}{t.Access, t.Refresh, "Bearer", int64(time.Until(t.Expiry) / time.Second)}
	if h.cookie != "" {
		body.Refresh = ""
		h.setCookie(w, t.Refresh, h.m.idle)
	}
	writeJSON(w, body)
}

// done answers 204 to somebody who is signed out now, or refuses.
func (h *Handlers) done(w http.ResponseWriter, r *http.Request, err error) {
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	if h.cookie != "" {
		h.dropCookie(w)
	}
	w.WriteHeader(http.StatusNoContent)
}

// refuse takes a cookie back that is of no use any more.
func (h *Handlers) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if h.cookie != "" && errors.Is(err, ErrRefused) {
		h.dropCookie(w)
	}
	h.deny(w, r, err)
}

func writeJSON(w http.ResponseWriter, body any) {
	b, _ := json.Marshal(body) // strings, numbers and times always marshal
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(append(b, '\n')) // the client is gone: nobody is left to tell
}

// maxBody is room for the one member that a body may have.
const maxBody = 4 << 10

// readRefresh returns the refresh token of the cookie, or of the body, "" where nothing was sent.
func (h *Handlers) readRefresh(w http.ResponseWriter, r *http.Request) (string, error) {
	if h.cookie != "" {
		return h.readCookie(r)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, tooLong := errors.AsType[*http.MaxBytesError](err); tooLong {
		return "", err
	}
	if err != nil {
		return "", unreadable
	}
	if len(body) == 0 {
		return "", nil
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return "", &problem.Problem{Status: http.StatusUnsupportedMediaType}
	}
	refresh, ok := parseBody(body)
	if !ok {
		return "", unreadable
	}
	return refresh, nil
}

var unreadable = &problem.Problem{Status: http.StatusBadRequest, Code: "invalid_request"}

// parseBody reads an object with the member refresh_token, once and in this spelling, and nothing beside it, or an empty one.
func parseBody(body []byte) (refresh string, ok bool) {
	dec := json.NewDecoder(bytes.NewReader(body))
	next := func() json.Token {
		token, _ := dec.Token() // nil where there is none
		return token
	}
	if next() != json.Delim('{') {
		return "", false
	}
	if dec.More() {
		if next() != "refresh_token" {
			return "", false
		}
		if refresh, ok = next().(string); !ok {
			return "", false
		}
	}
	if next() != json.Delim('}') {
		return "", false
	}
	_, err := dec.Token()
	return refresh, err == io.EOF
}
