package clamav_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopalisade/palisade/upload"
	"github.com/gopalisade/palisade/upload/clamav"
)

// slow makes each scan take a second.
func slow(c *call) action {
	if c.command == "zINSTREAM" {
		time.Sleep(time.Second)
	}
	return beHonest
}

func TestMaxConns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		c := connect(t, f, clamav.Config{DangerouslyIgnoreLimits: true, MaxConns: 4})
		f.set(slow)
		begin := time.Now()
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				v, err := c.Scan(t.Context(), file("text"))
				wantStatus(t, v, err, upload.Clean)
			})
		}
		all.Wait()
		made, _, most := f.connections()
		if took := time.Since(begin); took != 13*time.Second || most != 4 || made != 4 {
			t.Errorf("took %v with %d connections of %d made, want 13s with 4", took, most, made)
		}
	})
}

// slowClose is a connection that takes its time to close, as one of TLS does whose other end has stopped reading.
type slowClose struct{ net.Conn }

func (s slowClose) Close() error {
	time.Sleep(5 * time.Second)
	return s.Conn.Close()
}

// goodbye is one of TLS: what it says when it closes is for a peer that listens.
type goodbye struct{ slowClose }

func (g goodbye) NetConn() net.Conn { return g.Conn }

// TestSlowClose wants nobody to wait longer than its context for a connection that another scan closes, nor for its own one
// where that can be avoided.
func TestSlowClose(t *testing.T) {
	for name, wrap := range map[string]func(net.Conn) net.Conn{
		"any":         func(c net.Conn) net.Conn { return slowClose{c} },
		"another TLS": func(c net.Conn) net.Conn { return goodbye{slowClose{c}} },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake()
				made := 0
				c := newClient(t, clamav.Config{
					Addr: "clamd:3310", MaxBytes: minBytes, DangerouslyIgnoreLimits: true,
					Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
						conn, err := f.dial(ctx, network, address)
						if made++; made == 1 {
							conn = wrap(conn)
						}
						return conn, err
					},
				})
				f.set(func(*call) action { return hangUp })
				go func() { _, _ = c.Scan(t.Context(), file("text")) }()
				synctest.Wait() // the first one is being closed, or was
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				begin := time.Now()
				if _, err := c.Scan(ctx, file("text")); err == nil || time.Since(begin) > time.Second {
					t.Errorf("got %v after %v", err, time.Since(begin))
				}
				time.Sleep(time.Minute)
			})
		})
	}
}

// TestWait wants those who wait for a connection to give up in time.
func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		c := connect(t, f, clamav.Config{DangerouslyIgnoreLimits: true, MaxConns: 1, Timeout: 10 * time.Second})
		f.set(func(c *call) action {
			if c.command == "zINSTREAM" {
				time.Sleep(time.Minute)
			}
			return beHonest
		})
		go func() { _, _ = c.Scan(t.Context(), file("text")) }()
		time.Sleep(time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		begin := time.Now()
		v, err := c.Scan(ctx, file("text"))
		wantError(t, v, err, context.DeadlineExceeded)
		wantError(t, v, err, clamav.ErrUnavailable)
		if took := time.Since(begin); took != 2*time.Second || !strings.Contains(err.Error(), "no connection became free") {
			t.Errorf("got %v after %v", err, took)
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		v, err = c.Scan(gone, file("text"))
		wantError(t, v, err, context.Canceled)
		time.Sleep(2 * time.Minute)
	})
}

func TestReuse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		c := connect(t, f, clamav.Config{DangerouslyIgnoreLimits: true})
		for range 100 {
			v, err := c.Scan(t.Context(), file("text"))
			wantStatus(t, v, err, upload.Clean)
			time.Sleep(time.Second / 2)
		}
		if made, _, _ := f.connections(); made != 1 {
			t.Errorf("made %d connections, want 1", made)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if _, open, _ := f.connections(); open != 0 {
			t.Errorf("%d connections are open, want none that nobody uses", open)
		}
	})
}

func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		c := connect(t, f, clamav.Config{DangerouslyIgnoreLimits: true, MaxConns: 2})
		time.Sleep(time.Hour) // a self-test is due, and somebody waits for it
		f.set(slow)
		begin, done := time.Now(), make(chan error)
		for range 5 {
			go func() {
				_, err := c.Scan(t.Context(), file("text"))
				done <- err
			}()
		}
		time.Sleep(time.Second / 2)
		for range 2 {
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		}
		for range 5 {
			if err := <-done; !errors.Is(err, clamav.ErrUnavailable) || !strings.Contains(err.Error(), "closed") {
				t.Errorf("got %v", err)
			}
		}
		if took := time.Since(begin); took != time.Second/2 {
			t.Errorf("took %v", took)
		}
		v, err := c.Scan(t.Context(), file("text"))
		wantError(t, v, err, clamav.ErrUnavailable)
		time.Sleep(time.Minute)
		if _, open, _ := f.connections(); open != 0 {
			t.Errorf("%d connections are open", open)
		}
	})
}

// TestCloseWhileDialling wants no connection that Close did not see.
func TestCloseWhileDialling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, wait := newFake(), time.Duration(0)
		c := newClient(t, clamav.Config{
			Addr: "clamd:3310", MaxBytes: minBytes, DangerouslyIgnoreLimits: true,
			Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
				time.Sleep(wait)
				return f.dial(ctx, network, address)
			},
		})
		time.Sleep(time.Minute)
		wait = time.Second
		time.AfterFunc(time.Second/2, func() { _ = c.Close() })
		v, err := c.Scan(t.Context(), file("text"))
		wantError(t, v, err, clamav.ErrUnavailable)
		synctest.Wait()
		if _, open, _ := f.connections(); open != 0 {
			t.Errorf("%d connections are open", open)
		}
	})
}

// TestGreeting gives up on a clamd that accepts and says nothing long before a scan's time is up.
func TestGreeting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.set(func(c *call) action {
			_ = c.next()
			return hangUp
		})
		begin := time.Now()
		c, err := clamav.New(t.Context(), clamav.Config{Addr: "clamd:3310", Dial: f.dial})
		if took := time.Since(begin); c != nil || !errors.Is(err, clamav.ErrUnavailable) || took != 10*time.Second {
			t.Errorf("got %v after %v", err, took)
		}
	})
}
