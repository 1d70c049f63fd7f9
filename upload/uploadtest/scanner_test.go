package uploadtest_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopalisade/palisade/upload"
	"github.com/gopalisade/palisade/upload/content"
	"github.com/gopalisade/palisade/upload/uploadtest"
)

// TestEICAR compares with the published sum: a file that is almost right is found by nobody.
func TestEICAR(t *testing.T) {
	sum := md5.Sum(uploadtest.EICAR())
	if got, want := hex.EncodeToString(sum[:]), "44d88612fea8a8f36de82e1278abb02f"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestNothingIsInClear: neither the sources nor this program, which has all of the package in it, hold what scanners look for.
func TestNothingIsInClear(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 10 {
		t.Fatalf("got %d files, %v", len(files), err)
	}
	for _, name := range append(files, program) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(data, uploadtest.EICAR()[:40]) || bytes.Contains(data, uploadtest.EICAR()[28:]) {
			t.Errorf("%s has a part of EICAR in it", name)
		}
	}
}

// TestZip: what is compressed is no longer found by looking for it.
func TestZip(t *testing.T) {
	for levels := range 3 {
		if bytes.Contains(nested(levels+1), uploadtest.EICAR()[:20]) {
			t.Errorf("%d archives: EICAR is in clear", levels+1)
		}
	}
	if report, err := check(section(uploadtest.Zip("a.txt", []byte("data"))), content.ZIP); err != nil || report.Inflated != 4 {
		t.Errorf("got %+v, %v", report, err)
	}
}

func nested(levels int) []byte {
	file := uploadtest.EICAR()
	for range levels {
		file = uploadtest.Zip("a.zip", file)
	}
	return file
}

func TestFakeScannerFindsEICAR(t *testing.T) {
	eicar := uploadtest.EICAR()
	pad := bytes.Repeat([]byte("x"), 32<<10)
	damaged := uploadtest.Zip("a", eicar)
	damaged[30+len("a")+4] ^= 0xff
	method := bytes.Replace(uploadtest.Zip("a", eicar), []byte{8, 0}, []byte{99, 0}, -1)
	for _, tc := range []struct {
		name string
		file []byte
		want upload.Status
	}{
		{"empty", nil, upload.Clean},
		{"alone", eicar, upload.Infected},
		{"almost", eicar[:67], upload.Clean},
		{"at the end", append(bytes.Clone(pad), eicar...), upload.Infected},
		{"over the border of two blocks", append(bytes.Clone(pad[:len(pad)-30]), eicar...), upload.Infected},
		{"over a later border", append(bytes.Repeat(pad, 3)[:3*len(pad)-100], eicar...), upload.Infected},
		{"in an archive", nested(1), upload.Infected},
		{"eight archives deep", nested(8), upload.Infected},
		{"deeper", nested(12), upload.Clean},
		{"a damaged archive", damaged, upload.Clean},
		{"an archive of an unknown method", method, upload.Clean},
		{"a sample", uploadtest.Sample(content.ZIP), upload.Clean},
	} {
		s := &uploadtest.FakeScanner{}
		v, err := s.Scan(t.Context(), bytes.NewReader(tc.file))
		if err != nil || v.Status != tc.want || v.Engine != "fake" {
			t.Errorf("%s: got %+v, %v; want %v", tc.name, v, err, tc.want)
		}
		want := uploadtest.Scanned{Size: int64(len(tc.file)), SHA256: sha256.Sum256(tc.file)}
		if seen := s.Seen(); len(seen) != 1 || seen[0] != want {
			t.Errorf("%s: has seen %v, want %v", tc.name, seen, want)
		}
	}
}

