package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gopalisade/palisade/problem"
)

const maxBody = 64 << 10

// readJSON decodes one strict JSON object: no unknown member, nothing after it, at most 64 KiB.
func readJSON(w http.ResponseWriter, r *http.Request, dst any) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return &problem.Problem{Status: http.StatusUnsupportedMediaType}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, tooBig := errors.AsType[*http.MaxBytesError](err); tooBig {
		return err
	}
	if err != nil || !utf8.Valid(body) {
		return invalidBody
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(dst); err != nil {
		return invalidBody
	}
	if _, err := dec.Token(); err != io.EOF {
		return invalidBody
	}
	return nil
}

var invalidBody = &problem.Problem{
	Status: http.StatusBadRequest, Code: "invalid_body",
	Detail: "The body must be one JSON object with the members that the route knows.",
}

// faults collects what is wrong with an input, so that the client mends all of it at once.
type faults []problem.Field

func (f *faults) check(ok bool, member, code string) {
	if !ok {
		*f = append(*f, problem.Field{In: "body", Pointer: "/" + member, Code: code})
	}
}

func (f faults) err() error {
	if len(f) == 0 {
		return nil
	}
	return &problem.Problem{Status: http.StatusUnprocessableEntity, Code: "invalid_input", Errors: f}
}

// checkEmail accepts a plain address and returns it in lower case, so that one mailbox is one account.
func (f *faults) checkEmail(email string) string {
	addr, err := mail.ParseAddress(email)
	_, domain, _ := strings.Cut(email, "@")
	f.check(err == nil && addr.Address == email && strings.TrimSpace(email) == email && len(email) <= 254 && strings.Contains(domain, "."), "email", "email")
	return strings.ToLower(email)
}

// checkPassword asks for length, which helps, and for no composition, which does not (NIST SP 800-63B section 3.1.1.2).
func (f *faults) checkPassword(pw string) {
	f.check(utf8.RuneCountInString(pw) >= 8, "password", "min")
	f.check(len(pw) <= 1024, "password", "max")
}

// checkText accepts printable text of at most limit characters; line breaks where the text may have several lines.
func (f *faults) checkText(member, text string, limit int, lines bool) {
	f.check(utf8.RuneCountInString(text) <= limit, member, "max")
	bad := strings.ContainsFunc(text, func(r rune) bool {
		return !unicode.IsPrint(r) && (!lines || r != '\n')
	})
	f.check(!bad, member, "printable")
}

func writeJSON(w http.ResponseWriter, status int, body any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(b, '\n')) // the client is gone: nobody is left to tell
	return nil
}

// page is a list with the number of all items, of which it may show a part.
type page[T any] struct {
	Items []T `json:"items"`
	Total int `json:"total"`
}
