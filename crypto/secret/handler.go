package secret

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/gopalisade/palisade/internal/conf"
)

// HandlerConfig describes a [Handler]. Next is required.
type HandlerConfig struct {
	_ [0]func() // keyed literals only, never comparable

	Next slog.Handler // gets what is left of a record

	// Hide are names of secrets beside the usual ones (password, token, api_key, authorization, cookie, pan, cvv and their
	// like). They hide attributes, groups, headers, query parameters, fields of structs and keys of maps whose last words
	// they are, in any case and with any separators: api_key hides X-API-Key and partnerApiKey.
	Hide []string
	// Show are whole names that are shown nevertheless: "next_page_token".
	Show []string

	DangerouslyShowCards bool // leaves numbers of cards, which PCI DSS 3.4.1 forbids in logs, to whoever reads them
}

// NewHandler returns a Handler, or every fault of cfg joined.
func NewHandler(cfg HandlerConfig) (*Handler, error) {
	f := conf.Faults{Room: "secret"}
	f.Check(cfg.Next != nil, "Next", nil, "is required")
	checkNames(&f, "Hide", cfg.Hide)
	checkNames(&f, "Show", cfg.Show)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return &Handler{next: cfg.Next, rules: &rules{names: newNames(cfg.Hide, cfg.Show), cards: !cfg.DangerouslyShowCards}}, nil
}

func checkNames(f *conf.Faults, field string, all []string) {
	for i, name := range all {
		n := len(squeeze(name))
		f.Check(n > 0 && n <= maxName, fmt.Sprintf("%s[%d]", field, i), name, "must have 1 to 40 letters or digits")
	}
}

// Handler is a [slog.Handler] that takes secrets out of records before its next one sees them: what has a secret's name, and
// digits that may be the number of a card, in messages, texts and numbers. It looks into groups, structs, maps, slices
// and requests, where slog does not call LogValue either. What it cannot take apart within its bounds is replaced whole.
//
// It is a net below the ropes. A secret without a name in a message goes through it: keep those in a [Secret].
type Handler struct {
	next   slog.Handler
	rules  *rules
	hidden bool // inside of a group that has the name of a secret
}

var _ slog.Handler = (*Handler)(nil)

// Enabled asks the next handler.
func (h *Handler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

// Handle passes on what is left of a record.
func (h *Handler) Handle(ctx context.Context, r slog.Record) error {
	w := h.rules.walk()
	message, changed := w.text(r.Message)
	var room [8]slog.Attr
	attrs := room[:0]
	r.Attrs(func(a slog.Attr) bool {
		a, new := h.attr(&w, a)
		attrs = append(attrs, a)
		changed = changed || new
		return true
	})
	if !changed {
		return h.next.Handle(ctx, r)
	}
	clean := slog.NewRecord(r.Time, r.Level, message, r.PC)
	clean.AddAttrs(attrs...)
	return h.next.Handle(ctx, clean)
}

// WithAttrs returns a Handler whose records carry what is left of attrs.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	w := h.rules.walk()
	clean := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		clean[i], _ = h.attr(&w, a)
	}
	return &Handler{h.next.WithAttrs(clean), h.rules, h.hidden}
}

// WithGroup returns a Handler that puts attributes into a group, and hides them all if it has the name of a secret.
func (h *Handler) WithGroup(name string) slog.Handler {
	return &Handler{h.next.WithGroup(name), h.rules, h.hidden || h.rules.names.hides(name)}
}

func (h *Handler) attr(w *walk, a slog.Attr) (slog.Attr, bool) {
	if h.hidden && a.Key != "" {
		return slog.String(a.Key, redacted), true
	}
	if h.hidden { // a group without a name stands for its attributes, whatever they are
		return slog.String("hidden", redacted), true
	}
	return w.attr(a, 0)
}