func TestFakeScannerAnswers(t *testing.T) {
	own := errors.New("own")
	infected, clean := upload.Verdict{Status: upload.Infected, Name: "own"}, upload.Verdict{Status: upload.Clean}
	byFunc := func(_ context.Context, f upload.Subject) (upload.Verdict, error) {
		if f.Size() > 3 {
			return infected, nil
		}
		return upload.Verdict{Status: upload.Unscannable}, own
	}
	for _, tc := range []struct {
		name    string
		scanner *uploadtest.FakeScanner
		file    string
		want    upload.Verdict
		wantErr error
	}{
		{"verdict", &uploadtest.FakeScanner{Verdict: infected}, "clean", infected, nil},
		{"verdict for EICAR", &uploadtest.FakeScanner{Verdict: clean}, string(uploadtest.EICAR()), clean, nil},
		{"unknown by name", &uploadtest.FakeScanner{Verdict: upload.Verdict{Engine: "own"}}, "x", upload.Verdict{Engine: "own"}, nil},
		{"error", &uploadtest.FakeScanner{Err: own}, "x", upload.Verdict{}, own},
		{"error before verdict", &uploadtest.FakeScanner{Err: own, Verdict: infected}, "x", upload.Verdict{}, own},
		{"func, long", &uploadtest.FakeScanner{Func: byFunc, Hang: true, Panic: true}, "long", infected, nil},
		{"func, short", &uploadtest.FakeScanner{Func: byFunc, Err: io.EOF}, "x", upload.Verdict{Status: upload.Unscannable}, own},
	} {
		v, err := tc.scanner.Scan(t.Context(), strings.NewReader(tc.file))
		if v != tc.want || err != tc.wantErr || len(tc.scanner.Seen()) != 1 {
			t.Errorf("%s: got %+v, %v; want %+v, %v", tc.name, v, err, tc.want, tc.wantErr)
		}
	}
}

func TestFakeScannerHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		begin := time.Now()
		s := &uploadtest.FakeScanner{Hang: true}
		v, err := s.Scan(ctx, strings.NewReader("x"))
		took := time.Since(begin)
		if v != (upload.Verdict{}) || !errors.Is(err, context.DeadlineExceeded) || took != time.Minute || len(s.Seen()) != 1 {
			t.Errorf("got %v, %v after %v", v, err, took)
		}
	})
}

func TestFakeScannerPanics(t *testing.T) {
	s := &uploadtest.FakeScanner{Panic: true}
	defer func() {
		if recover() == nil || len(s.Seen()) != 1 {
			t.Error("got no panic after a file was seen")
		}
	}()
	_, _ = s.Scan(t.Context(), strings.NewReader("x"))
}

// short has less than it says, and broken nothing at all.
type short struct{ *bytes.Reader }

func (short) Size() int64 { return 100 }

type broken struct{ upload.Subject }

func (broken) ReadAt([]byte, int64) (int, error) { return 0, io.ErrClosedPipe }

func TestFakeScannerWantsAllBytes(t *testing.T) {
	s := &uploadtest.FakeScanner{Verdict: upload.Verdict{Status: upload.Clean}}
	if v, err := s.Scan(t.Context(), short{bytes.NewReader([]byte("x"))}); err != io.ErrUnexpectedEOF || v != (upload.Verdict{}) {
		t.Errorf("shorter than it says: got %v, %v", v, err)
	}
	if v, err := s.Scan(t.Context(), broken{bytes.NewReader([]byte("x"))}); err != io.ErrClosedPipe || v != (upload.Verdict{}) {
		t.Errorf("unreadable: got %v, %v", v, err)
	}
	if n := len(s.Seen()); n != 0 {
		t.Errorf("has seen %d files, want none as a whole", n)
	}
}

func TestFakeScannerAtTheSameTime(t *testing.T) {
	s := &uploadtest.FakeScanner{}
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			if _, err := s.Scan(t.Context(), strings.NewReader(strings.Repeat("x", i))); err != nil {
				t.Error(err)
			}
			s.Seen()
		})
	}
	wg.Wait()
	sizes := map[int64]bool{}
	for _, f := range s.Seen() {
		sizes[f.Size] = true
	}
	if len(sizes) != 20 {
		t.Errorf("has seen %d sizes, want 20", len(sizes))
	}
}
