package content_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/problem"
	"github.com/gopalisade/palisade/upload/content"
)

// check runs Check on bytes with the usual limits.
func check(t testing.TB, data []byte, kind content.Type) (content.Report, error) {
	t.Helper()
	return content.Check(t.Context(), bytes.NewReader(data), int64(len(data)), kind, content.Limits{})
}

// row is one file and what Check says to it.
type row struct {
	name string
	data []byte
	want error
}

func run(t *testing.T, kind content.Type, rows []row) {
	t.Helper()
	for _, tc := range rows {
		t.Run(tc.name, func(t *testing.T) {
			report, err := check(t, tc.data, kind)
			if !errors.Is(err, tc.want) {
				t.Fatalf("got %v, want %v", err, tc.want)
			}
			if err == nil && report.Type != kind || err != nil && report != (content.Report{}) {
				t.Errorf("got report %+v with error %v", report, err)
			}
			if e, ok := errors.AsType[*content.Error](err); err != nil && (!ok || e.Type != kind || e.Offset < 0 ||
				e.Offset > int64(len(tc.data))) {
				t.Errorf("got %#v, want an Error of the type with a place in the file", err)
			}
		})
	}
}

func TestType(t *testing.T) {
	for _, tc := range []struct {
		t      content.Type
		first  string
		others []string
		inline bool
	}{
		{content.JPEG, "jpg", []string{"jpeg", ".JPG", "image/jpg", "IMAGE/JPEG", "image/pjpeg"}, true},
		{content.PNG, "png", []string{".png", "image/png", "image/x-png"}, true},
		{content.GIF, "gif", []string{"GIF", "image/gif"}, true},
		{content.WebP, "webp", []string{"webp", "image/webp"}, true},
		{content.PDF, "pdf", []string{".Pdf", "application/pdf"}, false},
		{content.Text, "txt", []string{"txt", "text/plain"}, false},
		{content.ZIP, "zip", []string{"zip", "application/zip", "application/x-zip-compressed"}, false},
	} {
		if ext := tc.t.Extensions(); len(ext) == 0 || ext[0] != tc.first {
			t.Errorf("%s: got extensions %v, want %s first", tc.t, ext, tc.first)
		}
		if tc.t.Inline() != tc.inline || slices.Contains(content.Images(), tc.t) != tc.inline {
			t.Errorf("%s: got inline %t, want %t", tc.t, tc.t.Inline(), tc.inline)
		}
		for _, name := range tc.others {
			byExt, ok1 := content.ByExtension(name)
			byName, ok2 := content.ByMediaType(name)
			if ok1 == ok2 || byExt+byName != tc.t {
				t.Errorf("%q: got %q by extension and %q by media type, want %q by one of them", name, byExt, byName, tc.t)
			}
		}
	}
	for _, name := range []string{
		"", ".", "svg", "html", "jpg ", "..jpg", "image/svg+xml", "text/plain; charset=utf-8",
		"jpg.php",
	} {
		byExt, ok1 := content.ByExtension(name)
		byName, ok2 := content.ByMediaType(name)
		if ok1 || ok2 {
			t.Errorf("%q: got %q and %q, want nothing", name, byExt, byName)
		}
	}
	if got := content.Type("image/svg+xml"); got.Extensions() != nil || got.Inline() {
		t.Errorf("got extensions %v, inline %t for a type that is not here", got.Extensions(), got.Inline())
	}
	content.JPEG.Extensions()[0], content.Images()[0] = "exe", "text/html"
	if content.JPEG.Extensions()[0] != "jpg" || content.Images()[0] != content.JPEG {
		t.Error("a caller can change the tables")
	}
}

