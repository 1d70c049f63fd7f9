package clamav_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopalisade/palisade/internal/conf"
	"github.com/gopalisade/palisade/internal/servertest"
	"github.com/gopalisade/palisade/problem"
	"github.com/gopalisade/palisade/upload"
	"github.com/gopalisade/palisade/upload/clamav"
)

func TestConfig(t *testing.T) {
	for _, tc := range []struct {
		name string
		cfg  clamav.Config
		want string // fields that are at fault
	}{
		{"nothing", clamav.Config{}, "Addr"},
		{
			"everything",
			clamav.Config{Addr: "x", MaxBytes: 1, MaxConns: -1, Timeout: -1, Retest: -1},
			"Addr MaxBytes MaxConns Timeout Retest",
		},
		{"too much", clamav.Config{Addr: "tcp://h:1", MaxBytes: 1 << 31, MaxConns: 257}, "MaxBytes MaxConns"},
		{"relative socket", clamav.Config{Addr: "unix://clamd.sock"}, "Addr"},
		{"no socket", clamav.Config{Addr: "unix://"}, "Addr"},
		{"zero in a path", clamav.Config{Addr: "unix:///a\x00b"}, "Addr"},
		{"no port", clamav.Config{Addr: "tcp://clamd"}, "Addr"},
		{"port 0", clamav.Config{Addr: "clamd:0"}, "Addr"},
		{"high port", clamav.Config{Addr: "clamd:65536"}, "Addr"},
		{"named port", clamav.Config{Addr: "clamd:clamd"}, "Addr"},
		{"no host", clamav.Config{Addr: ":3310"}, "Addr"},
		{"path", clamav.Config{Addr: "tcp://clamd:3310/"}, "Addr"},
		{"scheme", clamav.Config{Addr: "http://clamd:3310"}, "Addr"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := clamav.New(t.Context(), tc.cfg)
			var got []string
			for _, fault := range conf.All(err) {
				got = append(got, fault.Field)
			}
			if c != nil || strings.Join(got, " ") != tc.want {
				t.Errorf("got %v, %v, want %s", c, got, tc.want)
			}
		})
	}
	if reflect.TypeFor[clamav.Config]().Comparable() {
		t.Error("a Config is comparable")
	}
}

func TestAddr(t *testing.T) {
	for _, tc := range []struct{ name, addr, wantNetwork, wantAddress string }{
		{"socket", "unix:///run/clamav/clamd.ctl", "unix", "/run/clamav/clamd.ctl"},
		{"socket, short", "unix:/run/clamd.ctl", "unix", "/run/clamd.ctl"},
		{"tcp", "tcp://clamd.internal:3310", "tcp", "clamd.internal:3310"},
		{"bare", "127.0.0.1:3310", "tcp", "127.0.0.1:3310"},
		{"IPv6", "tcp://[::1]:3310", "tcp", "[::1]:3310"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			down := errors.New("down")
			got := ""
			c, err := clamav.New(t.Context(), clamav.Config{
				Addr: tc.addr, DangerouslyIgnoreLimits: true,
				Dial: func(_ context.Context, network, address string) (net.Conn, error) {
					got = network + " " + address
					return nil, down
				},
			})
			if want := tc.wantNetwork + " " + tc.wantAddress; got != want {
				t.Errorf("dialled %s, want %s", got, want)
			}
			if c != nil || !errors.Is(err, down) || !errors.Is(err, clamav.ErrUnavailable) {
				t.Errorf("got %v, %v", c, err)
			}
		})
	}
}

