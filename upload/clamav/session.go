package clamav

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/gopalisade/palisade/upload"
)

// session is one connection in clamd's IDSESSION, with one command at a time. Only he uses it who took it.
type session struct {
	conn    net.Conn
	in      *bufio.Reader
	out     []byte // what is written at once
	id      uint64 // of the last command: clamd counts them, and answers with the number
	version string
	expiry  *time.Timer // while nobody uses it
}

const (
	maxReply  = 1024                       // a name has some 50 characters
	outBuffer = 64 << 10                   // more is not faster
	timedOut  = "COMMAND READ TIMED OUT\n" // in whatever way the command was sent
)

func newSession(conn net.Conn) *session {
	return &session{conn: conn, in: bufio.NewReaderSize(conn, maxReply), out: make([]byte, 0, outBuffer)}
}

// bind makes reads and writes end when ctx does, until release is called, which reports whether the connection can be used
// again. It sets no deadline of its own: that could pass a moment before ctx ends, and look like clamd's fault.
func (s *session) bind(ctx context.Context) (release func() bool) {
	return context.AfterFunc(ctx, func() { _ = s.conn.SetDeadline(time.Unix(1, 0)) })
}

// close says no goodbye, as TLS would: where clamd takes nothing any more, that waits for seconds, whatever the context says.
func (s *session) close() {
	conn := s.conn
	if outer, ok := conn.(interface{ NetConn() net.Conn }); ok {
		conn = outer.NetConn()
	}
	_ = conn.Close()
}

// ask sends a command without data, the first one with the start of the session, and returns the answer.
func (s *session) ask(command string) (string, error) {
	if s.id == 0 {
		command = "zIDSESSION\x00z" + command
	} else {
		command = "z" + command
	}
	s.id++
	return s.exchange(append([]byte(command), 0))
}

func (s *session) askVersion() (string, error) {
	answer, err := s.ask("VERSION")
	if err == nil && !isVersion(answer) {
		err = &answerError{answer}
	}
	return answer, err
}

// exchange writes the end of a command and reads the answer.
func (s *session) exchange(end []byte) (string, error) {
	if err := s.write(end); err != nil {
		return "", err
	}
	return s.reply()
}

// write says why clamd takes no more, if it does: it answers before it closes.
func (s *session) write(b []byte) error {
	_, err := s.conn.Write(b)
	if err == nil {
		return nil
	}
	answer, again := s.reply()
	switch {
	case again == nil:
		return &answerError{answer}
	case isGone(again):
		return &goneError{err}
	}
	return again
}

// reply reads one answer and takes its number off. Nothing may follow it.
func (s *session) reply() (string, error) {
	line, err := s.in.ReadSlice(0)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "", fmt.Errorf("no answer in time: %w", err)
	case err != nil && (len(line) == 0 || string(line) == timedOut):
		return "", &goneError{fmt.Errorf("%q: %w", line, err)}
	case err != nil:
		return "", fmt.Errorf("answer is incomplete: %.200q: %w", line, err)
	case s.in.Buffered() > 0:
		return "", fmt.Errorf("answer is followed by more: %.200q", line)
	}
	text, ok := strings.CutPrefix(string(line[:len(line)-1]), strconv.FormatUint(s.id, 10)+": ")
	if !ok {
		return "", fmt.Errorf("answer is not to command %d: %.200q", s.id, line)
	}
	return text, nil
}

// scan sends the whole file and returns what clamd says of it.
func (s *session) scan(f upload.Subject, size int64) (upload.Verdict, error) {
	s.id++
	end, err := s.send(f, size)
	if err != nil {
		return upload.Verdict{}, err
	}
	answer, err := s.exchange(binary.BigEndian.AppendUint32(end, 0))
	if err != nil {
		return upload.Verdict{}, err
	}
	v, ok := parseVerdict(answer)
	if !ok {
		return upload.Verdict{}, &answerError{answer}
	}
	v.Engine = s.version
	return v, nil
}

// send writes the file but for its end, which it returns. clamd takes the zero after it for the file's end, so that must not
// follow before the source has ended too, at the size that it had when it was stored.
func (s *session) send(f upload.Subject, size int64) (end []byte, err error) {
	out := append(s.out[:0], "zINSTREAM\x00"...)
	for off := int64(0); off < size; {
		if off > 0 { // the first chunk goes with the command, and the last one with the end
			if err := s.write(out); err != nil {
				return nil, err
			}
			out = s.out[:0]
		}
		start := len(out) + 4 // behind the chunk's length
		room := min(size-off, int64(outBuffer-start-4))
		n, err := f.ReadAt(out[start:start+int(room)], off)
		switch {
		case n < 0 || int64(n) > room || n == 0 && err == nil:
			return nil, &sourceError{errReader}
		case n == 0 && err == io.EOF:
			return nil, &sourceError{errChanged}
		case err != nil && err != io.EOF:
			return nil, &sourceError{err}
		}
		binary.BigEndian.PutUint32(out[start-4:start], uint32(n))
		out, off = out[:start+n], off+int64(n)
	}
	var more [1]byte
	if n, err := f.ReadAt(more[:], size); n != 0 || f.Size() != size {
		return nil, &sourceError{errChanged}
	} else if err != io.EOF {
		return nil, &sourceError{errors.Join(errReader, err)}
	}
	return out, nil
}

func isGone(err error) bool {
	_, ok := errors.AsType[*goneError](err)
	return ok
}
