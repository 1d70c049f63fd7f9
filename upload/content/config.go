package content

import "github.com/gopalisade/palisade/internal/conf"

// Limits bound what a file may cost whoever opens it. Each zero means the usual value, which is written beside it.
type Limits struct {
	Pixels      int64 // of one image or frame; 40 million
	Side        int   // pixels; 16384
	Frames      int   // of an animation, or pictures in one file; 500
	FramePixels int64 // of all frames together; 200 million
	Scans       int   // of a JPEG: a decoder works through all pixels for each; 32

	Chunks   int   // segments, chunks and extensions that hold no pixels; 1000
	Metadata int64 // bytes in those of them that only describe the image, and what they inflate to; 4 MiB

	Objects  int   // of a PDF; 200000
	Entries  int   // of an archive; 1000
	Inflated int64 // bytes from object streams of a PDF, or in all entries of an archive; 128 MiB
	Ratio    int64 // of inflated bytes to those in the file, by entry or object stream; 100, beyond the first 64 KiB

	// DangerouslyAllowForeign accepts images whose metadata or tables hold the beginning of a web page, of PHP, a PDF or the end
	// of an archive, or that have one of the last two where readers look for it, in whatever part: bytes that a server or a
	// browser which is talked into reading the image as that other thing will run.
	DangerouslyAllowForeign bool
}

// Faults returns every limit that makes no sense, joined, or nil. [Check] with such limits refuses everything.
func (l Limits) Faults() error {
	f := conf.Faults{Room: "content"}
	for _, field := range []struct {
		name  string
		value int64
	}{
		{"Pixels", l.Pixels},
		{"Side", int64(l.Side)},
		{"Frames", int64(l.Frames)},
		{"FramePixels", l.FramePixels},
		{"Scans", int64(l.Scans)},
		{"Chunks", int64(l.Chunks)},
		{"Metadata", l.Metadata},
		{"Objects", int64(l.Objects)},
		{"Entries", int64(l.Entries)},
		{"Inflated", l.Inflated},
		{"Ratio", l.Ratio},
	} {
		f.Check(field.value >= 0 && field.value <= 1<<40, "Limits."+field.name, field.value, "must be between 0 and 2^40")
	}
	return f.Err()
}

func (l *Limits) defaults() {
	conf.Default(&l.Pixels, 40e6)
	conf.Default(&l.Side, 16384)
	conf.Default(&l.Frames, 500)
	conf.Default(&l.FramePixels, 200e6)
	conf.Default(&l.Scans, 32)
	conf.Default(&l.Chunks, 1000)
	conf.Default(&l.Metadata, 4<<20)
	conf.Default(&l.Objects, 200_000)
	conf.Default(&l.Entries, 1000)
	conf.Default(&l.Inflated, 128<<20)
	conf.Default(&l.Ratio, 100)
}
