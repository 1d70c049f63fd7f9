package validate

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/gopalisade/palisade/internal/around"
	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/problem"
)

// Schema turns requests into values of T. It is safe for concurrent use.
//
// The tags of a field:
//
//	json, query, path, header, form   the source, with the name on the wire; body:"json" for the whole body
//	default:"20"                      the value of what was not sent
//	norm:"trim,nfc,lower"             what happens to a text before its rules: see [Schema.Bind]
//	validate:"required,max=100"       the rules, in the dialect of go-playground/validator
//	access:"read=a;write=b"           who may read or write it: a list of permissions, of which one suffices, or "-"
//
// The rules differ from the dialect where that surprises. A number, bool, struct or array that is required must be there,
// and may be zero (nonzero forbids that); so do the rules that depend on other fields understand it. Structs are always
// looked into. A pointer or [Opt] is optional: null and absent pass unless it is required, and its rules, omitempty too,
// concern the value. A member that is neither optional nor omitempty must satisfy its rules, sent or not; where its zero value
// does not, it is reported as required. omitempty skips the rules of a number that was not sent, not of a zero. Every
// failing rule is reported. Texts are compared by eqfield and nefield only. email, url, hostname, uuid, duration (ISO 8601) and
// the like are strict; rules that would open files or ask name servers do not exist. Rules of one's own run last.
//
// A default is given to whoever did not send the member, also to a caller who may not write it: in a type for changes, use Opt.
// Member names and keys that read like identifiers are repeated in pointers; put nothing secret into a key.
type Schema[T any] struct{ plan *plan }

// Bind returns what r says, or an [*Error] with everything that is wrong with it. The body is read to its end; another
// reader finds it empty.
//
// A text is normalised by the steps of its norm tag, in their order: trim, collapse (spaces), nfc, nfkc, lower, upper, name
// (one line without control characters), text (no markup), html=profile, email, username, filename.
func (s *Schema[T]) Bind(r *http.Request) (T, error) {
	var value T
	st := s.plan.begin(r, r.Context())
	defer st.end()
	st.guarded(func() { st.bind(reflect.ValueOf(&value).Elem()) })
	if err := st.err(); err != nil {
		var none T // half of an input is worth nothing
		emit(r.Context(), err)
		return none, err
	}
	return value, nil
}

// Decode returns what a JSON text says that did not come as a request's body: a message from a queue, another service's
// answer. The same rules and limits hold, and fields with other sources count as not sent.
func (s *Schema[T]) Decode(ctx context.Context, body []byte) (T, error) {
	var value T
	st := s.plan.begin(nil, ctx)
	defer st.end()
	if len(body) > s.plan.cfg.Limits.Body {
		st.refuse(ErrTooLarge, CodeBodyTooLarge)
	} else {
		st.buf = append(st.buf[:0], body...)
		root := reflect.ValueOf(&value).Elem()
		st.guarded(func() { _ = st.decodeJSON(root) && st.finish(root) }) // err tells
	}
	if err := st.err(); err != nil {
		var none T
		emit(ctx, err)
		return none, err
	}
	return value, nil
}

// Check decides without handing out the value.
func (s *Schema[T]) Check(r *http.Request) error {
	_, err := s.Bind(r)
	return err
}

// Wrap lets next run with the value in the context, or answers with what is wrong. The body has been read then.
func (s *Schema[T]) Wrap(next http.Handler) http.Handler {
	return around.New(next, func(w http.ResponseWriter, r *http.Request) {
		value, err := s.bindWithin(w, r)
		if err != nil {
			s.deny(w, r, err)
			return
		}
		r = r.WithContext(&valueContext[T]{r.Context(), value})
		if !s.plan.cfg.ForeignBody {
			r.Body = http.NoBody
		}
		next.ServeHTTP(w, r)
	})
}

// bindWithin binds within Config.BodyTimeout.
func (s *Schema[T]) bindWithin(w http.ResponseWriter, r *http.Request) (T, error) {
	lift := s.plan.hurry(w, r)
	value, err := s.Bind(r)
	if err == nil {
		lift()
	}
	return value, err
}

func (s *Schema[T]) deny(w http.ResponseWriter, r *http.Request, err error) {
	if s.plan.cfg.Messages != english {
		w.Header().Add("Vary", "Accept-Language")
	}
	if s.plan.cfg.Deny != nil {
		s.plan.cfg.Deny(w, r, err)
		return
	}
	problem.Write(w, r, err)
}

