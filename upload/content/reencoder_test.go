package content_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/gopalisade/palisade/upload/content"
)

func newReencoder(t testing.TB, cfg content.ReencoderConfig) *content.Reencoder {
	t.Helper()
	e, err := content.NewReencoder(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// reencode returns what a Reencoder makes of an image.
func reencode(t testing.TB, data []byte, kind content.Type, limits content.Limits) ([]byte, content.Type, error) {
	t.Helper()
	var b bytes.Buffer
	out, err := newReencoder(t, content.ReencoderConfig{}).Reencode(t.Context(), &b, bytes.NewReader(data),
		int64(len(data)), kind, limits)
	return b.Bytes(), out, err
}

func TestReencoderConfig(t *testing.T) {
	_, err := content.NewReencoder(content.ReencoderConfig{Memory: 1, Quality: 101})
	if err == nil || !strings.Contains(err.Error(), "Memory") || !strings.Contains(err.Error(), "Quality") {
		t.Errorf("got %v, want both faults", err)
	}
}

// Nothing of an image is left but its pixels, whatever stood beside them.
func TestReencodeLeavesNothing(t *testing.T) {
	const secret = "PK\x05\x06 <?php secret"
	private := []byte(secret)
	frame := image.NewPaletted(image.Rect(0, 0, 4, 4), color.Palette{color.Black, color.White})
	var moving bytes.Buffer
	if err := gif.EncodeAll(&moving, &gif.GIF{Image: []*image.Paletted{frame, frame, frame}, Delay: []int{1, 2, 3}}); err != nil {
		t.Fatal(err)
	}
	animated := bytes.Clone(moving.Bytes())
	animated = join(animated[:len(animated)-1], []byte{0x21, 0xfe, byte(len(private))}, private, []byte{0}, gifTrailer)
	limits := content.Limits{DangerouslyAllowForeign: true}
	for _, tc := range []struct {
		name string
		kind content.Type
		data []byte
		want content.Type
	}{
		{"comment", content.JPEG, corner(t, segment(0xfe, private...)), content.JPEG},
		{"profile", content.JPEG, corner(t, segment(0xe2, private...)), content.JPEG},
		{
			"second picture",
			content.JPEG, join(corner(t, segment(0xe2, []byte("MPF\x00")...)), corner(t, segment(0xfe, private...))),
			content.JPEG,
		},
		{"PNG", content.PNG, pngOf(t, 5, 4, chunk("tEXt", join([]byte("k\x00"), private)...)), content.PNG},
		{"GIF", content.GIF, animated, content.GIF},
		{"WebP", content.WebP, webpFile(vp8x(8, 3, 2), vp8l(3, 2), riffChunk("EXIF", private...)), content.PNG},
	} {
		if !bytes.Contains(tc.data, private) {
			t.Fatalf("%s: the secret is not there", tc.name)
		}
		before, err := content.Check(t.Context(), bytes.NewReader(tc.data), int64(len(tc.data)), tc.kind, limits)
		if err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		out, kind, err := reencode(t, tc.data, tc.kind, limits)
		if err != nil || kind != tc.want {
			t.Errorf("%s: got %s, %v, want %s", tc.name, kind, err, tc.want)
			continue
		}
		after, err := check(t, out, kind)
		if err != nil || after.Width != before.Width || after.Height != before.Height || after.Metadata > 40 ||
			bytes.Contains(out, []byte("secret")) {
			t.Errorf("%s: got %+v, %v after %+v", tc.name, after, err, before)
		}
		if tc.kind == content.GIF && after.Frames != 3 {
			t.Errorf("%s: got %d frames, want 3", tc.name, after.Frames)
		}
	}
}

// What Go's own images look like, they look like afterwards.
func TestReencodeControlSet(t *testing.T) {
	n := 0
	for _, path := range goFiles(t, "src/image/testdata", "src/image/png/testdata/pngsuite", "testdata") {
		kind, ok := content.ByExtension(filepath.Ext(path))
		if !ok || !kind.Inline() {
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if len(data) > 12_000 {
			continue
		}
		out, outKind, err := reencode(t, data, kind, content.Limits{})
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(path), err)
			continue
		}
		was, _, err1 := image.Decode(bytes.NewReader(data))
		is, _, err2 := image.Decode(bytes.NewReader(out))
		if err1 != nil || err2 != nil || was.Bounds() != is.Bounds() {
			t.Errorf("%s: %v, %v", filepath.Base(path), err1, err2)
			continue
		}
		if n++; outKind != content.JPEG && kind != content.WebP && !same(was, is) {
			t.Errorf("%s: pixels differ", filepath.Base(path))
		}
	}
	if n < 20 {
		t.Skip("the source of Go is not here")
	}
}

func same(a, b image.Image) bool {
	for y := a.Bounds().Min.Y; y < a.Bounds().Max.Y; y++ {
		for x := a.Bounds().Min.X; x < a.Bounds().Max.X; x++ {
			r1, g1, b1, a1 := a.At(x, y).RGBA()
			if r2, g2, b2, a2 := b.At(x, y).RGBA(); r1 != r2 || g1 != g2 || b1 != b2 || a1 != a2 {
				return false
			}
		}
	}
	return true
}

// fickle is an image that changes once it was checked.
type fickle struct {
	data  []byte
	reads int
	after int
	then  func() (int, error)
}

func (f *fickle) ReadAt(p []byte, off int64) (int, error) {
	if f.reads++; f.reads > f.after {
		return f.then()
	}
	return bytes.NewReader(f.data).ReadAt(p, off)
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errDisk }

func TestReencodeRefuses(t *testing.T) {
	deep := pngFile(pngHeader(2000, 1000, 16, 6, 0), chunk("IDAT", deflated(t, make([]byte, 1000*(1+2000*8)))...), chunk("IEND"))
	badFilter := pngFile(pngHeader(1, 1, 8, 0, 0), chunk("IDAT", deflated(t, []byte{9, 0})...), chunk("IEND"))
	for _, tc := range []struct {
		name string
		kind content.Type
		data []byte
		want error
	}{
		{"no image", content.PDF, pdfFile(pdfCatalog), content.ErrType},
		{"another type", content.PNG, jpegOf(8, 8), content.ErrType},
		{"what Check refuses", content.JPEG, join(jpegOf(8, 8), []byte("x")), content.ErrTrailing},
		{"JPEG that does not decode", content.JPEG, jpegOf(64, 64), content.ErrMalformed},
		{"PNG that does not decode", content.PNG, badFilter, content.ErrMalformed},
		{"GIF that does not decode", content.GIF, gifFrames(1, 9, 9), content.ErrMalformed},
		{"WebP that does not decode", content.WebP, webpFile(riffChunk("VP8L", 0x2f, 0, 0, 0, 0, 0xff)), content.ErrMalformed},
		{"animated WebP", content.WebP, webpFile(vp8x(2, 4, 4), animChunk, anmf(0, 0, 4, 4, vp8l(4, 4))), content.ErrUnsupported},
		{"more memory than there is", content.PNG, deep, content.ErrTooLarge},
		{"more memory than the pixels alone", content.JPEG, jpegScans(33, 16384, 2), content.ErrTooLarge},
	} {
		e := newReencoder(t, content.ReencoderConfig{Memory: 16 << 20})
		_, err := e.Reencode(t.Context(), io.Discard, bytes.NewReader(tc.data), int64(len(tc.data)), tc.kind, content.Limits{})
		if !errors.Is(err, tc.want) {
			t.Errorf("%s: got %v, want %v", tc.name, err, tc.want)
		}
	}
}

// Errors of the disk and of the destination are theirs, and a panic of a decoder ends nothing but its image.
func TestReencodePassesOnOtherErrors(t *testing.T) {
	e := newReencoder(t, content.ReencoderConfig{})
	for kind, data := range samples(t) {
		if !kind.Inline() {
			continue
		}
		size := int64(len(data))
		if kind == content.JPEG {
			data, size = corner(t), int64(len(corner(t)))
		}
		counted := &fickle{data: data, after: 1 << 30}
		if _, err := content.Check(t.Context(), counted, size, kind, content.Limits{}); err != nil {
			t.Fatal(err)
		}
		disk := &fickle{data: data, after: counted.reads, then: func() (int, error) { return 0, errDisk }}
		if _, err := e.Reencode(t.Context(), io.Discard, disk, size, kind, content.Limits{}); !errors.Is(err, errDisk) {
			t.Errorf("%s: got %v, want the disk's error", kind, err)
		}
		panics := &fickle{data: data, after: counted.reads, then: func() (int, error) { panic("index out of range") }}
		if _, err := e.Reencode(t.Context(), io.Discard, panics, size, kind, content.Limits{}); !errors.Is(err,
			content.ErrMalformed) {
			t.Errorf("%s: got %v after a panic, want %v", kind, err, content.ErrMalformed)
		}
		if _, err := e.Reencode(t.Context(), full{}, bytes.NewReader(data), size, kind, content.Limits{}); !errors.Is(err, errDisk) {
			t.Errorf("%s: got %v, want the destination's error", kind, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		late := &fickle{data: data, after: counted.reads}
		late.then = func() (int, error) { cancel(); return 0, errDisk }
		if _, err := e.Reencode(ctx, io.Discard, late, size, kind, content.Limits{}); err == nil {
			t.Errorf("%s: got no error with a context that has ended", kind)
		}
		cancel()
	}
}

// An end of waiting is noticed while decoding, and before it: whatever came first, the room is free again.
func TestReencodeStops(t *testing.T) {
	var b bytes.Buffer
	if err := png.Encode(&b, noise(500, 500)); err != nil {
		t.Fatal(err)
	}
	size := int64(b.Len())
	e := newReencoder(t, content.ReencoderConfig{Memory: 16 << 20})
	counted := &ending{ReaderAt: bytes.NewReader(b.Bytes())}
	if _, err := content.Check(t.Context(), counted, size, content.PNG, content.Limits{}); err != nil {
		t.Fatal(err)
	}
	for i := range 20 { // at the last read of Check, or the one after it
		ctx, cancel := context.WithCancel(t.Context())
		r := &ending{ReaderAt: bytes.NewReader(b.Bytes()), left: -counted.left + i%2, cancel: cancel}
		if _, err := e.Reencode(ctx, io.Discard, r, size, content.PNG, content.Limits{}); !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v, want %v", err, context.Canceled)
		}
		cancel()
	}
	most := pngOf(t, 1670, 1670) // nearly all that there is
	if _, err := e.Reencode(t.Context(), io.Discard, bytes.NewReader(most), int64(len(most)), content.PNG,
		content.Limits{}); err != nil {
		t.Error(err)
	}
}

// slow holds up whoever writes to it.
type slow struct{ until chan struct{} }

func (s slow) Write(p []byte) (int, error) { <-s.until; return len(p), nil }

// Images wait for each other where they need too much together, in the order of coming, and nobody waits beyond his context.
func TestReencodeTakesTurns(t *testing.T) {
	data := pngOf(t, 1500, 1500) // 13.5 MB by the estimate
	small := samples(t)[content.PNG]
	synctest.Test(t, func(t *testing.T) {
		e := newReencoder(t, content.ReencoderConfig{Memory: 16 << 20})
		turn := func(ctx context.Context, dst io.Writer, data []byte) chan error {
			done := make(chan error, 1)
			go func() {
				_, err := e.Reencode(ctx, dst, bytes.NewReader(data), int64(len(data)), content.PNG, content.Limits{})
				done <- err
			}()
			synctest.Wait()
			return done
		}
		hold := slow{make(chan struct{})}
		first := turn(t.Context(), hold, data)
		impatient, cancel := context.WithCancel(t.Context())
		second := turn(impatient, io.Discard, data)
		third := turn(t.Context(), io.Discard, data)
		fourth := turn(t.Context(), io.Discard, small)
		if len(first)+len(second)+len(third)+len(fourth) != 0 {
			t.Fatal("somebody did not wait")
		}
		cancel()
		synctest.Wait()
		if err := <-second; !errors.Is(err, context.Canceled) || len(third)+len(fourth) != 0 {
			t.Errorf("got %v, want %v; and the others wait on", err, context.Canceled)
		}
		close(hold.until)
		for _, done := range []chan error{first, third, fourth} {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	})
}
