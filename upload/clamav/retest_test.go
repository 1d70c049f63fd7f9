package clamav_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopalisade/palisade/upload"
	"github.com/gopalisade/palisade/upload/clamav"
)

// TestSelfTestAgain counts the self-tests before the next verdict.
func TestSelfTestAgain(t *testing.T) {
	down := errors.New("down")
	for _, tc := range []struct {
		name   string
		happen func(t *testing.T, f *fake, c *clamav.Client)
		want   int
	}{
		{"nothing", func(*testing.T, *fake, *clamav.Client) {}, 0},
		{"another connection", func(*testing.T, *fake, *clamav.Client) { time.Sleep(time.Minute) }, 0},
		{"time", func(*testing.T, *fake, *clamav.Client) { time.Sleep(time.Hour) }, 1},
		{"another version", func(_ *testing.T, f *fake, _ *clamav.Client) {
			time.Sleep(time.Minute)
			f.version = "ClamAV 1.4.7"
		}, 1},
		{"it was down", func(t *testing.T, f *fake, c *clamav.Client) {
			time.Sleep(time.Minute)
			f.down = down
			v, err := c.Scan(t.Context(), file("text"))
			wantError(t, v, err, clamav.ErrUnavailable)
			wantError(t, v, err, down)
			f.down = nil
		}, 1},
		{"it ended an unused connection", func(_ *testing.T, f *fake, _ *clamav.Client) {
			f.hangUp()
		}, 1},
		{"it ended an unused connection, and said so", func(_ *testing.T, f *fake, _ *clamav.Client) {
			before := f.count("zINSTREAM")
			f.set(func(c *call) action {
				f.set(nil)
				_, _ = c.body()
				f.commands["zINSTREAM"] = before // as if this had not been
				c.raw("COMMAND READ TIMED OUT\n")
				return hangUp
			})
		}, 1},
		{"time was up", func(t *testing.T, f *fake, c *clamav.Client) {
			f.set(func(c *call) action {
				_, _ = c.body()
				_, _ = c.next(), c.next()
				return hangUp
			})
			v, err := c.Scan(t.Context(), file("text"))
			wantError(t, v, err, clamav.ErrUnavailable)
			f.set(nil)
		}, 1},
		{"the caller had enough", func(t *testing.T, f *fake, c *clamav.Client) {
			f.set(func(c *call) action {
				_, _ = c.body()
				_ = c.next()
				return hangUp
			})
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			v, err := c.Scan(ctx, file("text"))
			wantError(t, v, err, clamav.ErrUnavailable)
			wantError(t, v, err, context.DeadlineExceeded)
			f.set(nil)
		}, 0},
		{"the caller went away", func(t *testing.T, f *fake, c *clamav.Client) {
			f.set(func(c *call) action {
				_, _ = c.body()
				_ = c.next()
				return hangUp
			})
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			v, err := c.Scan(ctx, file("text"))
			wantError(t, v, err, context.Canceled)
			if errors.Is(err, clamav.ErrUnavailable) {
				t.Errorf("got %v, but clamd did nothing wrong", err)
			}
			f.set(nil)
		}, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake()
				c := connect(t, f, clamav.Config{DangerouslyIgnoreLimits: true})
				tc.happen(t, f, c)
				synctest.Wait()
				before := f.count("zINSTREAM")
				v, err := c.Scan(t.Context(), file("text"))
				wantStatus(t, v, err, upload.Clean)
				got := f.count("zINSTREAM") - before
				if got != 1+tc.want*lenientStreams {
					t.Errorf("sent %d files, want ours and %d self-tests of %d", got, tc.want, lenientStreams)
				}
			})
		})
	}
}

// TestSelfTestFailsLater wants no verdict of a clamd that came back with another configuration.
func TestSelfTestFailsLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		c := connect(t, f, clamav.Config{DangerouslyIgnoreLimits: true})
		f.hangUp()
		f.set(func(c *call) action {
			if c.command != "zINSTREAM" {
				return beHonest
			}
			body, _ := c.body()
			if len(body) > 1000 {
				c.say("stream: OK")
			} else {
				c.say(honest(body))
			}
			return goOn
		})
		for range 3 {
			v, err := c.Scan(t.Context(), file("text"))
			wantError(t, v, err, clamav.ErrSelfTest)
			wantError(t, v, err, clamav.ErrUnavailable)
		}
		f.set(nil)
		v, err := c.Scan(t.Context(), file("text"))
		wantStatus(t, v, err, upload.Clean)
	})
}

// TestSelfTestOnce has many wait for one test, which the first of them may give up.
func TestSelfTestOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		c := connect(t, f, clamav.Config{MaxConns: 9, DangerouslyIgnoreLimits: true})
		time.Sleep(time.Hour)
		before := f.count("zINSTREAM")
		f.set(func(c *call) action {
			if c.command == "zINSTREAM" {
				time.Sleep(time.Second)
			}
			return beHonest
		})
		done := make(chan error)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		go func() {
			v, err := c.Scan(ctx, file("text"))
			wantError(t, v, err, context.DeadlineExceeded)
			done <- nil
		}()
		synctest.Wait()
		for range 8 {
			go func() {
				_, err := c.Scan(t.Context(), file("text"))
				done <- err
			}()
		}
		for range 9 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if got := f.count("zINSTREAM") - before; got != 1+lenientStreams+8 {
			t.Errorf("sent %d files, want %d", got, 1+lenientStreams+8)
		}
	})
}

// TestSocket sees that a socket is another one, although nobody was refused and the version is the same.
func TestSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	touch := func(at int64) {
		t.Helper()
		err := os.WriteFile(path, nil, 0o600)
		if err == nil {
			err = os.Chtimes(path, time.Unix(at, 0), time.Unix(at, 0))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		meanwhile := func() {}
		touch(1)
		c := newClient(t, clamav.Config{
			Addr: "unix://" + path, MaxBytes: minBytes, DangerouslyIgnoreLimits: true,
			Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
				meanwhile()
				return f.dial(ctx, network, address)
			},
		})
		for i, want := range []int{0, 1, 0} {
			time.Sleep(time.Minute)
			if want > 0 {
				touch(2)
			}
			before := f.count("zINSTREAM")
			v, err := c.Scan(t.Context(), file("text"))
			wantStatus(t, v, err, upload.Clean)
			if got := f.count("zINSTREAM") - before; got != 1+want*lenientStreams {
				t.Errorf("scan %d: sent %d files, want ours and %d self-tests", i, got, want)
			}
		}
		time.Sleep(time.Minute)
		meanwhile = func() { touch(3) }
		v, err := c.Scan(t.Context(), file("text"))
		wantError(t, v, err, clamav.ErrUnavailable)
		if !strings.Contains(fmt.Sprint(err), "restarted") {
			t.Errorf("got %v", err)
		}
	})
}