// TestAnswers wants one answer only to be clean, and a new self-test after each that is odd.
func TestAnswers(t *testing.T) {
	for _, tc := range []struct {
		name, answer string // # is the command's number
		want         upload.Status
	}{
		{"clean", "#: stream: OK\x00", upload.Clean},
		{"found", "#: stream: Win.Test.EICAR_HDB-1 FOUND\x00", upload.Infected},
		{"found by a name like the clean answer", "#: stream: OK FOUND\x00", upload.Infected},
		{"found in a broken file", "#: stream: Heuristics.Broken.Media.PNG.CRCError FOUND\x00", upload.Infected},
		{"found by a foreign database", "#: stream: {HEX}php.cmd.365.UNOFFICIAL FOUND\x00", upload.Infected},
		{"beyond a limit", "#: stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\x00", upload.Unscannable},
		{"encrypted", "#: stream: Heuristics.Encrypted.Zip FOUND\x00", upload.Unscannable},
		{"nothing", "", upload.Unknown},
		{"only the end", "\x00", upload.Unknown},
		{"only the number", "#: \x00", upload.Unknown},
		{"no number", "stream: OK\x00", upload.Unknown},
		{"next number", "1#: stream: OK\x00", upload.Unknown},
		{"first number", "1: stream: OK\x00", upload.Unknown},
		{"zero before the number", "0#: stream: OK\x00", upload.Unknown},
		{"sign before the number", "+#: stream: OK\x00", upload.Unknown},
		{"space before the number", " #: stream: OK\x00", upload.Unknown},
		{"no space behind the number", "#:stream: OK\x00", upload.Unknown},
		{"no end", "#: stream: OK", upload.Unknown},
		{"newline as the end", "#: stream: OK\n", upload.Unknown},
		{"newline before the end", "#: stream: OK\n\x00", upload.Unknown},
		{"space before the end", "#: stream: OK \x00", upload.Unknown},
		{"half", "#: stream: O\x00", upload.Unknown},
		{"other case", "#: stream: ok\x00", upload.Unknown},
		{"longer", "#: stream: OKAY\x00", upload.Unknown},
		{"of another file", "#: fd[12]: OK\x00", upload.Unknown},
		{"of no file", "#: OK\x00", upload.Unknown},
		{"twice", "#: stream: OK\x00#: stream: OK\x00", upload.Unknown},
		{"followed by a finding", "#: stream: OK\x00#: stream: Eicar FOUND\x00", upload.Unknown},
		{"followed by a byte", "#: stream: OK\x00\x00", upload.Unknown},
		{"found nothing", "#: stream:  FOUND\x00", upload.Unknown},
		{"found, no name", "#: stream: FOUND\x00", upload.Unknown},
		{"found null", "#: stream: (null) FOUND\x00", upload.Unknown},
		{"found a control character", "#: stream: a\x1b[2J FOUND\x00", upload.Unknown},
		{"found a line", "#: stream: a\nb FOUND\x00", upload.Unknown},
		{"found beyond ASCII", "#: stream: \xff FOUND\x00", upload.Unknown},
		{"found two words", "#: stream: OK a FOUND\x00", upload.Unknown},
		{"found, with more", "#: stream: Eicar FOUND!\x00", upload.Unknown},
		{"too large", "#: INSTREAM size limit exceeded. ERROR\x00", upload.Unknown},
		{"no memory", "#: stream: Can't allocate memory ERROR\x00", upload.Unknown},
		{"disk full", "#: Error writing to temporary file ERROR\x00", upload.Unknown},
		{"unknown command", "#: UNKNOWN COMMAND\x00", upload.Unknown},
		{"timed out", "COMMAND READ TIMED OUT\n", upload.Unknown},
		{"long", "#: stream: " + strings.Repeat("a", 1100) + " FOUND\x00", upload.Unknown},
		{"1 MB of text", strings.Repeat("stream: OK\n", 100_000), upload.Unknown},
		{"1 MB of ends", strings.Repeat("\x00", 1_000_000), upload.Unknown},
		{"1 MB of answers", strings.Repeat("#: stream: OK\x00", 80_000), upload.Unknown},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake()
				c := connect(t, f, clamav.Config{DangerouslyIgnoreLimits: true})
				time.Sleep(2 * time.Second) // a new connection each time: one that is used again gets a second chance
				f.set(func(c *call) action {
					if c.command != "zINSTREAM" {
						return beHonest
					}
					if _, err := c.body(); err != nil {
						t.Error(err)
					}
					c.raw(strings.ReplaceAll(tc.answer, "#", fmt.Sprint(c.id)))
					return hangUp
				})
				v, err := c.Scan(t.Context(), file("text"))
				if tc.want != upload.Unknown {
					wantStatus(t, v, err, tc.want)
					return
				}
				wantError(t, v, err, clamav.ErrUnavailable)
				if len(err.Error()) > 1000 || strings.ContainsAny(err.Error(), "\x00\n\x1b") {
					t.Errorf("not fit for a log: %.2000q", err.Error())
				}
				f.set(nil)
				before := f.count("zINSTREAM")
				v, err = c.Scan(t.Context(), file("text"))
				wantStatus(t, v, err, upload.Clean)
				if got := f.count("zINSTREAM") - before; got != lenientStreams+1 {
					t.Errorf("sent %d files afterwards, want %d: a self-test and ours", got, lenientStreams+1)
				}
			})
		})
	}
}

