package stream_test

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/secret"
	"github.com/gopalisade/palisade/crypto/stream"
	"github.com/gopalisade/palisade/internal/conf"
)

func TestNew(t *testing.T) {
	f, err := stream.New(stream.Config{})
	if all := conf.All(err); f != nil || len(all) != 1 || all[0].Room != "stream" || all[0].Field != "Ring" {
		t.Errorf("got %v, %v", f, err)
	}
}

func TestFilesRoundTrip(t *testing.T) {
	f := newFiles(t)
	for _, n := range sizes {
		text := noise(9, n)
		ct := f.seal(t, invoice, text)
		if got := stream.HeaderSize + stream.SealedLen(int64(n)); got != int64(len(ct)) {
			t.Errorf("%d: a file of %d bytes, want %d", n, len(ct), got)
		}
		if got, err := f.open(invoice, ct); err != nil || !bytes.Equal(got, text) {
			t.Errorf("%d: got %d bytes, %v", n, len(got), err)
		}
		r, err := f.ReaderAt(bytes.NewReader(ct), int64(len(ct)), invoice)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(io.NewSectionReader(r, 0, r.Size())); err != nil || !bytes.Equal(got, text) {
			t.Errorf("%d: got %d bytes at random, %v", n, len(got), err)
		}
	}
}

// The documented bytes, made by hand.
func TestFilesFormat(t *testing.T) {
	f := newFiles(t)
	ct := f.seal(t, stream.Bind("invoices", "7", "scan"), []byte("text"))
	if want := "\xf9\x10\x00\x00\x00\x07"; string(ct[:6]) != want {
		t.Errorf("header is %x, want %x", ct[:6], want)
	}
	_, key, err := f.ring.Derive("palisade/stream/v1", 7)
	if err != nil {
		t.Fatal(err)
	}
	name := "\xf9\x10\x00\x00\x00\x07file1\x03\x00\x00\x00\x08invoices\x00\x00\x00\x017\x00\x00\x00\x04scan"
	r, err := stream.NewReader(bytes.NewReader(ct[6:]), key, []byte(name))
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(r); err != nil || string(text) != "text" {
		t.Errorf("got %q, %v", text, err)
	}
}

// kept is a file that the first version wrote: it must open for ever.
const kept = `
	f91000000007fbc878e469166d177f5267b04ff6fd8106660f5f34c1c267202aef58f81f357209344e
	412921afac79571561d65f17fa4972b13f249a1c08aed81595e4ae293138f16a4f8078ab0ec6dfe81e
`

func TestFilesKept(t *testing.T) {
	f := newFiles(t)
	ct := unhex(t, kept)
	if text, err := f.open(invoice, ct); err != nil || string(text) != "kept" {
		t.Errorf("got %q, %v", text, err)
	}
}

func TestOtherName(t *testing.T) {
	f := newFiles(t)
	ct := f.seal(t, stream.Bind("invoices", "7"), []byte("text"))
	for _, tc := range []struct {
		name string
		b    stream.Binding
		want bool
	}{
		{"same", stream.Bind("invoices", "7"), true},
		{"other number", stream.Bind("invoices", "8"), false},
		{"other kind", stream.Bind("receipts", "7"), false},
		{"exchanged", stream.Bind("7", "invoices"), false},
		{"border moved", stream.Bind("invoice", "s7"), false},
		{"border moved back", stream.Bind("invoices7", "7"), false},
		{"part more", stream.Bind("invoices", "7", "scan"), false},
		{"case", stream.Bind("Invoices", "7"), false},
	} {
		_, err := f.open(tc.b, ct)
		_, err2 := f.ReaderAt(bytes.NewReader(ct), int64(len(ct)), tc.b)
		if (err == nil) != tc.want || (err2 == nil) != tc.want || err != nil && cause(t, err) != nil {
			t.Errorf("%s: got %v, %v", tc.name, err, err2)
		}
	}
}

func TestBinding(t *testing.T) {
	f := newFiles(t)
	ct := f.seal(t, invoice, nil)
	many := strings.Split(strings.Repeat("x", 15), "")
	long := strings.Repeat("x", 4096)
	for _, tc := range []struct {
		name string
		b    stream.Binding
		want bool
	}{
		{"zero", stream.Binding{}, false},
		{"no kind", stream.Bind("", "7"), false},
		{"no name", stream.Bind("invoices", ""), false},
		{"empty part", stream.Bind("invoices", "7", ""), false},
		{"longest part", stream.Bind("invoices", long), true},
		{"too long part", stream.Bind("invoices", long+"x"), false},
		{"most parts", stream.Bind("invoices", "7", many[1:]...), true},
		{"too many parts", stream.Bind("invoices", "7", many...), false},
	} {
		_, err := f.Writer(io.Discard, tc.b)
		if (err == nil) != tc.want || err != nil && err != stream.ErrBinding {
			t.Errorf("%s: got %v when writing", tc.name, err)
		}
		_, err = f.open(tc.b, ct)
		if got := cause(t, err); tc.want != (got == nil) || !tc.want && got != stream.ErrBinding {
			t.Errorf("%s: got %v when reading", tc.name, got)
		}
		if _, err = f.Reseal(io.Discard, bytes.NewReader(ct), tc.b); err == nil {
			t.Errorf("%s: resealed", tc.name)
		}
	}
}

// The caller's slice is the caller's.
func TestBindCopies(t *testing.T) {
	f := newFiles(t)
	more := []string{"scan", "1"}
	b := stream.Bind("invoices", "7", more...)
	ct := f.seal(t, b, nil)
	more[1] = "2"
	if _, err := f.open(b, ct); err != nil {
		t.Error(err)
	}
}

func TestKeys(t *testing.T) {
	f := newFiles(t)
	ct := f.seal(t, invoice, []byte("text"))
	relabel := func(id byte) []byte {
		other := bytes.Clone(ct)
		other[5] = id
		return other
	}
	check := func(step string, ct []byte, want error, stale bool) {
		t.Helper()
		_, err := f.open(invoice, ct)
		_, err2 := f.ReaderAt(bytes.NewReader(ct), int64(len(ct)), invoice)
		got, err3 := f.NeedsReseal(ct[:stream.HeaderSize])
		if want == nil {
			if err != nil || err2 != nil || err3 != nil || got != stale {
				t.Errorf("%s: got %v, %v, %v, stale %t", step, err, err2, err3, got)
			}
			return
		}
		if cause(t, err) != want || cause(t, err2) != want || cause(t, err3) != want || got {
			t.Errorf("%s: got %v, %v, %v", step, err, err2, err3)
		}
	}
	check("primary", ct, nil, false)
	check("unknown", relabel(9), field.ErrUnknownKey, false)
	if _, err := f.open(invoice, relabel(3)); cause(t, err) != nil || err == nil {
		t.Errorf("under the name of another key: %v", err)
	}
	if err := f.ring.SetPrimary(3); err != nil {
		t.Fatal(err)
	}
	check("rotated", ct, nil, true)
	if got := f.seal(t, invoice, nil)[5]; got != 3 {
		t.Errorf("written under key %d, want 3", got)
	}
	if err := f.ring.Disable(7); err != nil {
		t.Fatal(err)
	}
	check("disabled", ct, field.ErrKeyDisabled, false)
	_ = f.ring.Close()
	check("closed", ct, field.ErrClosed, false)
	if _, err := f.Writer(io.Discard, invoice); err != field.ErrClosed {
		t.Errorf("writer of a closed ring: %v", err)
	}
	var none *stream.Files
	if _, err := none.Writer(io.Discard, invoice); err != field.ErrClosed {
		t.Errorf("writer of nil: %v", err)
	}
	if _, err := none.Reader(bytes.NewReader(ct), invoice); cause(t, err) != field.ErrClosed {
		t.Errorf("reader of nil: %v", err)
	}
}

// A long download outlives the rotation that began after it.
func TestStreamsGoOn(t *testing.T) {
	f := newFiles(t)
	text := noise(9, 3*chunk)
	ct := f.seal(t, invoice, text)
	r, err := f.Reader(bytes.NewReader(ct), invoice)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w, err := f.Writer(&out, invoice)
	if err != nil {
		t.Fatal(err)
	}
	_ = f.ring.Close()
	n, err := io.Copy(w, r)
	if err := errors.Join(err, w.Close()); err != nil || n != int64(len(text)) {
		t.Errorf("copied %d, %v", n, err)
	}
	if got, err := newFiles(t).open(invoice, out.Bytes()); err != nil || !bytes.Equal(got, text) {
		t.Errorf("got %d bytes, %v", len(got), err)
	}
}

