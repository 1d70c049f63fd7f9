package event_test

import (
	"context"
	"fmt"

	"github.com/gopalisade/palisade/monitor/event"
)

func Example() {
	recorder := event.RecorderFunc(func(_ context.Context, e event.Event) { fmt.Println(e.Code, e.Principal) })
	ctx := event.WithRecorder(context.Background(), recorder)
	event.Emit(ctx, event.Event{Code: event.AuthnLoginFail, Principal: "alice"})
	// Output: authn_login_fail alice
}
