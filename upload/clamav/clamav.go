package clamav

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/gopalisade/palisade/upload"
)

// Client asks one clamd. It is an [upload.Scanner], safe for concurrent use.
type Client struct {
	cfg              Config
	network, address string
	slots            chan struct{} // one element for each scan that runs
	closed           chan struct{}

	mu       sync.Mutex
	trust    trust
	sessions map[*session]bool // all that are open
	idle     []*session        // those that wait for the next scan, the last one used at the end
}

var _ upload.Scanner = (*Client)(nil)

// idleTime is how long a connection waits for the next scan: shorter than clamd waits, so that one that ended before has
// something to tell.
const idleTime = time.Second

// Scan sends f to clamd and returns its verdict, which never comes with an error. A file of more than MaxBytes is not sent
// ([ErrTooLarge]). When f cannot be read, or has not the size that it says, the error is f's; all others match
// [ErrUnavailable], unless it was ctx that was cancelled.
func (c *Client) Scan(ctx context.Context, f upload.Subject) (upload.Verdict, error) {
	size := f.Size()
	if size < 0 {
		return upload.Verdict{}, &sourceError{errReader}
	}
	if size > c.cfg.MaxBytes {
		return upload.Verdict{}, fmt.Errorf("%w: %d bytes", ErrTooLarge, size)
	}
	v := upload.Verdict{}
	err := c.with(ctx, func(s *session) (err error) {
		v, err = s.scan(f, size)
		return err
	})
	if err != nil {
		return upload.Verdict{}, err
	}
	return v, nil
}

// Ping returns nil when clamd answers, and passes the self-test if it has to.
func (c *Client) Ping(ctx context.Context) error {
	return c.with(ctx, func(s *session) error {
		answer, err := s.ask("PING")
		if err == nil && answer != "PONG" {
			err = &answerError{answer}
		}
		return err
	})
}

// Version returns what clamd says of itself: "ClamAV 1.4.6", and behind slashes the number and the date of its signatures,
// where they have any.
func (c *Client) Version(ctx context.Context) (string, error) {
	version := ""
	err := c.with(ctx, func(s *session) (err error) {
		version, err = s.askVersion()
		return err
	})
	if err != nil {
		return "", err
	}
	return version, nil
}

// Close ends all connections, and with them the scans that run. It returns nil.
func (c *Client) Close() error {
	c.mu.Lock()
	if !c.isClosed() {
		close(c.closed)
	}
	open := slices.Collect(maps.Keys(c.sessions))
	for _, s := range open {
		c.forget(s)
	}
	c.mu.Unlock()
	for _, s := range open {
		s.close()
	}
	return nil
}

func (c *Client) isClosed() bool {
	select {
	case <-c.closed:
		return true
	default:
		return false
	}
}

// with lets do use a connection to a clamd that has passed the self-test.
func (c *Client) with(caller context.Context, do func(*session) error) error {
	ctx, cancel := context.WithTimeout(caller, c.cfg.Timeout)
	defer cancel()
	if err := c.enter(ctx); err != nil {
		return c.failure(caller, err)
	}
	defer func() { <-c.slots }()
	if s := c.take(); s != nil {
		err := c.use(ctx, s, do)
		if err == nil || !isGone(err) || c.isClosed() || ctx.Err() != nil {
			return c.failure(caller, err)
		}
		c.doubt() // it ended while nobody used it, or now: somebody else may answer the next time
	}
	s, err := c.open(ctx)
	if err == nil {
		err = c.use(ctx, s, do)
	}
	return c.failure(caller, err)
}

// enter waits for a place among MaxConns.
func (c *Client) enter(ctx context.Context) error {
	if c.isClosed() {
		return errClosed
	}
	select {
	case c.slots <- struct{}{}:
		return nil
	case <-c.closed:
		return errClosed
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", errBusy, ctx.Err())
	}
}

// use ends the connection unless do has had its whole answer.
func (c *Client) use(ctx context.Context, s *session, do func(*session) error) error {
	release, done := s.bind(ctx), false
	defer func() {
		if release() && done {
			c.keep(s)
		} else {
			c.drop(s)
		}
	}()
	err := c.selfTest(ctx, s)
	if err == nil {
		err = do(s)
	}
	done = err == nil
	return err
}

// failure tells whose fault err is.
func (c *Client) failure(caller context.Context, err error) error {
	_, source := errors.AsType[*sourceError](err)
	switch {
	case err == nil || source:
		return err
	case c.isClosed():
		return &UnavailableError{errClosed}
	case errors.Is(caller.Err(), context.Canceled):
		return fmt.Errorf("clamav: scan was cancelled: %w", caller.Err())
	}
	if caller.Err() == nil && !errors.Is(err, errBusy) {
		c.doubt()
	}
	if caller.Err() != nil { // the connection says that its time was up, which is the same
		err = fmt.Errorf("%w: %w", caller.Err(), err)
	}
	return &UnavailableError{err}
}

// open makes a connection.
func (c *Client) open(ctx context.Context) (*session, error) {
	made := c.socketTime()
	greet, cancel := context.WithTimeout(ctx, greeting)
	defer cancel()
	conn, err := c.cfg.Dial(greet, c.network, c.address)
	if err != nil {
		return nil, err
	}
	s := newSession(conn)
	if !c.register(s) {
		return nil, errClosed
	}
	release := s.bind(greet)
	s.version, err = s.askVersion()
	if !release() && err == nil {
		err = greet.Err()
	}
	if err == nil && !made.Equal(c.socketTime()) {
		err = errMoved
	}
	if err != nil {
		c.drop(s)
		return nil, err
	}
	c.meet(s.version, made)
	return s, nil
}

// socketTime tells one clamd from the next, which makes a socket of its own.
func (c *Client) socketTime() time.Time {
	if c.network == "unix" {
		if info, err := os.Stat(c.address); err == nil {
			return info.ModTime()
		}
	}
	return time.Time{}
}

// register makes Close close s too.
func (c *Client) register(s *session) bool {
	c.mu.Lock()
	closed := c.isClosed()
	if !closed {
		c.sessions[s] = true
	}
	c.mu.Unlock()
	if closed {
		s.close()
	}
	return !closed
}

// take returns the connection that was used last, or nil.
func (c *Client) take() *session {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := len(c.idle) - 1
	if n < 0 {
		return nil
	}
	s := c.idle[n]
	c.idle = slices.Delete(c.idle, n, n+1)
	s.expiry.Stop() // one that has begun waits for mu, and finds that s is not idle
	return s
}

// keep lets the next scan use s, or nobody.
func (c *Client) keep(s *session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.sessions[s] {
		return
	}
	c.idle = append(c.idle, s)
	s.expiry = time.AfterFunc(idleTime, func() { c.expire(s) })
}

func (c *Client) expire(s *session) {
	c.mu.Lock()
	unused := slices.Contains(c.idle, s)
	if unused {
		c.forget(s)
	}
	c.mu.Unlock()
	if unused {
		s.close()
	}
}

func (c *Client) drop(s *session) {
	c.mu.Lock()
	c.forget(s)
	c.mu.Unlock()
	s.close()
}

// forget is for s that is closed next. The caller holds mu, and must not while s is closed: that may take its time.
func (c *Client) forget(s *session) {
	if s.expiry != nil {
		s.expiry.Stop()
	}
	delete(c.sessions, s)
	if i := slices.Index(c.idle, s); i >= 0 {
		c.idle = slices.Delete(c.idle, i, i+1)
	}
}
