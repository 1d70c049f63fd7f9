package uploadtest

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// patience is how long Send waits for a server that does not answer.
const patience = 30 * time.Second

// Drip returns the bytes of r at n a tick, each tick at its end: the body of a slow client. It sleeps by package time, which
// takes no time in a bubble of testing/synctest. It closes r.
func Drip(r io.Reader, n int, tick time.Duration) io.ReadCloser {
	return &client{r: r, read: func(p []byte) (int, error) {
		time.Sleep(tick)
		return r.Read(p[:min(len(p), max(n, 1))])
	}}
}

// Break returns the first n bytes of r, or all if there are fewer, and then err in the place of an end: the body of a client
// that leaves. For nil it is io.ErrUnexpectedEOF, which is what a handler then gets of a server. It closes r.
func Break(r io.Reader, n int64, err error) io.ReadCloser {
	if err == nil {
		err = io.ErrUnexpectedEOF
	}
	limited := io.LimitReader(r, n)
	return &client{r: r, read: func(p []byte) (int, error) {
		n, failed := limited.Read(p)
		if failed != nil {
			failed = err
		}
		return n, failed
	}}
}

type client struct {
	r    io.Reader
	read func(p []byte) (int, error)
}

func (c *client) Read(p []byte) (int, error) { return c.read(p) }

func (c *client) Close() error {
	if closer, ok := c.r.(io.Closer); ok {
		return closer.Close()
	}
	return nil
}

// Send sends r over a connection of its own to the server at addr, which is that of an httptest.Server's Listener, with a
// Content-Length that need not be true. When the body ends, the connection says so; when it fails, as that of Break does, the
// connection is reset, and Send returns the body's error. Otherwise it returns the server's answer, which has been read
// whole.
func Send(addr string, r *http.Request, contentLength int64) (*http.Response, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(patience))
	failed := make(chan error, 1)
	go func() { failed <- write(conn.(*net.TCPConn), r, contentLength) }()
	resp, err := http.ReadResponse(bufio.NewReader(conn), r)
	if err == nil {
		var body []byte
		body, err = io.ReadAll(resp.Body)
		resp.Body = io.NopCloser(bytes.NewReader(body))
	}
	_ = conn.Close() // a server that has answered need not read the rest
	if broken := <-failed; broken != nil {
		return nil, broken
	}
	if err != nil {
		return nil, fmt.Errorf("uploadtest: no answer: %w", err)
	}
	return resp, nil
}

// write sends the request, and returns the error of its body. An error of the connection is no news: there may be an answer.
func write(conn *net.TCPConn, r *http.Request, contentLength int64) error {
	var head bytes.Buffer
	fmt.Fprintf(&head, "%s %s HTTP/1.1\r\nHost: %s\r\n", r.Method, r.URL.RequestURI(), r.Host)
	_ = r.Header.Write(&head)
	fmt.Fprintf(&head, "Content-Length: %d\r\nConnection: close\r\n\r\n", contentLength)
	if _, err := conn.Write(head.Bytes()); err != nil {
		return nil
	}
	buf := make([]byte, 32<<10)
	for {
		n, failed := r.Body.Read(buf)
		if _, err := conn.Write(buf[:n]); err != nil {
			return nil
		}
		switch failed {
		case nil:
		case io.EOF:
			_ = conn.CloseWrite()
			return nil
		default:
			_ = conn.SetLinger(0)
			_ = conn.Close()
			return failed
		}
	}
}
