package clamav

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gopalisade/palisade/upload"
)

// trust is what is known of the clamd at the other end. Its fields but probes and turn are guarded by Client.mu.
type trust struct {
	probes []probe
	turn   chan struct{} // held by the one who tests

	doubts  uint64 // grows whenever it may be another clamd than before, or the same one with another configuration
	settled uint64 // doubts when the last test began that was passed
	at      time.Time
	version string
	socket  time.Time // when the socket was made
}

// doubt asks for a self-test before the next verdict.
func (c *Client) doubt() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.trust.doubts++
}

// meet notes who answered at a new connection.
func (c *Client) meet(version string, socket time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t := &c.trust; version != t.version || !socket.Equal(t.socket) {
		t.version, t.socket = version, socket
		t.doubts++
	}
}

func (c *Client) trusted() (doubts uint64, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := &c.trust
	return t.doubts, t.doubts == t.settled && time.Since(t.at) < c.cfg.Retest
}

func (c *Client) settle(doubts uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.trust.settled, c.trust.at = doubts, time.Now()
}

// selfTest returns at once unless there is a doubt. One tests, and the others wait for what he finds.
func (c *Client) selfTest(ctx context.Context, s *session) error {
	if _, ok := c.trusted(); ok {
		return nil
	}
	select {
	case c.trust.turn <- struct{}{}:
		defer func() { <-c.trust.turn }()
	case <-c.closed:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	doubts, ok := c.trusted()
	if ok {
		return nil
	}
	for _, p := range c.trust.probes {
		if err := p.send(s); err != nil {
			return err
		}
	}
	c.settle(doubts)
	return nil
}

func (p *probe) send(s *session) error {
	v, err := s.scan(p, p.Size())
	if _, ok := errors.AsType[*answerError](err); ok {
		return fmt.Errorf("%w: %s: %w", ErrSelfTest, p.what, err)
	}
	if err == nil && v.Status == upload.Clean {
		err = fmt.Errorf("%w: clamd lets pass %s: %s", ErrSelfTest, p.what, p.remedy)
	}
	return err
}
