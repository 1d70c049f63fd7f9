package upload

import (
	"context"
	"encoding/hex"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/gopalisade/palisade/internal/conf"
	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/problem"
	"github.com/gopalisade/palisade/upload/content"
	"github.com/gopalisade/palisade/upload/storage"
)

// ServerConfig describes a [Server]. Store and Authorize are required.
type ServerConfig struct {
	_ [0]func() // keyed literals only, never comparable

	Store storage.Store

	// Authorize decides whether the caller may have the file. An error is the answer; storage.ErrNotFound hides that there is
	// any.
	Authorize func(r *http.Request, m storage.Meta) error

	Key    func(r *http.Request) string // which file; the path value "key"
	Inline []content.Type               // what a browser may show, of content.Images; those. Empty, not nil: nothing

	// CrossOrigin lets pages of other origins embed the files (Cross-Origin-Resource-Policy).
	CrossOrigin bool

	Deny func(w http.ResponseWriter, r *http.Request, err error) // problem.Write
}

// Server hands out committed files: with the type that was found in them, under a policy in which nothing runs, and as a
// download unless it is an image. It answers ranges and conditions. It is safe for concurrent use.
type Server struct{ cfg ServerConfig }

// NewServer returns a Server, or every fault of cfg joined.
func NewServer(cfg ServerConfig) (*Server, error) {
	f := conf.Faults{Room: "upload"}
	f.Check(cfg.Store != nil, "Store", nil, "is required")
	f.Check(cfg.Authorize != nil, "Authorize", nil, "is required: a key is no permission")
	for _, t := range cfg.Inline {
		f.Check(slices.Contains(content.Images(), t), "Inline", string(t), "must be of content.Images: browsers run what is in others")
	}
	if cfg.Inline == nil {
		cfg.Inline = content.Images()
	}
	cfg.Inline = slices.Clone(cfg.Inline)
	if cfg.Key == nil {
		cfg.Key = func(r *http.Request) string { return r.PathValue("key") }
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	return &Server{cfg}, nil
}

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		s.deny(w, r, &problem.Problem{Status: http.StatusMethodNotAllowed, Header: http.Header{"Allow": {"GET, HEAD"}}})
		return
	}
	file, err := s.cfg.Store.Open(r.Context(), s.cfg.Key(r))
	if err != nil {
		s.deny(w, r, err)
		return
	}
	defer func() { _ = file.Close() }() // it was only read
	m := file.Meta()
	if err := s.cfg.Authorize(r, m); err != nil {
		event.Emit(r.Context(), event.Event{Code: event.AuthzFail, Level: slog.LevelWarn, Object: s.cfg.Key(r), Err: err})
		s.deny(w, r, err)
		return
	}
	s.header(w.Header(), m)
	http.ServeContent(w, fewRanges(r), "", m.Created, file)
}

// maxRanges is more than viewers ask for at a time. Each costs a header in the answer, and some work, however short it is.
const maxRanges = 16

// fewRanges is r without its Range where that has too many: a server may always answer with the whole (RFC 9110 section 14.2).
func fewRanges(r *http.Request) *http.Request {
	if strings.Count(r.Header.Get("Range"), ",") < maxRanges {
		return r
	}
	r = r.WithContext(r.Context())
	r.Header = maps.Clone(r.Header)
	r.Header.Del("Range")
	return r
}

func (s *Server) deny(w http.ResponseWriter, r *http.Request, err error) {
	if s.cfg.Deny != nil {
		s.cfg.Deny(w, r, err)
		return
	}
	problem.Write(w, r, err)
}

// header says what the file is, and that nothing in it runs, whatever it is.
func (s *Server) header(h http.Header, m storage.Meta) {
	t, ok := content.ByMediaType(m.Type)
	kind, disposition := "application/octet-stream", "attachment"
	switch {
	case ok && t == content.Text:
		kind = "text/plain; charset=utf-8"
	case ok:
		kind = string(t)
	}
	if ok && slices.Contains(s.cfg.Inline, t) {
		disposition = "inline"
	}
	resource := "same-origin"
	if s.cfg.CrossOrigin {
		resource = "cross-origin"
	}
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", Disposition(disposition, m.Name))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Cross-Origin-Resource-Policy", resource)
	h.Set("ETag", `"`+hex.EncodeToString(m.SHA256[:])+`"`)
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "private, no-cache") // asked for anew each time, since rights change
	}
}

// Delete removes a file for good, and tells of it. The caller has been authorised by then.
func Delete(ctx context.Context, store storage.Store, key string) error {
	err := store.Delete(ctx, key)
	if err == nil {
		event.Emit(ctx, event.Event{Code: event.UploadDelete, Object: key})
	} else if errors.Is(err, storage.ErrNotFound) {
		err = storage.ErrNotFound
	}
	return err
}
