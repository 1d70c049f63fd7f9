package clamav_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopalisade/palisade/upload"
	"github.com/gopalisade/palisade/upload/clamav"
)

// TestConnections ends or stops a connection at each step of a scan.
func TestConnections(t *testing.T) {
	stall := func(c *call) { _, _ = c.conn.Read(make([]byte, 1)) } // until the other end gives up
	for _, tc := range []struct {
		name string
		do   func(c *call)
		late bool // it ends with the deadline
	}{
		{"closed before the file", func(*call) {}, false},
		{"closed in the file", func(c *call) { _, _ = c.in.Discard(100) }, false},
		{"closed behind the file", func(c *call) { _, _ = c.body() }, false},
		{"closed in the answer", func(c *call) { _, _ = c.body(); c.raw("2: stre") }, false},
		{"not read", func(c *call) { time.Sleep(time.Hour) }, true},
		{"read slowly", func(c *call) {
			for {
				time.Sleep(time.Second)
				if _, err := c.conn.Read(make([]byte, 1)); err != nil {
					return
				}
			}
		}, true},
		{"no answer", func(c *call) { _, _ = c.body(); stall(c) }, true},
		{"half an answer", func(c *call) { _, _ = c.body(); c.raw("2: stream: OK"); stall(c) }, true},
		{"a slow answer", func(c *call) {
			_, _ = c.body()
			for {
				time.Sleep(time.Second)
				if _, err := c.conn.Write([]byte{'a'}); err != nil {
					return
				}
			}
		}, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake()
				c := connect(t, f, clamav.Config{Timeout: 30 * time.Second, MaxBytes: 1 << 20, DangerouslyIgnoreLimits: true})
				time.Sleep(2 * time.Second)
				f.set(func(c *call) action {
					if c.command == "zINSTREAM" {
						tc.do(c)
						return hangUp
					}
					return beHonest
				})
				begin := time.Now()
				v, err := c.Scan(t.Context(), file(strings.Repeat("a", 1<<20)))
				wantError(t, v, err, clamav.ErrUnavailable)
				wantTook := time.Duration(0)
				if tc.late {
					wantTook = 30 * time.Second
				}
				if took := time.Since(begin); took != wantTook || errors.Is(err, os.ErrDeadlineExceeded) != tc.late {
					t.Errorf("got %v after %v, want %v", err, took, wantTook)
				}
				f.set(nil)
				v, err = c.Scan(t.Context(), file("text"))
				wantStatus(t, v, err, upload.Clean)
				time.Sleep(2 * time.Hour) // the fake has ended
			})
		})
	}
}

// TestRefusalIsRead wants clamd's own reason, which it gives before it stops to read.
func TestRefusalIsRead(t *testing.T) {
	for _, tc := range []struct{ name, answer, want string }{
		{"reason", "INSTREAM size limit exceeded. ERROR", "size limit exceeded"},
		{"clean", "stream: OK", "stream: OK"}, // to what it has not seen
		{"nothing", "", "broken pipe"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, broken := newFake(), atomic.Bool{}
				c := newClient(t, clamav.Config{
					Addr: "clamd:3310", MaxBytes: 1 << 20, DangerouslyIgnoreLimits: true,
					Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
						conn, err := f.dial(ctx, network, address)
						return &brokenConn{conn, &broken}, err
					},
				})
				time.Sleep(2 * time.Second)
				f.set(func(c *call) action {
					if c.command != "zINSTREAM" {
						return beHonest
					}
					broken.Store(true)
					var length [4]byte
					_, _ = io.ReadFull(c.in, length[:])
					_, _ = c.in.Discard(int(binary.BigEndian.Uint32(length[:])))
					if tc.answer != "" {
						c.say(tc.answer)
					}
					return hangUp
				})
				v, err := c.Scan(t.Context(), file(strings.Repeat("a", 1<<20)))
				wantError(t, v, err, clamav.ErrUnavailable)
				if !strings.Contains(err.Error(), tc.want) {
					t.Errorf("got %v, want %s", err, tc.want)
				}
			})
		})
	}
}

// brokenConn writes nothing more after it is broken.
type brokenConn struct {
	net.Conn
	broken *atomic.Bool
}

func (c *brokenConn) Write(b []byte) (int, error) {
	if c.broken.Load() {
		return 0, syscall.EPIPE
	}
	return c.Conn.Write(b)
}
