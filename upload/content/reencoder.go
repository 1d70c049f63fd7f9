package content

import (
	"context"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/webp"

	"github.com/gopalisade/palisade/internal/conf"
)

// ReencoderConfig describes a [Reencoder].
type ReencoderConfig struct {
	_ [0]func() // keyed literals only, never comparable

	Memory  int64 // bytes that the images being decoded may take together, 16 MiB or more; 1 GiB
	Quality int   // of JPEG, 1 to 100; 90
}

// Reencoder decodes images and writes them anew. Its images wait for each other where they would need too much memory
// together. It is safe for concurrent use.
type Reencoder struct {
	room    *room
	quality int
}

// NewReencoder returns a Reencoder, or every fault of cfg joined.
func NewReencoder(cfg ReencoderConfig) (*Reencoder, error) {
	f := conf.Faults{Room: "content"}
	conf.Default(&cfg.Memory, 1<<30)
	conf.Default(&cfg.Quality, 90)
	f.Check(cfg.Memory >= 16<<20, "Memory", cfg.Memory, "must be at least 16 MiB")
	f.Check(cfg.Quality >= 1 && cfg.Quality <= 100, "Quality", cfg.Quality, "must be between 1 and 100")
	if err := f.Err(); err != nil {
		return nil, err
	}
	return &Reencoder{room: newRoom(cfg.Memory), quality: cfg.Quality}, nil
}

// Reencode checks the image in r as [Check] does, decodes it, and writes to dst what its pixels are, and nothing else of it.
// It returns the type of what it wrote: that of r, or [PNG] for [WebP].
//
// A JPEG is turned as its EXIF orientation says, since that goes with the rest, and loses some quality; colors of a profile
// other than sRGB change with the profile. A GIF keeps its frames; an animated PNG becomes the still image that it shows where
// animations are unknown, and an animated WebP is refused. An image that needs more memory than there is for all is
// [ErrTooLarge]; otherwise it waits for its turn or for ctx. On an error, dst may hold a part.
func (e *Reencoder) Reencode(
	ctx context.Context, dst io.Writer, r io.ReaderAt, size int64, t Type, limits Limits,
) (Type, error) {
	if !t.Inline() {
		return "", &Error{Kind: ErrType, Type: t, Reason: "no image"}
	}
	report, err := Check(ctx, r, size, t, limits)
	if err != nil {
		return "", err
	}
	if report.animated {
		return "", &Error{Kind: ErrUnsupported, Type: t, Reason: "animation"}
	}
	need := report.memory()
	if need > e.room.size {
		return "", &Error{Kind: ErrTooLarge, Type: t, Reason: "memory for decoding"}
	}
	if err := e.room.enter(ctx, need); err != nil {
		return "", err
	}
	defer e.room.leave(need)
	return e.convert(dst, &interruptible{ctx: ctx, r: r, size: size}, &report)
}

// memory estimates, generously, what a decoder and the encoder behind it hold.
func (r *Report) memory() int64 {
	still := int64(r.Width) * int64(r.Height)
	if r.Type == JPEG || r.Type == WebP { // which are decoded in blocks of up to 32 pixels a side
		still = int64(r.Width+31) &^ 31 * (int64(r.Height+31) &^ 31)
	}
	switch {
	case r.Type == GIF:
		return 2*r.Pixels + still
	case r.progressive:
		return 28 * still // four bytes for each coefficient of up to four components
	case r.Type == JPEG:
		return 12 * still // and twice four bytes where it is turned
	case r.deep, r.Type == WebP:
		return 10 * still
	}
	return 6 * still
}

// convert decodes and encodes. Decoders have faults of their own: a panic is the file's, and so is an error while decoding.
func (e *Reencoder) convert(dst io.Writer, src *interruptible, report *Report) (t Type, err error) {
	undecoded := &Error{Kind: ErrMalformed, Type: report.Type, Reason: "does not decode"}
	defer func() {
		if p := recover(); p != nil {
			t, err = "", undecoded
		}
		if src.err != nil {
			t, err = "", src.err
		}
	}()
	if report.Type == GIF {
		all, err := gif.DecodeAll(src)
		if err != nil {
			return "", undecoded
		}
		return GIF, encoded(gif.EncodeAll(dst, all))
	}
	m, err := decoders[report.Type](src)
	if err != nil {
		return "", undecoded
	}
	if report.Type == JPEG {
		return JPEG, encoded(jpeg.Encode(dst, upright(m, report.orientation), &jpeg.Options{Quality: e.quality}))
	}
	return PNG, encoded(png.Encode(dst, m))
}

var decoders = map[Type]func(io.Reader) (image.Image, error){JPEG: jpeg.Decode, PNG: png.Decode, WebP: webp.Decode}

func encoded(err error) error {
	if err != nil {
		return fmt.Errorf("content: write: %w", err)
	}
	return nil
}

// interruptible reads a file from its beginning, until ctx ends. It remembers errors that are not the file's.
type interruptible struct {
	ctx  context.Context
	r    io.ReaderAt
	size int64
	off  int64
	err  error
}

func (s *interruptible) Read(p []byte) (int, error) {
	if s.err == nil {
		s.err = s.ctx.Err()
	}
	if s.err != nil {
		return 0, s.err
	}
	if s.off >= s.size {
		return 0, io.EOF
	}
	p = p[:min(int64(len(p)), s.size-s.off)]
	n, err := s.r.ReadAt(p, s.off)
	s.off += int64(n)
	if n < len(p) {
		s.err = fmt.Errorf("content: read: %w", err)
	}
	return n, s.err
}