func TestSniff(t *testing.T) {
	for _, tc := range []struct {
		head string
		want content.Type
	}{
		{"\xff\xd8\xff\xe0", content.JPEG},
		{pngMagic, content.PNG},
		{"GIF87a", content.GIF},
		{"GIF89a<script>", content.GIF},
		{"RIFF\x00\x00\x00\x00WEBPVP8 ", content.WebP},
		{"%PDF-1.7", content.PDF},
		{"PK\x03\x04", content.ZIP},
		{"", ""},
		{"\xff\xd8", ""},
		{"\x89PNG\n\n", ""},
		{"GIF90a", ""},
		{"RIFF\x00\x00\x00\x00WEB", ""},
		{"RIFF\x00\x00\x00\x00WAVEfmt ", ""},
		{" %PDF-1.7", ""},
		{"just text", ""},
		{"BM<html>", ""},
		{"\xef\xbb\xbf<html>", ""},
	} {
		if got, ok := content.Sniff([]byte(tc.head)); got != tc.want || ok != (tc.want != "") {
			t.Errorf("%q: got %q, %t, want %q", tc.head, got, ok, tc.want)
		}
	}
}

// samples are files of each type that must be accepted.
func samples(t testing.TB) map[content.Type][]byte {
	t.Helper()
	return map[content.Type][]byte{
		content.JPEG: jpegOf(8, 8),
		content.PNG:  pngOf(t, 3, 2),
		content.GIF:  join(gifHead(1, 1), gifDot, gifTrailer),
		content.WebP: webpFile(vp8l(3, 2)),
		content.PDF:  pdfFile(pdfCatalog, pdfPages),
		content.Text: []byte("Grüße, 世界 <john@example.com>: 1 < 2\r\n\tend\n"),
		content.ZIP:  zipFile(t, zipped{name: "a.txt", data: "hello"}),
	}
}

// No file is another type, nor is it any when something stands before or behind it or when it is cut anywhere.
func TestEachIsOnlyItself(t *testing.T) {
	for kind, data := range samples(t) {
		if _, err := check(t, data, kind); err != nil {
			t.Errorf("%s: got %v, want none", kind, err)
		}
		for other, foreign := range samples(t) {
			if kind == other {
				continue
			}
			if _, err := check(t, data, other); !errors.Is(err, content.ErrType) {
				t.Errorf("%s as %s: got %v, want %v", kind, other, err, content.ErrType)
			}
			if _, err := check(t, join(data, foreign), kind); err == nil && (kind != content.Text || other != content.Text) {
				t.Errorf("%s with %s behind it: got no error", kind, other)
			}
			if _, err := check(t, join(foreign, data), kind); err == nil {
				t.Errorf("%s with %s before it: got no error", kind, other)
			}
		}
		for n := range len(data) {
			if _, err := check(t, data[:n], kind); err == nil && kind != content.Text && n != len(data)-1 {
				t.Errorf("%s cut to %d of %d bytes: got no error", kind, n, len(data))
			}
		}
		if _, err := check(t, join(data, []byte("<?php ?>")), kind); err == nil {
			t.Errorf("%s with code behind it: got no error", kind)
		}
	}
}

func TestCheckRefusesNonsense(t *testing.T) {
	if _, err := check(t, []byte("x"), "image/svg+xml"); !errors.Is(err, content.ErrType) {
		t.Errorf("a type that is not here: got %v", err)
	}
	for kind := range samples(t) {
		if _, err := check(t, nil, kind); !errors.Is(err, content.ErrType) {
			t.Errorf("%s: empty: got %v, want %v", kind, err, content.ErrType)
		}
	}
	limits := content.Limits{Pixels: -1, Scans: -2}
	if err := limits.Faults(); err == nil || !strings.Contains(err.Error(), "Pixels") || !strings.Contains(err.Error(), "Scans") {
		t.Errorf("got %v, want both faults", err)
	}
	data := jpegOf(8, 8)
	if _, err := content.Check(t.Context(), bytes.NewReader(data), int64(len(data)), content.JPEG, limits); err == nil {
		t.Error("negative limits: got no error")
	}
	if err := (content.Limits{}).Faults(); err != nil {
		t.Errorf("no limits: got %v", err)
	}
}

// broken fails to read from a place on.
type broken struct {
	data []byte
	at   int64
}

var errDisk = errors.New("disk")

func (b *broken) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > b.at {
		return 0, errDisk
	}
	return bytes.NewReader(b.data).ReadAt(p, off)
}

