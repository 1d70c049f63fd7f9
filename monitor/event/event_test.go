package event_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/internal/racing"
	"github.com/gopalisade/palisade/monitor/event"
)

func TestEmit(t *testing.T) {
	event.Emit(t.Context(), event.Event{Code: event.AuthzFail}) // nobody listens
	if event.Enabled(t.Context()) {
		t.Error("enabled without a recorder")
	}
	var outer, inner []event.Event
	ctx := event.WithRecorder(t.Context(), event.RecorderFunc(func(_ context.Context, e event.Event) { outer = append(outer, e) }))
	event.Emit(ctx, event.Event{Code: event.AuthzFail})
	ctx = event.WithRecorder(ctx, event.RecorderFunc(func(_ context.Context, e event.Event) { inner = append(inner, e) }))
	event.Emit(ctx, event.Event{Code: event.SysStartup})
	if !event.Enabled(ctx) || len(outer) != 1 || len(inner) != 1 || outer[0].Code != event.AuthzFail || inner[0].Code != "sys_startup" {
		t.Errorf("got %v and %v", outer, inner)
	}
}

func TestLogValue(t *testing.T) {
	var b bytes.Buffer
	log := slog.New(slog.NewTextHandler(&b, nil))
	log.Info("x", "e", event.Event{Code: "c"})
	log.Info("y", "e", event.Event{
		Code: "c", Principal: "p", Object: "o", Addr: netip.MustParseAddr("192.0.2.1"), Reason: "r", Count: 2, Retry: time.Second, Err: errors.New("e"),
	})
	for _, want := range []string{
		"msg=x e.code=c\n",
		"e.code=c e.principal=p e.object=o e.reason=r e.addr=192.0.2.1 e.count=2 e.retry=1s e.err=e\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("got %s, want %s", b.String(), want)
		}
	}
}

func TestEmitAllocatesNothing(t *testing.T) {
	if racing.Enabled {
		t.Skip("the race detector allocates")
	}
	ctx := t.Context()
	err := errors.New("x")
	if got := testing.AllocsPerRun(100, func() {
		event.Emit(ctx, event.Event{Code: event.AuthzFail, Principal: "p", Err: err})
	}); got != 0 {
		t.Errorf("got %v allocations, want none", got)
	}
}
