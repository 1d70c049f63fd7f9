package clamav_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/gopalisade/palisade/internal/servertest"
	"github.com/gopalisade/palisade/upload"
	"github.com/gopalisade/palisade/upload/clamav"
)

// fake is a clamd that follows a script where it has one, and is honest elsewhere.
type fake struct {
	mu       sync.Mutex
	script   func(*call) action
	version  string
	down     error // of the next dials
	dials    int
	open     int
	most     int // that were open at a time
	commands map[string]int
	conns    []net.Conn
}

// action is what the fake does after its script.
type action int

const (
	beHonest action = iota // the script has done nothing
	goOn
	hangUp
)

// call is a command that the fake has got.
type call struct {
	*fake
	conn    net.Conn
	in      *bufio.Reader
	id      uint64
	command string
}

func newFake() *fake { return &fake{version: "ClamAV 1.4.6", commands: map[string]int{}} }

// dial is a Config.Dial.
func (f *fake) dial(context.Context, string, string) (net.Conn, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down != nil {
		return nil, f.down
	}
	ours, theirs := net.Pipe()
	f.dials++
	f.conns = append(f.conns, ours)
	f.open++
	f.most = max(f.most, f.open)
	go f.serve(ours)
	return theirs, nil
}

func (f *fake) serve(conn net.Conn) {
	defer func() {
		f.mu.Lock()
		f.open--
		f.mu.Unlock()
		_ = conn.Close()
	}()
	c := &call{fake: f, conn: conn, in: bufio.NewReader(conn)}
	if c.next() != "zIDSESSION" {
		return
	}
	for {
		if c.command = c.next(); c.command == "" {
			return
		}
		c.id++
		f.mu.Lock()
		f.commands[c.command]++
		script, version := f.script, f.version
		f.mu.Unlock()
		if script != nil {
			if next := script(c); next == hangUp {
				return
			} else if next == goOn {
				continue
			}
		}
		switch c.command {
		case "zPING":
			c.say("PONG")
		case "zVERSION":
			c.say(version)
		case "zINSTREAM":
			body, err := c.body()
			if err != nil {
				return
			}
			c.say(honest(body))
		default:
			c.say("UNKNOWN COMMAND")
		}
	}
}

func (c *call) next() string {
	line, err := c.in.ReadString(0)
	if err != nil {
		return ""
	}
	return line[:len(line)-1]
}

func (c *call) say(text string) { c.raw(fmt.Sprintf("%d: %s\x00", c.id, text)) }

func (c *call) raw(text string) { _, _ = io.WriteString(c.conn, text) }

// body reads a file as far as the zero that ends it.
func (c *call) body() ([]byte, error) {
	var body []byte
	for {
		var length [4]byte
		if _, err := io.ReadFull(c.in, length[:]); err != nil {
			return nil, err
		}
		n := binary.BigEndian.Uint32(length[:])
		if n == 0 {
			return body, nil
		}
		start := len(body)
		body = append(body, make([]byte, n)...)
		if _, err := io.ReadFull(c.in, body[start:]); err != nil {
			return nil, err
		}
	}
}

// honest looks into what is stored, and calls a zip that it does not open one beyond its limits.
func honest(body []byte) string {
	switch {
	case bytes.Contains(body, []byte(servertest.EICAR())):
		return "stream: Test.Eicar.UNOFFICIAL FOUND"
	case bytes.HasPrefix(body, []byte("PK")):
		return "stream: Heuristics.Limits.Exceeded.MaxRecursion FOUND"
	}
	return "stream: OK"
}

func (f *fake) set(script func(*call) action) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.script = script
}

// connections returns how many were made, are open, and were open at a time.
func (f *fake) connections() (made, open, most int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.dials, f.open, f.most
}

// hangUp ends all connections, as a restart does.
func (f *fake) hangUp() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, conn := range f.conns {
		_ = conn.Close()
	}
}

func (f *fake) count(command string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.commands[command]
}

// minBytes is the least that a Client takes, and makes for a short self-test.
const minBytes = 64 << 10

// So many files a self-test sends, and one that ignores limits.
const (
	streams        = 3
	lenientStreams = 2
)

// connect makes a Client of the fake.
func connect(t testing.TB, f *fake, cfg clamav.Config) *clamav.Client {
	t.Helper()
	cfg.Addr, cfg.Dial = "clamd:3310", f.dial
	if cfg.MaxBytes == 0 {
		cfg.MaxBytes = minBytes
	}
	return newClient(t, cfg)
}

func newClient(t testing.TB, cfg clamav.Config) *clamav.Client {
	t.Helper()
	c, err := clamav.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func file(content string) upload.Subject { return bytes.NewReader([]byte(content)) }

// wantStatus fails unless the scan gave the status, and its name only where there is something to name.
func wantStatus(t testing.TB, v upload.Verdict, err error, want upload.Status) {
	t.Helper()
	if err != nil || v.Status != want {
		t.Errorf("got %v, %v, want %v", v, err, want)
	} else if (v.Name == "") != (want == upload.Clean) || v.Engine == "" {
		t.Errorf("got name %q, engine %q of what is %v", v.Name, v.Engine, want)
	}
}

// wantError fails unless the scan gave nothing but an error that matches.
func wantError(t testing.TB, v upload.Verdict, err, want error) {
	t.Helper()
	if v != (upload.Verdict{}) || !errors.Is(err, want) {
		t.Errorf("got %v, %v, want %v", v, err, want)
	}
}
