package guard_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/gopalisade/palisade/ratelimit/guard"
)

func Example() {
	g, err := guard.New(guard.Config{Keys: [][]byte{bytes.Repeat([]byte("k"), 32)}, Limits: guard.Limits{Account: 2}})
	if err != nil {
		panic(err)
	}
	login := func(ctx context.Context, account, password string) error {
		ticket, err := g.Begin(ctx, guard.Attempt{Account: account, Addr: netip.MustParseAddr("198.51.100.7")})
		if err != nil {
			return err // nobody looks at the password
		}
		defer ticket.Close(ctx)
		if password != "right" { // your hash
			return errors.New("wrong")
		}
		ticket.Succeed(ctx)
		return nil
	}
	for _, password := range []string{"wrong", "right", "wrong", "wrong", "right"} {
		fmt.Println(login(context.Background(), "alice", password))
	}
	// Output:
	// wrong
	// <nil>
	// wrong
	// wrong
	// guard: too many failures: account
}

func ExampleGuard_DeviceCookie() {
	g, err := guard.New(guard.Config{Keys: [][]byte{bytes.Repeat([]byte("k"), 32)}})
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	cookie := g.DeviceCookie("alice") // when she logged in, some days ago
	for range 100 {                   // a botnet
		if ticket, err := g.Begin(ctx, guard.Attempt{Account: "alice"}); err == nil {
			ticket.Fail(ctx)
		}
	}
	_, err = g.Begin(ctx, guard.Attempt{Account: "alice"})
	fmt.Println(err)
	_, err = g.Begin(ctx, guard.Attempt{Account: "alice", Device: cookie})
	fmt.Println(err)
	// Output:
	// guard: too many failures: account
	// <nil>
}

// A guess that is counted after the password was looked at is counted too late: those that are looked at meanwhile are free.
func Example_wrongOrder() {
	g, err := guard.New(guard.Config{Keys: [][]byte{bytes.Repeat([]byte("k"), 32)}, Limits: guard.Limits{Account: 2}})
	if err != nil {
		panic(err)
	}
	ctx, looked := context.Background(), make(chan time.Time, 100)
	for range 100 { // all at once, before the first has failed
		looked <- time.Now() // the hash
	}
	for range 100 {
		if ticket, err := g.Begin(ctx, guard.Attempt{Account: "alice"}); err == nil {
			ticket.Fail(ctx)
		}
	}
	fmt.Println(len(looked), "guesses with a limit of 2")
	// Output: 100 guesses with a limit of 2
}
