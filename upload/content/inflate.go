package content

import (
	"bufio"
	"compress/flate"
	"compress/zlib"
	"io"
)

// inflate returns a pooled reader of raw DEFLATE. What it did not want of r is in f.in.
func (f *file) inflate(r io.Reader) io.Reader {
	f.input(r)
	if re, ok := f.flate.(flate.Resetter); !ok || re.Reset(f.in, nil) != nil {
		f.flate = flate.NewReader(f.in)
	}
	return f.flate
}

// unzlib returns a pooled reader of a zlib stream.
func (f *file) unzlib(r io.Reader) io.Reader {
	f.input(r)
	if re, ok := f.zlib.(zlib.Resetter); ok {
		if err := re.Reset(f.in, nil); err != nil {
			return errReader{err}
		}
		return f.zlib
	}
	z, err := zlib.NewReader(f.in)
	if err != nil {
		return errReader{err}
	}
	f.zlib = z
	return z
}

func (f *file) input(r io.Reader) {
	if f.in == nil {
		f.in = bufio.NewReader(r)
	}
	f.in.Reset(r)
}

// drain reads decompressed data to its end, and reports whether that went well.
func (f *file) drain(src io.Reader, see func(p []byte)) bool {
	for f.err == nil {
		n, err := src.Read(f.out[:])
		see(f.out[:n])
		if err != nil {
			return err == io.EOF
		}
	}
	return false
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }
