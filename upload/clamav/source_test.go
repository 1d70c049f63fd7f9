package clamav_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/internal/servertest"
	"github.com/gopalisade/palisade/upload"
	"github.com/gopalisade/palisade/upload/clamav"
)

// source is a file that misbehaves: read is called for each ReadAt.
type source struct {
	size func() int64
	read func(b []byte, off int64) (int, error)
}

func (s source) Size() int64                             { return s.size() }
func (s source) ReadAt(b []byte, off int64) (int, error) { return s.read(b, off) }

func fixed(n int64) func() int64 { return func() int64 { return n } }

// dribble gives one byte at a time, against the rules of io.ReaderAt.
func dribble(content string) upload.Subject {
	r := strings.NewReader(content)
	return source{fixed(r.Size()), func(b []byte, off int64) (int, error) { return r.ReadAt(b[:1], off) }}
}

// TestSource wants no verdict on a part of a file: to clamd, the part may well be clean.
func TestSource(t *testing.T) {
	failed := errors.New("disk failed")
	text := strings.NewReader(strings.Repeat("a", 50_000))
	half := func(err error) func(b []byte, off int64) (int, error) {
		return func(b []byte, off int64) (int, error) {
			if off >= 25_000 {
				return 0, err
			}
			return copy(b, strings.Repeat("a", int(25_000-off))), err
		}
	}
	sizes := int64(50_000)
	for _, tc := range []struct {
		name string
		f    upload.Subject
		want error // nil: one of ours
	}{
		{"fails at once", source{fixed(50_000), func([]byte, int64) (int, error) { return 0, failed }}, failed},
		{"fails in the middle", source{fixed(50_000), half(failed)}, failed},
		{"ends in the middle", source{fixed(50_000), half(io.EOF)}, nil},
		{"stops in the middle", source{fixed(50_000), half(nil)}, nil},
		{"is longer", source{fixed(49_999), text.ReadAt}, nil},
		{"is shorter", source{fixed(50_001), text.ReadAt}, nil},
		{"is not empty", source{fixed(0), text.ReadAt}, nil},
		{"does not end", source{fixed(50_000), func(b []byte, _ int64) (int, error) { return len(b), nil }}, nil},
		{"fails at the end", source{fixed(50_000), func(b []byte, off int64) (int, error) {
			if off == 50_000 {
				return 0, failed
			}
			return text.ReadAt(b, off)
		}}, failed},
		{"grows", source{func() int64 { sizes++; return sizes - 1 }, text.ReadAt}, nil},
		{"has less than nothing", source{fixed(-1), text.ReadAt}, nil},
		{"reads less than nothing", source{fixed(50_000), func([]byte, int64) (int, error) { return -1, nil }}, nil},
		{"reads more than it may", source{fixed(50_000), func(b []byte, _ int64) (int, error) { return len(b) + 1, nil }}, nil},
		{"is closed", closedFile(t), os.ErrClosed},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := newFake()
			c := connect(t, f, clamav.Config{DangerouslyIgnoreLimits: true})
			v, err := c.Scan(t.Context(), tc.f)
			if v != (upload.Verdict{}) || err == nil || tc.want != nil && !errors.Is(err, tc.want) {
				t.Fatalf("got %v, %v, want %v", v, err, tc.want)
			}
			if !strings.HasPrefix(err.Error(), "clamav: reading the file: ") || errors.Is(err, clamav.ErrUnavailable) {
				t.Errorf("got %v, but clamd did nothing wrong", err)
			}
			before := f.count("zINSTREAM")
			v, err = c.Scan(t.Context(), file("text"))
			wantStatus(t, v, err, upload.Clean)
			if got := f.count("zINSTREAM") - before; got != 1 {
				t.Errorf("sent %d files afterwards, want 1: no self-test", got)
			}
		})
	}
}

func closedFile(t *testing.T) upload.Subject {
	t.Helper()
	f, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	_ = f.Close()
	return source{fixed(10), f.ReadAt}
}

// TestPanic wants the place and the connection back from a file that panics.
func TestPanic(t *testing.T) {
	f := newFake()
	c := connect(t, f, clamav.Config{MaxConns: 1})
	func() {
		defer func() { _ = recover() }()
		_, _ = c.Scan(t.Context(), source{fixed(1), func([]byte, int64) (int, error) { panic("file") }})
	}()
	v, err := c.Scan(t.Context(), file("text"))
	wantStatus(t, v, err, upload.Clean)
}

// TestChunks wants the same bytes to arrive in whatever pieces they are read.
func TestChunks(t *testing.T) {
	f := newFake()
	c := connect(t, f, clamav.Config{MaxBytes: 1 << 20, DangerouslyIgnoreLimits: true})
	for _, size := range []int{0, 1, 100, 65_517, 65_518, 65_519, 65_520, 65_535, 65_536, 65_537, 200_000, 1 << 20} {
		want := bytes.Repeat([]byte("0123456789abcdefg"), size/17+1)[:size]
		f.set(func(c *call) action {
			if c.command != "zINSTREAM" {
				return beHonest
			}
			got, err := c.body()
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("got %d bytes, %v, want other %d", len(got), err, len(want))
			}
			c.say("stream: OK")
			return goOn
		})
		v, err := c.Scan(t.Context(), bytes.NewReader(want))
		wantStatus(t, v, err, upload.Clean)
		if size <= 100 {
			v, err = c.Scan(t.Context(), dribble(string(want)))
			wantStatus(t, v, err, upload.Clean)
		}
	}
	f.set(nil)
	v, err := c.Scan(t.Context(), dribble(servertest.EICAR()))
	wantStatus(t, v, err, upload.Infected)
}