// A disk that fails, a file that is shorter than it was said to be, and an end of waiting are nobody's malformed upload.
func TestCheckPassesOnOtherErrors(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for kind, data := range samples(t) {
		for _, at := range []int64{0, 12, int64(len(data)) - 1} {
			_, err := content.Check(t.Context(), &broken{data, at}, int64(len(data)), kind, content.Limits{})
			if _, ours := errors.AsType[*content.Error](err); !errors.Is(err, errDisk) || ours {
				t.Errorf("%s: got %v, want the disk's error", kind, err)
			}
		}
		_, err := content.Check(t.Context(), bytes.NewReader(data[:len(data)-1]), int64(len(data)), kind, content.Limits{})
		if _, ours := errors.AsType[*content.Error](err); !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) || ours {
			t.Errorf("%s: got %v for a file that is shorter than said", kind, err)
		}
		if _, err := content.Check(ended, bytes.NewReader(data), int64(len(data)), kind, content.Limits{}); !errors.Is(err,
			context.Canceled) {
			t.Errorf("%s: got %v, want %v", kind, err, context.Canceled)
		}
	}
}

// A wait that ends in the middle of a file is noticed there.
func TestCheckStopsInTheMiddle(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r := &ending{ReaderAt: bytes.NewReader(bytes.Repeat([]byte("text\n"), 100_000)), left: 5, cancel: cancel}
	if _, err := content.Check(ctx, r, 500_000, content.Text, content.Limits{}); !errors.Is(err, context.Canceled) || r.left < 0 {
		t.Errorf("got %v, want %v and nothing read afterwards", err, context.Canceled)
	}
}

// ending ends a context after some reads.
type ending struct {
	io.ReaderAt
	left   int
	cancel func()
}

func (e *ending) ReadAt(p []byte, off int64) (int, error) {
	if e.left--; e.left == 0 {
		e.cancel()
	}
	return e.ReaderAt.ReadAt(p, off)
}

// Whether the memory of a walk was used before or not makes no difference.
func TestCheckWithFreshMemory(t *testing.T) {
	bad := pngFile(pngHeader(1, 1, 8, 0, 0), chunk("IDAT", 1, 2, 3, 4, 5, 6), chunk("IEND"))
	for _, data := range [][]byte{bad, bad, pngOf(t, 1, 1), bad, pngOf(t, 1, 1)} {
		_, err := check(t, data, content.PNG)
		runtime.GC()
		runtime.GC() // a pool forgets after two
		if _, fresh := check(t, data, content.PNG); (err == nil) != (fresh == nil) || errors.Is(err,
			content.ErrMalformed) != errors.Is(fresh, content.ErrMalformed) {
			t.Errorf("got %v, and %v with fresh memory", err, fresh)
		}
	}
}

func TestErrorsAnswer(t *testing.T) {
	codes := map[string]bool{}
	for _, kind := range []error{
		content.ErrType, content.ErrMalformed, content.ErrTrailing, content.ErrTooLarge, content.ErrActive, content.ErrEncrypted,
		content.ErrUnsupported, content.ErrEntry,
	} {
		err := &content.Error{Kind: kind, Type: content.GIF, Offset: 7, Reason: "secret reason"}
		want := http.StatusUnprocessableEntity
		if kind == content.ErrType {
			want = http.StatusUnsupportedMediaType
		}
		w := httptest.NewRecorder()
		problem.Write(w, httptest.NewRequest(http.MethodPost, "/", nil), err)
		if w.Code != want || err.HTTPStatus() != want || !strings.Contains(w.Body.String(), err.Code()) ||
			strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%v: got %d %s, want %d with the code and no reason", kind, w.Code, w.Body, want)
		}
		if codes[err.Code()] || !errors.Is(err, kind) || !strings.Contains(err.Error(), "image/gif: secret reason, at byte 7") {
			t.Errorf("%v: got code %q twice, or the text %q", kind, err.Code(), err)
		}
		codes[err.Code()] = true
		w = httptest.NewRecorder()
		if problem.Write(w, httptest.NewRequest(http.MethodPost, "/", nil), kind); w.Code != want {
			t.Errorf("%v alone: got %d, want %d", kind, w.Code, want)
		}
	}
	odd := &content.Error{Kind: io.EOF}
	if odd.HTTPStatus() != http.StatusInternalServerError || odd.Code() != "internal" {
		t.Errorf("got %d %s for a kind that is not ours", odd.HTTPStatus(), odd.Code())
	}
}
