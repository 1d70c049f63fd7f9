package deadline_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gopalisade/palisade/internal/deadline"
)

type conn struct{ http.ResponseWriter }

func (conn) SetReadDeadline(time.Time) error { return nil }

type outer struct{ http.ResponseWriter }

func (o outer) Unwrap() http.ResponseWriter { return o.ResponseWriter }

func TestOf(t *testing.T) {
	c, recorder := conn{httptest.NewRecorder()}, httptest.NewRecorder()
	for _, tc := range []struct {
		name string
		w    http.ResponseWriter
		want deadline.Conn
	}{
		{"itself", c, c},
		{"inside two", outer{outer{c}}, c},
		{"recorder", recorder, nil},
		{"hidden", struct{ http.ResponseWriter }{c}, nil},
		{"nothing inside", outer{}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := deadline.Of(tc.w); got != tc.want {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
}

func TestWithin(t *testing.T) {
	r := httptest.NewRequest("GET", "/", nil)
	server := func(timeout time.Duration) *http.Request {
		return r.WithContext(context.WithValue(t.Context(), http.ServerContextKey, &http.Server{ReadTimeout: timeout}))
	}
	for _, tc := range []struct {
		name string
		r    *http.Request
		want time.Duration
	}{
		{"no server", r, time.Minute},
		{"no limit", server(0), time.Minute},
		{"stricter", server(time.Second), time.Second},
		{"laxer", server(time.Hour), time.Minute},
	} {
		if got := deadline.Within(tc.r, time.Minute); got != tc.want {
			t.Errorf("%s: got %v, want %v", tc.name, got, tc.want)
		}
	}
}