// Permissions lists the names in T's access tags, so that they can be checked against a model when the server starts.
func (s *Schema[T]) Permissions() []string { return append([]string(nil), s.plan.perms...) }

// From returns the value that Wrap put into the context. Without the middleware there is none, and ok is false.
func From[T any](ctx context.Context) (value T, ok bool) {
	c, ok := ctx.Value(valueKey[T]{}).(*valueContext[T])
	if ok {
		value = c.value
	}
	return value, ok
}

type valueKey[T any] struct{}

// valueContext holds a value without boxing it.
type valueContext[T any] struct {
	context.Context
	value T
}

// Value finds the value by its type.
func (c *valueContext[T]) Value(key any) any {
	if _, ok := key.(valueKey[T]); ok {
		return c
	}
	return c.Context.Value(key)
}

// emit tells how much was wrong and how it is called.
func emit(ctx context.Context, err error) {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.HTTPStatus() >= http.StatusInternalServerError {
		return
	}
	event.Emit(ctx, event.Event{Code: event.InputValidationFail, Reason: e.Word, Count: int64(max(1, len(e.Fields))), Err: e})
}

// bind does the steps of a request in their order.
func (s *state) bind(root reflect.Value) {
	ok := s.decodePath(root) && s.decodeQuery(root) && s.collections(inQuery, root) &&
		s.decodeHeaders(root) && s.collections(inHeader, root) && s.decodeBody(root)
	_ = ok && (s.plan.form == nil || s.collections(inForm, root)) && s.finish(root) // err tells
}

// finish does what needs all fields at once.
func (s *state) finish(root reflect.Value) bool {
	s.in, s.path = inBody, s.path[:0]
	if !s.complete(s.plan.root, root, &s.sent, &s.bad) {
		return false
	}
	return len(s.faults) > 0 || !s.plan.hooks || s.methods(s.plan.root, root)
}

// methods calls the Validate methods of everything in the value, from the inside out. Of an embedded type it is called
// where Go promotes it.
func (s *state) methods(o *object, v reflect.Value) bool {
	for i := range o.fields {
		f := &o.fields[i]
		if !s.at(f, func() bool { return s.methodsIn(f.node, f.of(v)) }) {
			return false
		}
	}
	if o.hook == nil {
		return true
	}
	err := o.hook(v, s.ctx)
	return err == nil || s.hookFailed(o, err)
}

func (s *state) methodsIn(n *node, v reflect.Value) bool {
	switch n.kind {
	case kindStruct:
		return s.methods(n.obj, v)
	case kindPointer:
		return v.IsNil() || s.methodsIn(n.elem, v.Elem())
	case kindOpt:
		o := v.Addr().Interface().(optional)
		return o.absent() || s.methodsIn(n.elem, reflect.ValueOf(o.target()).Elem())
	case kindSlice, kindArray:
		for i := range v.Len() {
			s.pushIndex(i)
			ok := s.methodsIn(n.elem, v.Index(i))
			s.pop()
			if !ok {
				return false
			}
		}
	case kindMap:
		return s.methodsInMap(n, v)
	}
	return true
}

func (s *state) methodsInMap(n *node, v reflect.Value) bool {
	if n.elem.value().kind < kindStruct {
		return true
	}
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	for _, key := range keys {
		elem := reflect.New(n.elem.typ).Elem() // a map's elements have no address
		elem.Set(v.MapIndex(key))
		s.pushKey(key.String())
		ok := s.methodsIn(n.elem, elem)
		s.pop()
		v.SetMapIndex(key, elem)
		if !ok {
			return false
		}
	}
	return true
}

// hookFailed records what a Validate method said. What is no [Invalid] is a failure of the server, and ends the request.
func (s *state) hookFailed(o *object, err error) bool {
	if many, ok := err.(interface{ Unwrap() []error }); ok && len(many.Unwrap()) > 0 {
		for _, e := range many.Unwrap() {
			if !s.hookFailed(o, e) {
				return false
			}
		}
		return true
	}
	bad, ok := errors.AsType[*invalid](err)
	if !ok {
		s.stop = &Error{Kind: errMethod, Err: err}
		return false
	}
	for i := range o.fields {
		if f := &o.fields[i]; f.name == bad.member && bad.member != "" {
			return s.at(f, func() bool { return s.fail(bad.code, nil) })
		}
	}
	return s.fail(bad.code, nil)
}
