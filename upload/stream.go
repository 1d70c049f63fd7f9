package upload

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/gopalisade/palisade/internal/deadline"
)

// Why a stream ends early. They are flags of the reader, since parsers above it report them in words of their own.
var (
	errBody   = errors.New("form too large")
	errHeader = errors.New("part header too large")
	errSlow   = errors.New("form too slow")

	errOpening = errors.New("form does not begin with its boundary")
)

// grace is how long a client may take before MinRate holds: a phone in a tunnel.
const grace = 10 * time.Second

// stream is the body of a form: counted, timed, and watched for its end.
type stream struct {
	r       io.Reader
	conn    deadline.Conn // nil: no deadlines can be set
	limits  *Limits
	begin   time.Time
	timeout time.Duration // of the whole
	set     time.Time     // the connection's present deadline
	away    time.Duration // in which nobody read: the client is not to blame
	last    time.Time     // when the last Read ended
	read    int64
	over    bool  // the body has come to its end
	left    int64 // of the header being read; negative: no header is being read
	failed  error
	opening []byte // the delimiter before the first part, as long as closing
	head    []byte // what came in its place
	closing []byte // the delimiter behind the last part
	carry   []byte // the end of what was read, in which the delimiter may have begun
	closed  bool   // the delimiter has passed
	tail    bool   // something other than white space came behind it
}

func newStream(w http.ResponseWriter, r *http.Request, boundary string, limits *Limits) *stream {
	now := time.Now()
	opening, closing := []byte("--"+boundary+"\r\n"), []byte("--"+boundary+"--")
	return &stream{
		r: r.Body, conn: deadline.Of(w), limits: limits, begin: now, last: now, timeout: deadline.Within(r, limits.Timeout), left: -1,
		opening: opening, closing: closing, carry: append(make([]byte, 0, 2*len(closing)+2), '\n'),
	}
}

// Read reads within the limits.
func (s *stream) Read(p []byte) (int, error) {
	if s.failed != nil {
		return 0, s.failed
	}
	if s.left == 0 {
		return 0, s.fail(errHeader)
	}
	if s.left > 0 {
		p = p[:min(int64(len(p)), s.left)]
	}
	s.away += time.Since(s.last)
	due := s.due()
	if due.Sub(s.set) > time.Second/4 {
		s.until(due)
	}
	n, err := s.r.Read(p)
	s.last = time.Now()
	s.read += int64(n)
	s.over = s.over || err == io.EOF
	if s.left > 0 {
		s.left -= int64(n)
	}
	s.watch(p[:n])
	switch _, tooBig := errors.AsType[*http.MaxBytesError](err); {
	case s.read > s.limits.Body || tooBig:
		return 0, s.fail(errBody)
	case errors.Is(err, os.ErrDeadlineExceeded), s.last.After(due):
		return 0, s.fail(errSlow)
	case !s.opens(p[:n]):
		return 0, s.fail(errOpening)
	case err != nil && err != io.EOF:
		return n, s.fail(err)
	}
	return n, err
}

func (s *stream) fail(err error) error {
	s.failed = err
	return err
}

// due is when the next bytes must be there: the whole has a limit, and what has come has paid for some time.
func (s *stream) due() time.Time {
	paid := float64(s.read) / float64(s.limits.MinRate) * float64(time.Second)
	return s.begin.Add(min(grace+s.away+time.Duration(min(paid, float64(s.timeout))), s.timeout))
}

// opens reports whether the form begins with its boundary, as far as it has come. A preamble may be the form that another
// reader sees, and a first line that ends with LF alone has multipart readers take such lines for delimiters in files too.
func (s *stream) opens(p []byte) bool {
	room := len(s.opening) - len(s.head)
	if room == 0 {
		return true
	}
	s.head = append(s.head, p[:min(len(p), room)]...)
	return bytes.HasPrefix(s.opening, s.head) || bytes.HasPrefix(s.closing, s.head)
}

// watch looks for the closing delimiter at the beginning of a line, and for what comes behind it. Multipart readers stop
// there; another one behind us might read on.
func (s *stream) watch(p []byte) {
	if s.closed {
		s.tail = s.tail || len(bytes.Trim(p, " \t\r\n")) > 0
		return
	}
	keep := len(s.closing) + 1
	joint := append(s.carry, p[:min(len(p), keep)]...)
	end := lineIndex(joint, s.closing) - len(s.carry) // where p goes on behind the delimiter
	if end <= 0 {
		end = lineIndex(p, s.closing)
	}
	if end > 0 {
		s.closed, s.tail = true, len(bytes.Trim(p[end:], " \t\r\n")) > 0
		return
	}
	if len(p) >= keep {
		joint = p
	}
	s.carry = append(s.carry[:0], joint[max(0, len(joint)-keep):]...)
}

// lineIndex returns where the text behind delim begins, where delim stands at the beginning of a line, or -1.
func lineIndex(p, delim []byte) int {
	for from := 0; ; {
		i := bytes.Index(p[from:], delim)
		if i < 0 {
			return -1
		}
		i += from
		if i > 0 && p[i-1] == '\n' {
			return i + len(delim)
		}
		from = i + 1
	}
}

// lift takes the deadline off the connection: when the body is there, and while nobody reads, for HTTP/2 ends a body whose
// deadline passes, read or not.
func (s *stream) lift() {
	if !s.set.IsZero() {
		s.until(time.Time{})
	}
}

// arm puts the deadline back on a body that was refused, of which the server reads some more.
func (s *stream) arm() {
	if s.failed == nil {
		s.away += time.Since(s.last)
	}
	s.until(s.due())
}

// until sets the connection's deadline. At its end the connection is the server's, which waits there for the client to leave.
func (s *stream) until(t time.Time) {
	if s.conn != nil && (!s.over || t.IsZero()) {
		s.set = t
		_ = s.conn.SetReadDeadline(t)
	}
}
