//go:build unix

package clamav_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/gopalisade/palisade/internal/servertest"
	"github.com/gopalisade/palisade/upload"
	"github.com/gopalisade/palisade/upload/clamav"
)

// realMax is the longest file of the tests with a real clamd, whose limits are as much.
const realMax = 1 << 20

var realLimits = []string{"StreamMaxLength 1M", "MaxFileSize 1M", "MaxScanSize 4M"}

// realClient makes a Client of a real clamd.
func realClient(t testing.TB, options ...string) (*clamav.Client, *servertest.Server) {
	t.Helper()
	s := servertest.Clamd(t, append(realLimits, options...)...)
	return newClient(t, clamav.Config{Addr: s.URL, MaxBytes: realMax}), s
}

// zipped is a zip of the given entries, one after the other.
func zipped(t testing.TB, method uint16, entries ...[]byte) []byte {
	t.Helper()
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	for _, data := range entries {
		f, err := w.CreateHeader(&zip.FileHeader{Name: "a", Method: method})
		if err == nil {
			_, err = f.Write(data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return archive.Bytes()
}

// encrypted marks the only entry of a zip as encrypted.
func encrypted(archive []byte) []byte {
	archive = bytes.Clone(archive)
	for mark, at := range map[string]int{"PK\x03\x04": 6, "PK\x01\x02": 8} {
		archive[bytes.Index(archive, []byte(mark))+at] |= 1
	}
	return archive
}

// random is n bytes that no scanner finds anything in, nor can shorten.
func random(n int) []byte {
	data := make([]byte, 0, n+8)
	r := rand.New(rand.NewPCG(1, 2))
	for len(data) < n {
		data = binary.LittleEndian.AppendUint64(data, r.Uint64())
	}
	return data[:n]
}

func TestReal(t *testing.T) {
	socket, _ := realClient(t)
	tcp, _ := realClient(t, "TCPAddr 127.0.0.1")
	clients := []*clamav.Client{socket, tcp}
	eicar := []byte(servertest.EICAR())
	nested := eicar
	for range 26 {
		nested = zipped(t, zip.Deflate, nested)
	}
	part := make([]byte, 900<<10)
	bomb := zipped(t, zip.Deflate, part, part, part, part, part, eicar)
	full := bytes.Repeat([]byte("text "), realMax/5+1)[:realMax]
	for _, tc := range []struct {
		name string
		f    upload.Subject
		want upload.Status
	}{
		{"text", file("text"), upload.Clean},
		{"nothing", file(""), upload.Clean},
		{"text, byte by byte", dribble("text"), upload.Clean},
		{"as large as may be", bytes.NewReader(full), upload.Clean},
		{"eicar", bytes.NewReader(eicar), upload.Infected},
		{"eicar, byte by byte", dribble(string(eicar)), upload.Infected},
		{"eicar in a zip", bytes.NewReader(zipped(t, zip.Deflate, eicar)), upload.Infected},
		{"eicar behind text", bytes.NewReader(append(full[:realMax-len(eicar):realMax-len(eicar)], eicar...)), upload.Infected},
		{"eicar across chunks", bytes.NewReader(append(full[:65_500:65_500], eicar...)), upload.Infected},
		{"eicar in 26 zips", bytes.NewReader(nested), upload.Unscannable},
		{"eicar behind more than is scanned", bytes.NewReader(bomb), upload.Unscannable},
		{"encrypted", bytes.NewReader(encrypted(zipped(t, zip.Store, []byte("text")))), upload.Unscannable},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, c := range clients {
				v, err := c.Scan(t.Context(), tc.f)
				wantStatus(t, v, err, tc.want)
			}
		})
	}
	for _, c := range clients {
		v, err := c.Scan(t.Context(), bytes.NewReader(append(full, 'a')))
		wantError(t, v, err, clamav.ErrTooLarge)
		if version, err := c.Version(t.Context()); err != nil || !strings.HasPrefix(version, "ClamAV ") {
			t.Errorf("got %q, %v", version, err)
		}
	}
}

// TestRealSelfTest has New refuse each clamd that says OK to what it has not looked at.
func TestRealSelfTest(t *testing.T) {
	for _, tc := range []struct {
		name    string
		options []string
		lenient bool
		want    error
	}{
		{"as it should be", nil, false, nil},
		{"short files", []string{"MaxFileSize 512K", "AlertExceedsMax no"}, false, clamav.ErrSelfTest},
		{"short files, lenient", []string{"MaxFileSize 512K", "AlertExceedsMax no"}, true, clamav.ErrSelfTest},
		{"short files, reported", []string{"MaxFileSize 512K"}, false, nil},
		{"short streams", []string{"StreamMaxLength 512K"}, false, clamav.ErrSelfTest},
		{"short scans, not reported", []string{"MaxScanSize 1M", "AlertExceedsMax no"}, false, clamav.ErrSelfTest},
		{"limits are not reported", []string{"AlertExceedsMax no"}, false, clamav.ErrSelfTest},
		{"limits are not reported, lenient", []string{"AlertExceedsMax no"}, true, nil},
		{"deep, not reported", []string{"MaxRecursion 100", "AlertExceedsMax no"}, false, clamav.ErrSelfTest},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := servertest.Clamd(t, append(realLimits, tc.options...)...)
			c, err := clamav.New(t.Context(), clamav.Config{Addr: s.URL, MaxBytes: realMax, DangerouslyIgnoreLimits: tc.lenient})
			if !errors.Is(err, tc.want) || (c == nil) != (tc.want != nil) {
				t.Fatalf("got %v, want %v", err, tc.want)
			}
			if c != nil {
				_ = c.Close()
			}
		})
	}
}

