package event

import (
	"context"
	"log/slog"
	"net/netip"
	"time"
)

// Event is one thing that happened. Code is required; every other field may be zero.
//
// No field may hold a password, a token, a key, or text that the client sent, except Principal and Object, which name
// records of the application.
type Event struct {
	Code      Code
	Level     slog.Level    // how urgent; INFO is the zero value
	Principal string        // id of the user or key it concerns
	Object    string        // id of the record it concerns
	Addr      netip.Addr    // client address, as package transport found it
	Reason    string        // stable code of the refusal, "token_expired"
	Count     int64         // how many, where the code counts
	Retry     time.Duration // how long the client was told to wait
	Err       error         // cause, for the log only
}

// LogValue groups the fields that are set, so an Event can be logged as it is.
func (e Event) LogValue() slog.Value {
	attrs := make([]slog.Attr, 0, 8)
	attrs = append(attrs, slog.String("code", string(e.Code)))
	for _, a := range [...]slog.Attr{
		slog.String("principal", e.Principal),
		slog.String("object", e.Object),
		slog.String("reason", e.Reason),
	} {
		if a.Value.String() != "" {
			attrs = append(attrs, a)
		}
	}
	if e.Addr.IsValid() {
		attrs = append(attrs, slog.String("addr", e.Addr.String()))
	}
	if e.Count != 0 {
		attrs = append(attrs, slog.Int64("count", e.Count))
	}
	if e.Retry != 0 {
		attrs = append(attrs, slog.Duration("retry", e.Retry))
	}
	if e.Err != nil {
		attrs = append(attrs, slog.String("err", e.Err.Error()))
	}
	return slog.GroupValue(attrs...)
}

// Recorder receives events. Record is called on the request's goroutine, possibly by many at once, and must not block:
// a recorder that writes somewhere slow needs a bounded queue of its own.
type Recorder interface {
	Record(ctx context.Context, e Event)
}

// RecorderFunc lets a function be a [Recorder].
type RecorderFunc func(ctx context.Context, e Event)

// Record calls f.
func (f RecorderFunc) Record(ctx context.Context, e Event) { f(ctx, e) }

type recorderKey struct{}

// WithRecorder returns a context in which [Emit] reaches rec. An inner recorder replaces an outer one.
func WithRecorder(ctx context.Context, rec Recorder) context.Context {
	return context.WithValue(ctx, recorderKey{}, rec)
}

// Emit hands e to the context's recorder, if there is one.
func Emit(ctx context.Context, e Event) {
	if rec, ok := ctx.Value(recorderKey{}).(Recorder); ok {
		rec.Record(ctx, e)
	}
}

// Enabled reports whether [Emit] would reach a recorder, for callers whose event is costly to build.
func Enabled(ctx context.Context) bool {
	_, ok := ctx.Value(recorderKey{}).(Recorder)
	return ok
}
