package content

import (
	"context"
	"fmt"
	"io"
)

// Report tells what [Check] saw of a file that it accepted.
type Report struct {
	Type          Type
	Width, Height int   // of the image, or the canvas of its frames
	Frames        int   // 1 for a still image
	Pixels        int64 // of all frames together
	Scans         int   // of a JPEG
	Metadata      int64 // bytes that describe an image: what a Reencoder leaves out
	Objects       int   // of a PDF
	Entries       int   // of an archive
	Inflated      int64 // bytes from object streams of a PDF, or in all entries of an archive

	orientation int  // of a JPEG, as in EXIF; 0: not said
	progressive bool // JPEG: decoders keep its coefficients
	animated    bool // WebP
	deep        bool // PNG: 16 bits a channel
}

// Check reads r, which is size bytes long, and tells whether it is a well-formed file of type t within limits. Otherwise the
// error is an [Error], or that of r or ctx.
//
// It reads every byte about once, an object stream of a PDF twice, and needs the same few hundred kilobytes for all sizes;
// an archive needs those of its names besides.
func Check(ctx context.Context, r io.ReaderAt, size int64, t Type, limits Limits) (Report, error) {
	walk := walkers[t]
	if walk == nil {
		return Report{}, &Error{Kind: ErrType, Type: t, Reason: "no type of this package"}
	}
	limits.defaults()
	if err := limits.Faults(); err != nil {
		return Report{}, fmt.Errorf("content: limits: %w", err)
	}
	s, _ := scratches.Get().(*scratch)
	defer scratches.Put(s)
	f := &file{ctx: ctx, r: r, size: size, limits: limits, scratch: s, report: Report{Type: t}}
	head := f.probe(0, SniffLen)
	if sniffed, ok := Sniff(head); f.err == nil && (len(head) == 0 || ok && sniffed != t || !ok && t != Text) {
		f.fail(ErrType, "first bytes")
	}
	if f.err == nil {
		f.walk(walk)
	}
	if f.err != nil {
		return Report{}, f.err
	}
	return f.report, nil
}

// walk has the file walked, and looks for what makes it something else as well. An archive may hold anything, and has one end.
func (f *file) walk(walk func(*file)) {
	t := f.report.Type
	check := t != ZIP && !(t.Inline() && f.limits.DangerouslyAllowForeign)
	if check && t != PDF {
		f.beginsOther()
	}
	walk(f)
	f.endHides()
	if check {
		f.endsOther()
	}
}

// walkers read a whole file each, and leave their verdict in file.err.
var walkers = map[Type]func(*file){
	JPEG: walkJPEG, PNG: walkPNG, GIF: walkGIF, WebP: walkWebP, PDF: walkPDF, Text: walkText, ZIP: walkZIP,
}