// TestRealGone kills clamd and starts it again.
func TestRealGone(t *testing.T) {
	c, s := realClient(t)
	text, kill := bytes.NewReader(random(realMax)), sync.OnceFunc(func() { s.Kill(syscall.SIGKILL) })
	killed := source{fixed(realMax), func(b []byte, off int64) (int, error) {
		if off > realMax/2 {
			kill()
		}
		return text.ReadAt(b, off)
	}}
	v, err := c.Scan(t.Context(), killed)
	wantError(t, v, err, clamav.ErrUnavailable)
	v, err = c.Scan(t.Context(), file("text"))
	wantError(t, v, err, clamav.ErrUnavailable)
	s.Start()
	v, err = c.Scan(t.Context(), file(servertest.EICAR()))
	wantStatus(t, v, err, upload.Infected)
	v, err = c.Scan(t.Context(), file("text"))
	wantStatus(t, v, err, upload.Clean)
	s.Stop()
	s.Start() // while nobody asks
	v, err = c.Scan(t.Context(), file("text"))
	wantStatus(t, v, err, upload.Clean)
}

// TestRealStopped wants the deadline from a clamd that takes connections and does nothing.
func TestRealStopped(t *testing.T) {
	c, s := realClient(t)
	s.Kill(syscall.SIGSTOP)
	for range 2 { // an old connection, and a new one
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		begin := time.Now()
		v, err := c.Scan(ctx, file("text"))
		wantError(t, v, err, clamav.ErrUnavailable)
		wantError(t, v, err, context.DeadlineExceeded)
		if took := time.Since(begin); took > 10*time.Second {
			t.Errorf("took %v", took)
		}
	}
	s.Kill(syscall.SIGCONT)
	v, err := c.Scan(t.Context(), file("text"))
	wantStatus(t, v, err, upload.Clean)
}

// TestRealReconfigured has clamd come back worse than it went.
func TestRealReconfigured(t *testing.T) {
	good := servertest.Clamd(t, realLimits...)
	bad := servertest.Clamd(t, append(realLimits, "MaxFileSize 512K", "AlertExceedsMax no")...)
	var now atomic.Pointer[servertest.Server]
	now.Store(good)
	c := newClient(t, clamav.Config{
		Addr: "clamd:3310", MaxBytes: realMax,
		Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", strings.TrimPrefix(now.Load().URL, "unix://"))
		},
	})
	now.Store(bad)
	good.Stop()
	for range 2 {
		v, err := c.Scan(t.Context(), file("text"))
		wantError(t, v, err, clamav.ErrSelfTest)
	}
	good.Start()
	now.Store(good)
	v, err := c.Scan(t.Context(), file("text"))
	wantStatus(t, v, err, upload.Clean)
}

func TestRealMany(t *testing.T) {
	for _, option := range []string{"AlertExceedsMax yes", "TCPAddr 127.0.0.1"} {
		c, _ := realClient(t, option)
		clean, infected := random(100<<10), append(random(100<<10), servertest.EICAR()...)
		var all sync.WaitGroup
		for i := range 50 {
			all.Go(func() {
				data, want := clean, upload.Clean
				if i%3 == 0 {
					data, want = infected, upload.Infected
				}
				v, err := c.Scan(t.Context(), bytes.NewReader(data))
				wantStatus(t, v, err, want)
			})
		}
		all.Wait()
	}
}

// TestRealRefusal wants clamd's reason from a connection that it has closed.
func TestRealRefusal(t *testing.T) {
	for _, option := range []string{"AlertExceedsMax yes", "TCPAddr 127.0.0.1"} {
		s := servertest.Clamd(t, append(realLimits, "StreamMaxLength 128K", option)...)
		_, err := clamav.New(t.Context(), clamav.Config{Addr: s.URL, MaxBytes: realMax})
		// Over TCP, a reset may overtake it.
		overtaken := strings.HasPrefix(s.URL, "tcp:") && !errors.Is(err, clamav.ErrSelfTest)
		if !errors.Is(err, clamav.ErrUnavailable) || !overtaken && !strings.Contains(err.Error(), "size limit") {
			t.Errorf("got %v", err)
		}
	}
}

// TestRealFile scans where the upload lies, whatever the position of its descriptor is.
func TestRealFile(t *testing.T) {
	c, _ := realClient(t)
	f, err := os.Create(t.TempDir() + "/f")
	if err == nil {
		_, err = io.WriteString(f, servertest.EICAR())
	}
	if err != nil {
		t.Fatal(err)
	}
	v, err := c.Scan(t.Context(), io.NewSectionReader(f, 0, 68))
	wantStatus(t, v, err, upload.Infected)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	// One that was opened to be written only cannot be read: clamd says OK to such a descriptor, where it is handed over.
	f, err = os.OpenFile(f.Name(), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	v, err = c.Scan(t.Context(), io.NewSectionReader(f, 0, 68))
	if v != (upload.Verdict{}) || err == nil {
		t.Errorf("got %v, %v, want an error", v, err)
	}
}
