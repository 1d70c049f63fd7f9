package uploadtest

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"io"
	"slices"
	"sync"

	"github.com/gopalisade/palisade/upload"
)

// FakeScanner is an [upload.Scanner] that needs no clamd. The zero value finds EICAR anywhere in a file, also in archives, and
// calls everything else clean. It is safe for concurrent use; its fields are set before.
type FakeScanner struct {
	_ [0]func() // keyed literals only, never comparable

	Verdict upload.Verdict // the answer for each file, unless it is zero
	Err     error          // the answer is this error
	Hang    bool           // the answer comes when the context ends, and is its error
	Panic   bool           // there is none
	// Func answers in the place of all others.
	Func func(ctx context.Context, f upload.Subject) (upload.Verdict, error)

	mu   sync.Mutex
	seen []Scanned
}

// Scanned is a file that a [FakeScanner] has seen, whatever it answered.
type Scanned struct {
	Size   int64
	SHA256 [sha256.Size]byte // of all bytes
}

// Seen returns the files in the order in which they came.
func (s *FakeScanner) Seen() []Scanned {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.seen)
}

// Scan implements [upload.Scanner].
func (s *FakeScanner) Scan(ctx context.Context, f upload.Subject) (upload.Verdict, error) {
	size, hash := f.Size(), sha256.New()
	read, found, err := search(io.TeeReader(io.NewSectionReader(f, 0, size), hash))
	if err == nil && read != size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return upload.Verdict{}, err
	}
	s.mu.Lock()
	s.seen = append(s.seen, Scanned{Size: size, SHA256: [sha256.Size]byte(hash.Sum(nil))})
	s.mu.Unlock()
	switch {
	case s.Func != nil:
		return s.Func(ctx, f)
	case s.Panic:
		panic("uploadtest: FakeScanner.Panic")
	case s.Hang:
		<-ctx.Done()
		return upload.Verdict{}, ctx.Err()
	case s.Err != nil:
		return upload.Verdict{}, s.Err
	case s.Verdict != upload.Verdict{}:
		return s.Verdict, nil
	case found || inArchive(f, size, 0):
		return upload.Verdict{Status: upload.Infected, Name: "EICAR", Engine: "fake"}, nil
	}
	return upload.Verdict{Status: upload.Clean, Engine: "fake"}, nil
}

// search reads r to its end, and looks for EICAR.
func search(r io.Reader) (size int64, found bool, err error) {
	eicar := EICAR()
	buf := make([]byte, 32<<10)
	for kept := 0; err == nil; {
		var n int
		n, err = r.Read(buf[kept:])
		p := buf[:kept+n]
		size += int64(n)
		found = found || bytes.Contains(p, eicar)
		kept = copy(buf, p[max(0, len(p)-len(eicar)+1):])
	}
	if err == io.EOF {
		err = nil
	}
	return size, found, err
}

// Nothing beyond these limits is found in an archive: a real scanner says Unscannable there.
const (
	maxDepth  = 8
	maxMember = 1 << 20
)

func inArchive(r io.ReaderAt, size int64, depth int) bool {
	archive, err := zip.NewReader(r, size)
	if err != nil || depth == maxDepth {
		return false
	}
	return slices.ContainsFunc(archive.File, func(member *zip.File) bool {
		f, err := member.Open()
		if err != nil {
			return false
		}
		data, _ := io.ReadAll(io.LimitReader(f, maxMember)) // of a damaged one, what there is
		return bytes.Contains(data, EICAR()) || inArchive(bytes.NewReader(data), int64(len(data)), depth+1)
	})
}
