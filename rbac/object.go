package rbac

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"reflect"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/internal/conf"
	"github.com/gopalisade/palisade/monitor/event"
)

// ObjectConfig describes a guard of one record. Load and Allow are required.
type ObjectConfig[T any] struct {
	_ [0]func() // keyed literals only, never comparable

	// Load returns the record that the request names, or an error matching [ErrNoObject]. Any other error refuses the
	// request by its own status, or with 500 where it has none.
	Load func(r *http.Request) (T, error)

	// Allow reports whether p may act on the record.
	Allow func(ctx context.Context, p *auth.Principal, record T) bool

	// Override is a permission that admits to every record without asking Allow, of all tenants; none where empty.
	Override string

	// Forbidden answers 403 to a principal who may not act on the record, where the usual 404 would tell him nothing: he
	// learns which records exist.
	Forbidden bool
}

// Object returns a middleware that loads a record once, decides whether the principal may act on it, and keeps it for the
// handler, which reads it with [Loaded]. Requests without a principal are refused (401) before anything is loaded.
//
// A record of somebody else is answered exactly as one that does not exist, in everything but the time it takes. What the
// handler loads by itself is not guarded, and neither is a record that changes hands between the decision and the use.
func Object[T any](m *Model, cfg ObjectConfig[T]) (func(http.Handler) http.Handler, error) {
	f := conf.Faults{Room: "rbac"}
	f.Check(m != nil, "Model", nil, "is required")
	f.Check(cfg.Load != nil, "Load", nil, "is required")
	f.Check(cfg.Allow != nil, "Allow", nil, "is required")
	o := &object[T]{cfg: cfg}
	if m != nil && cfg.Override != "" {
		o.override = m.requirement([]string{cfg.Override}, true)
		f.Check(o.override.fault() == nil, "Override", cfg.Override, "is not in Permissions")
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	return guardBy(m, o), nil
}

type object[T any] struct {
	cfg      ObjectConfig[T]
	override *requirement // nil where there is none
}

func (o *object[T]) decide(r *http.Request) (*http.Request, error) {
	ctx := r.Context()
	p, ok := auth.From(ctx)
	if !ok {
		return nil, errNobody
	}
	record, err := o.cfg.Load(r)
	if errors.Is(err, ErrNoObject) {
		return nil, &denial{shown: ErrNoObject}
	}
	if err != nil {
		return nil, &denial{shown: err, cause: err, code: event.AuthzFail, level: slog.LevelError, reason: "load_failed"}
	}
	if !o.overrides(p) && !o.cfg.Allow(ctx, p, record) {
		d := hidden("other_owner")
		if o.cfg.Forbidden {
			d.shown = &ForbiddenError{Permission: o.cfg.Override, method: p.Method}
		}
		return nil, d
	}
	return r.WithContext(&loadedContext[T]{ctx, record}), nil
}

// overrides is false where the permission is gone: Allow has the last word then.
func (o *object[T]) overrides(p *auth.Principal) bool {
	if o.override == nil {
		return false
	}
	n := o.override.current()
	return n.err == nil && n.in.has(p, n.bits[0])
}

func (o *object[T]) policy() string {
	s := "object " + reflect.TypeFor[T]().String()
	if o.override != nil {
		s += ", or " + o.cfg.Override
	}
	return s
}

func (o *object[T]) fault() error {
	if o.override == nil {
		return nil
	}
	return o.override.fault()
}

type loadedKey[T any] struct{}

// loadedContext carries the record in one allocation.
type loadedContext[T any] struct {
	context.Context
	record T
}

func (c *loadedContext[T]) Value(key any) any {
	if key == (loadedKey[T]{}) {
		return c
	}
	return c.Context.Value(key)
}

// Loaded returns the record that [Object] of the same T loaded and allowed; the innermost, where there are several.
func Loaded[T any](ctx context.Context) (T, bool) {
	if c, ok := ctx.Value(loadedKey[T]{}).(*loadedContext[T]); ok {
		return c.record, true
	}
	var none T
	return none, false
}