// Two rings with the same numbers must not open each other's files, nor may a key of another purpose.
func TestOtherRing(t *testing.T) {
	ct := newFiles(t).seal(t, invoice, nil)
	ring, err := field.New(field.Config{Keys: []field.Key{{ID: 7, Secret: secret.New(fixed(5)), State: field.Primary}}})
	if err != nil {
		t.Fatal(err)
	}
	other, err := stream.New(stream.Config{Ring: ring})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Reader(bytes.NewReader(ct), invoice); err == nil || cause(t, err) != nil {
		t.Errorf("got %v", err)
	}
}

func TestReseal(t *testing.T) {
	f := newFiles(t)
	text := noise(9, 2*chunk+7)
	old := f.seal(t, invoice, text)
	if err := f.ring.SetPrimary(3); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	n, err := f.Reseal(&out, bytes.NewReader(old), invoice)
	if n != int64(len(text)) || err != nil {
		t.Fatalf("got %d, %v", n, err)
	}
	if stale, err := f.NeedsReseal(out.Bytes()); stale || err != nil {
		t.Errorf("still stale: %t, %v", stale, err)
	}
	if err := f.ring.Disable(7); err != nil {
		t.Fatal(err)
	}
	if got, err := f.open(invoice, out.Bytes()); err != nil || !bytes.Equal(got, text) {
		t.Errorf("got %d bytes, %v", len(got), err)
	}
}

func TestResealFails(t *testing.T) {
	f := newFiles(t)
	ct := f.seal(t, invoice, noise(9, 2*chunk+7))
	forged := bytes.Clone(ct)
	forged[len(forged)-1] ^= 1
	for _, tc := range []struct {
		name string
		src  []byte
		b    stream.Binding
		room int
		want error
	}{
		{"no file", []byte("text"), invoice, 1 << 20, stream.ErrOpen},
		{"other name", ct, stream.Bind("invoices", "8"), 1 << 20, stream.ErrOpen},
		{"forged at its end", forged, invoice, 1 << 20, stream.ErrOpen},
		{"cut", ct[:stream.HeaderSize+front+sealed], invoice, 1 << 20, stream.ErrTruncated},
		{"full disk", ct, invoice, chunk, errFull},
		{"full at the end", ct, invoice, len(ct) - 1, errFull},
	} {
		dst := &limited{left: tc.room, err: errFull}
		if _, err := f.Reseal(dst, bytes.NewReader(tc.src), tc.b); !errors.Is(err, tc.want) {
			t.Errorf("%s: got %v, want %v", tc.name, err, tc.want)
		}
		if _, err := f.open(tc.b, dst.got); err == nil {
			t.Errorf("%s: there is a file that opens", tc.name)
		}
	}
	_ = f.ring.Close()
	if _, err := f.Reseal(io.Discard, bytes.NewReader(ct), invoice); !errors.Is(err, field.ErrClosed) {
		t.Errorf("closed: got %v", err)
	}
}

// The ring may be closed between the reader and the writer of one call.
func TestResealRingClosesMeanwhile(t *testing.T) {
	f := newFiles(t)
	ct := f.seal(t, invoice, nil)
	src := &hook{Reader: bytes.NewReader(ct), at: 2, f: func() { _ = f.ring.Close() }}
	if _, err := f.Reseal(io.Discard, src, invoice); err != field.ErrClosed {
		t.Errorf("got %v, want field.ErrClosed", err)
	}
}

// hook calls f before a read.
type hook struct {
	io.Reader
	at int
	f  func()
}

func (h *hook) Read(p []byte) (int, error) {
	if h.at--; h.at == 0 {
		h.f()
	}
	return h.Reader.Read(p)
}