func TestErrors(t *testing.T) {
	f := newFake()
	c := connect(t, f, clamav.Config{DangerouslyIgnoreLimits: true})
	v, err := c.Scan(t.Context(), file(strings.Repeat("a", minBytes+1)))
	wantError(t, v, err, clamav.ErrTooLarge)
	if p := problem.Of(err); p.Status != http.StatusRequestEntityTooLarge || p.Code != "file_too_large" {
		t.Errorf("got %+v", p)
	}
	if got := f.count("zINSTREAM"); got != lenientStreams {
		t.Errorf("%d files were sent, want %d of the self-test", got, lenientStreams)
	}
	f.down = errors.New("refused")
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	err = c.Ping(t.Context())
	p := problem.Of(err)
	if p.Status != http.StatusServiceUnavailable || p.Code != "scanner_unavailable" || p.RetryAfter <= 0 {
		t.Errorf("got %+v of %v", p, err)
	}
	e, ok := errors.AsType[*clamav.UnavailableError](err)
	if !ok || e.HTTPStatus() != p.Status || e.Code() != p.Code || !strings.HasPrefix(e.Error(), "clamav: scanner unavailable: ") {
		t.Errorf("got %v", err)
	}
}

func TestVersion(t *testing.T) {
	f := newFake()
	f.version = "ClamAV 1.4.6/27000/Mon Jan  5 10:00:00 2026"
	c := connect(t, f, clamav.Config{DangerouslyIgnoreLimits: true})
	if got, err := c.Version(t.Context()); got != f.version || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if err := c.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	v, err := c.Scan(t.Context(), file(servertest.EICAR()))
	if wantStatus(t, v, err, upload.Infected); v.Engine != f.version || v.Name != "Test.Eicar.UNOFFICIAL" {
		t.Errorf("got %+v", v)
	}
	for _, tc := range []struct{ name, command, answer string }{
		{"other program", "zVERSION", "ScanD 1.0"},
		{"no number", "zVERSION", "ClamAV "},
		{"control character", "zVERSION", "ClamAV 1\x1b"},
		{"error", "zVERSION", "UNKNOWN COMMAND"},
		{"no pong", "zPING", "PING"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f.set(func(c *call) action {
				if c.command == tc.command {
					c.say(tc.answer)
					return hangUp
				}
				return beHonest
			})
			defer f.set(nil)
			version, err := c.Version(t.Context())
			if tc.command == "zPING" {
				err = c.Ping(t.Context())
			}
			if (version != "") != (tc.command == "zPING") || !errors.Is(err, clamav.ErrUnavailable) {
				t.Errorf("got %q, %v", version, err)
			}
		})
	}
}
