package validate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/gopalisade/palisade/internal/deadline"
)

// decodeBody reads the body and binds it.
func (s *state) decodeBody(root reflect.Value) bool {
	p := s.plan
	s.in = inBody
	switch {
	case p.cfg.ForeignBody:
		return true
	case !p.json && p.form == nil:
		return s.noBody()
	case !s.encoding():
		return false
	case s.r.ContentLength == 0 || s.r.Body == nil || s.r.Body == http.NoBody:
		return p.cfg.OptionalBody || s.refuse(ErrMalformed, CodeBodyRequired)
	case !s.mediaType():
		return false
	case !s.read():
		return false
	case len(s.buf) == 0:
		return p.cfg.OptionalBody || s.refuse(ErrMalformed, CodeBodyRequired)
	case p.json:
		return s.decodeJSON(root)
	}
	return s.decodeForm(root)
}

// noBody refuses a body where none is expected: nobody would read it, and what nobody reads hides things.
func (s *state) noBody() bool {
	if s.r.ContentLength == 0 || s.r.Body == nil || s.r.Body == http.NoBody {
		return true
	}
	var one [1]byte
	if n, err := io.ReadFull(s.r.Body, one[:]); n == 0 && err == io.EOF {
		return true
	}
	return s.refuse(ErrMalformed, CodeBodyUnexpected)
}

// encoding refuses a compressed body: its size is a promise of the client, and inflating it is the server's cost.
func (s *state) encoding() bool {
	for _, line := range s.r.Header["Content-Encoding"] {
		if !strings.EqualFold(line, "identity") {
			return s.refuse(ErrMediaType, CodeContentEncoding)
		}
	}
	return true
}

// mediaType compares the Content-Type exactly. What a browser sends across origins without asking is never JSON.
func (s *state) mediaType() bool {
	lines := s.r.Header["Content-Type"]
	if len(lines) != 1 {
		return s.refuse(ErrMediaType, CodeMediaType)
	}
	if s.plan.json && lines[0] == "application/json" {
		return true
	}
	got, params, err := mime.ParseMediaType(lines[0])
	charset, hasCharset := params["charset"]
	if err != nil || len(params) > 1 || len(params) == 1 && (!hasCharset || !strings.EqualFold(charset, "utf-8")) {
		return s.refuse(ErrMediaType, CodeMediaType)
	}
	want := "application/x-www-form-urlencoded"
	if s.plan.json {
		want = "application/json"
	}
	if got == want || s.plan.json && slices.Contains(s.plan.cfg.MediaTypes, got) {
		return true
	}
	return s.refuse(ErrMediaType, CodeMediaType)
}

// read fills the buffer with the body, of which it never takes more than one byte too many.
func (s *state) read() bool {
	limit := s.plan.cfg.Limits.Body
	if s.r.ContentLength > int64(limit) {
		return s.refuse(ErrTooLarge, CodeBodyTooLarge)
	}
	if n := int(s.r.ContentLength); n > 0 {
		s.buf = slices.Grow(s.buf[:0], min(n, maxKept)+1) // more when it has come: a length is only a claim
	} else {
		s.buf = slices.Grow(s.buf[:0], 512)
	}
	for {
		if len(s.buf) == cap(s.buf) { // more of the claim, the more of it has come
			s.buf = slices.Grow(s.buf, max(1, min(int(s.r.ContentLength)-len(s.buf), 3*len(s.buf))+1))
		}
		n, err := s.r.Body.Read(s.buf[len(s.buf):min(cap(s.buf), limit+1)])
		s.buf = s.buf[:len(s.buf)+n]
		switch {
		case len(s.buf) > limit:
			return s.refuse(ErrTooLarge, CodeBodyTooLarge)
		case err == io.EOF:
			return true
		case err != nil:
			return s.unread(err)
		}
	}
}

// unread tells the ways apart in which a body does not arrive.
func (s *state) unread(err error) bool {
	kind, word := ErrMalformed, CodeBodyIncomplete
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		kind, word = ErrTooLarge, CodeBodyTooLarge
	} else if errors.Is(err, os.ErrDeadlineExceeded) {
		kind = ErrTooSlow
	}
	s.stop = &Error{Kind: kind, Word: word, Err: unquoted(err)}
	return false
}

// unquoted is err, unless its text may repeat what was sent: net/http quotes a trailer that it does not understand.
func unquoted(err error) error {
	for _, known := range []error{
		io.ErrUnexpectedEOF, os.ErrDeadlineExceeded, context.Canceled, context.DeadlineExceeded, http.ErrBodyReadAfterClose,
	} {
		if errors.Is(err, known) {
			return known
		}
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return err
	}
	return unread{err}
}

// unread wraps an error whose text must not be repeated.
type unread struct{ error }

func (e unread) Error() string { return fmt.Sprintf("the body did not arrive: %T", e.error) }
func (e unread) Unwrap() error { return e.error }

// hurry sets the deadline of the body. It returns what lifts it, once the body is there: the connection serves on.
func (p *plan) hurry(w http.ResponseWriter, r *http.Request) func() {
	if p.cfg.BodyTimeout < 0 || p.cfg.ForeignBody || r.ContentLength == 0 || r.Body == nil || r.Body == http.NoBody {
		return func() {}
	}
	conn := deadline.Of(w)
	if conn == nil || conn.SetReadDeadline(time.Now().Add(deadline.Within(r, p.cfg.BodyTimeout))) != nil {
		return func() {}
	}
	return func() { _ = conn.SetReadDeadline(time.Time{}) }
}
