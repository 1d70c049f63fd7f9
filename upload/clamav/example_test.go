package clamav_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/gopalisade/palisade/problem"
	"github.com/gopalisade/palisade/upload/clamav"
)

// The examples have a clamd of their own in this process; others leave Dial out.
func Example() {
	clam, err := clamav.New(context.Background(), clamav.Config{
		Addr: "unix:///run/clamav/clamd.ctl",
		Dial: newFake().dial,
	})
	if err != nil {
		panic(err) // no scanner, no uploads
	}
	defer func() { _ = clam.Close() }()

	verdict, err := clam.Scan(context.Background(), strings.NewReader("a file")) // as upload.Config.Scanner does
	fmt.Println(verdict.Status, verdict.Engine, err)
	// Output: clean ClamAV 1.4.6 <nil>
}

// StreamMaxLength was raised in clamd.conf, because uploads were refused, and MaxFileSize was not: clamd now says OK to every
// file between the two. The server does not start with it.
func Example_wrongLimits() {
	f := newFake()
	f.set(func(c *call) action {
		if c.command != "zINSTREAM" {
			return beHonest
		}
		body, _ := c.body()
		if len(body) > 25<<20 { // MaxFileSize
			c.say("stream: OK")
		} else {
			c.say(honest(body))
		}
		return goOn
	})
	_, err := clamav.New(context.Background(), clamav.Config{Addr: "127.0.0.1:3310", Dial: f.dial, MaxBytes: 50 << 20})
	fmt.Println(errors.Is(err, clamav.ErrSelfTest))
	fmt.Println(strings.ReplaceAll(err.Error(), ": ", ":\n"))
	// Output:
	// true
	// clamav:
	// scanner unavailable:
	// self-test failed:
	// clamd lets pass EICAR in a zip of 52428800 bytes:
	// MaxFileSize must be as large as StreamMaxLength, and AlertExceedsMax yes
}

// While clamd is down, no file passes, and the client learns that later is better.
func ExampleErrUnavailable() {
	_, err := clamav.New(context.Background(), clamav.Config{
		Addr: "127.0.0.1:3310",
		Dial: func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("connection refused") },
	})
	fmt.Println(err)
	p := problem.Of(err)
	fmt.Println(p.Status, p.Code, p.RetryAfter)
	// Output:
	// clamav: scanner unavailable: connection refused
	// 503 scanner_unavailable 10s
}
