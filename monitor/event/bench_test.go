package event_test

import (
	"testing"

	"github.com/gopalisade/palisade/monitor/event"
)

func BenchmarkEmit(b *testing.B) {
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		event.Emit(ctx, event.Event{Code: event.AuthzFail, Principal: "p"})
	}
}
