package validate

import (
	"context"
	"net/http"
	"reflect"
	"slices"

	"github.com/gopalisade/palisade/internal/conf"
)

// Handle returns a handler that binds a request to T, calls handle, and writes what it returns as JSON with the fields that
// the caller may read: see [View] for what R's tags may say. A faulty R is an error, as in NewView.
//
// R is answered with 200, [Response] with a status and header of its own, and struct{} with 204. An error goes to
// Config.Deny, where you may log it; the client learns the status and code that the error has, as [problem.Write] tells,
// and otherwise nothing.
func Handle[T, R any](s *Schema[T], handle func(ctx context.Context, in T) (R, error)) (http.Handler, error) {
	answer, err := newAnswer(reflect.TypeFor[R](), s.plan.cfg.Can)
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		in, err := s.bindWithin(w, r)
		if err != nil {
			s.deny(w, r, err)
			return
		}
		out, err := handle(r.Context(), in)
		if err == nil {
			err = answer.write(w, r, reflect.ValueOf(&out).Elem())
		}
		if err != nil {
			s.deny(w, r, err)
		}
	}), nil
}

// MustHandle is Handle for a type that is known to be right; it panics otherwise.
func MustHandle[T, R any](s *Schema[T], handle func(ctx context.Context, in T) (R, error)) http.Handler {
	h, err := Handle(s, handle)
	if err != nil {
		panic(err)
	}
	return h
}

// Response is an answer with a status of its own, 200 where it is zero, and further header fields.
type Response[B any] struct {
	Status int
	Header http.Header
	Body   B
}

func (r *Response[B]) parts() (int, http.Header, any) { return r.Status, r.Header, &r.Body }
func (r *Response[B]) bodyType() reflect.Type         { return reflect.TypeFor[B]() }

type response interface {
	parts() (status int, header http.Header, body any)
	bodyType() reflect.Type
}

// answer writes what a handler returned.
type answer struct {
	view  *view
	empty bool
}

func newAnswer(t reflect.Type, can func(context.Context, string) bool) (*answer, error) {
	if r, ok := reflect.New(t).Interface().(response); ok {
		t = r.bodyType()
	}
	f := conf.Faults{Room: "validate"}
	a := &answer{view: newView(t, can, &f), empty: t == reflect.TypeFor[struct{}]()}
	return a, f.Err()
}

func (a *answer) write(w http.ResponseWriter, r *http.Request, v reflect.Value) error {
	status, body := http.StatusOK, v
	var header http.Header
	if out, ok := v.Addr().Interface().(response); ok {
		var b any
		status, header, b = out.parts()
		body = reflect.ValueOf(b).Elem()
		conf.Default(&status, http.StatusOK)
	}
	if a.empty && status == http.StatusOK {
		status = http.StatusNoContent
	}
	if a.empty {
		setHeader(w, header)
		w.WriteHeader(status)
		return nil
	}
	return a.view.write(w, r, status, header, body)
}

func setHeader(w http.ResponseWriter, header http.Header) {
	for name, values := range header {
		w.Header()[http.CanonicalHeaderKey(name)] = slices.Clone(values)
	}
}