func TestInspect(t *testing.T) {
	f := newFiles(t)
	ct := f.seal(t, invoice, nil)
	value, err := f.ring.Seal(field.Bind("customers", "email", field.Int(7)), noise(9, 100))
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name string
		head []byte
		want stream.Info
	}{
		{"file", ct, stream.Info{Version: 1, KeyID: 7}},
		{"header", ct[:6], stream.Info{Version: 1, KeyID: 7}},
		{"nothing", nil, stream.Info{}},
		{"short", ct[:5], stream.Info{}},
		{"text", []byte("%PDF-1.7"), stream.Info{}},
		{"other version", []byte("\xfa\x10\x00\x00\x00\x07"), stream.Info{}},
		{"other suite", []byte("\xf9\x11\x00\x00\x00\x07"), stream.Info{}},
		{"no key", []byte("\xf9\x10\x00\x00\x00\x00"), stream.Info{}},
		{"field's value", value, stream.Info{}},
		{"bare format", ct[6:], stream.Info{}},
	} {
		got, err := stream.Inspect(tc.head)
		if got != tc.want || (err == nil) != (tc.want.KeyID != 0) || err != nil && cause(t, err) != stream.ErrFormat {
			t.Errorf("%s: got %+v, %v", tc.name, got, err)
		}
		if _, err := f.NeedsReseal(tc.head); (err == nil) != (tc.want.KeyID != 0) {
			t.Errorf("%s: NeedsReseal gives %v", tc.name, err)
		}
		_, err = f.Reader(bytes.NewReader(tc.head), invoice)
		_, err2 := f.ReaderAt(bytes.NewReader(tc.head), int64(len(tc.head)), invoice)
		if fine := tc.name == "file"; (err == nil) != fine || (err2 == nil) != fine {
			t.Errorf("%s: got %v, %v", tc.name, err, err2)
		}
	}
	if _, err := field.Inspect(ct); !errors.Is(err, field.ErrFormat) {
		t.Errorf("field takes a file for a value: %v", err)
	}
}

func TestFilesArguments(t *testing.T) {
	f := newFiles(t)
	_, err := f.Writer(nil, invoice)
	_, err2 := f.Reader(nil, invoice)
	_, err3 := f.ReaderAt(nil, 100, invoice)
	for field, err := range map[string]error{"dst": err, "src": err2, "src ": err3} {
		if all := conf.All(err); len(all) != 1 || all[0].Field != strings.TrimSpace(field) {
			t.Errorf("%s: got %v", field, err)
		}
	}
	if _, err := f.Reader(&limitedReader{}, invoice); err != errFull {
		t.Errorf("got %v, want the source's error", err)
	}
	if _, err := f.ReaderAt(&changing{err: errFull}, 1000, invoice); err != errFull {
		t.Errorf("got %v at random, want the source's error", err)
	}
}

type limitedReader struct{}

func (*limitedReader) Read([]byte) (int, error) { return 0, errFull }

func TestOpenError(t *testing.T) {
	for _, tc := range []struct {
		name string
		err  stream.OpenError
		want string
	}{
		{"forged", stream.OpenError{KeyID: 7}, "level=ERROR msg=x err.key=7 err.cause=\"not authentic for this name\"\n"},
		{
			"cut",
			stream.OpenError{KeyID: 7, Cause: stream.ErrTruncated},
			"level=ERROR msg=x err.key=7 err.cause=\"stream: file ends before its last chunk\"\n",
		},
	} {
		var out bytes.Buffer
		noTime := func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		}
		log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: noTime}))
		log.Error("x", "err", &tc.err)
		if out.String() != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, out.String(), tc.want)
		}
		if tc.err.HTTPStatus() != http.StatusInternalServerError || tc.err.Code() != "stream_unreadable" {
			t.Errorf("%s: got %d %s", tc.name, tc.err.HTTPStatus(), tc.err.Code())
		}
	}
}

// An error tells the log which key it was, also when the file was cut.
func TestOpenErrorKeyID(t *testing.T) {
	f := newFiles(t)
	ct := f.seal(t, invoice, noise(9, chunk))
	for _, n := range []int{6, 10, 6 + front, 6 + front + 1, 6 + front + sealed, len(ct) - 1} {
		_, err := f.open(invoice, ct[:n])
		_, err2 := f.ReaderAt(bytes.NewReader(ct[:n]), int64(n), invoice)
		for _, err := range []error{err, err2} {
			if open, ok := errors.AsType[*stream.OpenError](err); !ok || open.KeyID != 7 {
				t.Errorf("%d bytes: got %#v", n, err)
			}
		}
	}
}
