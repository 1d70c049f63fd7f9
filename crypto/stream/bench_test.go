package stream_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"io"
	"testing"

	"github.com/gopalisade/palisade/crypto/stream"
)

const benchSize = 8 << 20

func newGCM(b *testing.B) cipher.AEAD {
	b.Helper()
	block, err := aes.NewCipher(fixed(1))
	if err != nil {
		b.Fatal(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		b.Fatal(err)
	}
	return aead
}

// The floor is what crypto/cipher takes for the same chunks, from and to the same memory.
func BenchmarkWrite(b *testing.B) {
	text := make([]byte, benchSize)
	b.Run("floor", func(b *testing.B) {
		aead, nonce, out := newGCM(b), make([]byte, 12), make([]byte, 0, sealed)
		b.SetBytes(benchSize)
		b.ReportAllocs()
		for b.Loop() {
			for i := 0; i < benchSize; i += chunk {
				binary.BigEndian.PutUint64(nonce[4:], uint64(i))
				out = aead.Seal(out[:0], nonce, text[i:i+chunk], nil)
			}
		}
	})
	for _, step := range []struct {
		name string
		size int
	}{{"whole", benchSize}, {"64KiB", 64 << 10}, {"4KiB", 4 << 10}, {"100B", 100}} {
		b.Run(step.name, func(b *testing.B) {
			b.SetBytes(benchSize)
			b.ReportAllocs()
			for b.Loop() {
				w, err := stream.NewWriter(io.Discard, fixed(1), nil)
				if err != nil {
					b.Fatal(err)
				}
				for rest := text; len(rest) > 0; {
					n := min(step.size, len(rest))
					if _, err := w.Write(rest[:n]); err != nil {
						b.Fatal(err)
					}
					rest = rest[n:]
				}
				if err := w.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("ReadFrom", func(b *testing.B) {
		b.SetBytes(benchSize)
		b.ReportAllocs()
		for b.Loop() {
			w, err := stream.NewWriter(io.Discard, fixed(1), nil)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := w.ReadFrom(bytes.NewReader(text)); err != nil {
				b.Fatal(err)
			}
			if err := w.Close(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkRead(b *testing.B) {
	sealed := seal(b, fixed(1), nil, make([]byte, 24), make([]byte, benchSize))
	b.Run("floor", func(b *testing.B) {
		aead, nonce := newGCM(b), make([]byte, 12)
		ct, out := aead.Seal(nil, nonce, make([]byte, chunk), nil), make([]byte, 0, chunk)
		b.SetBytes(benchSize)
		b.ReportAllocs()
		for b.Loop() {
			for range benchSize / chunk {
				out, _ = aead.Open(out[:0], nonce, ct, nil)
			}
		}
	})
	for _, step := range []struct {
		name string
		size int
	}{{"WriteTo", 0}, {"64KiB", 64 << 10}, {"4KiB", 4 << 10}} {
		buffer := make([]byte, step.size)
		b.Run(step.name, func(b *testing.B) {
			b.SetBytes(benchSize)
			b.ReportAllocs()
			for b.Loop() {
				r, err := stream.NewReader(bytes.NewReader(sealed), fixed(1), nil)
				if err == nil && step.size == 0 {
					_, err = r.WriteTo(io.Discard)
				}
				for err == nil && step.size > 0 {
					_, err = r.Read(buffer)
				}
				if err != nil && err != io.EOF {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkReadAt(b *testing.B) {
	sealed := seal(b, fixed(1), nil, make([]byte, 24), make([]byte, benchSize))
	r, err := stream.NewReaderAt(bytes.NewReader(sealed), int64(len(sealed)), fixed(1), nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("whole", func(b *testing.B) {
		buffer := make([]byte, benchSize)
		b.SetBytes(benchSize)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := r.ReadAt(buffer, 0); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("512B", func(b *testing.B) {
		buffer := make([]byte, 512)
		b.SetBytes(512)
		b.ReportAllocs()
		at := int64(0)
		for b.Loop() {
			if _, err := r.ReadAt(buffer, at%benchSize); err != nil {
				b.Fatal(err)
			}
			at += 512
		}
	})
	b.Run("parallel", func(b *testing.B) {
		b.SetBytes(64 << 10)
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			buffer, at := make([]byte, 64<<10), int64(0)
			for pb.Next() {
				if _, err := r.ReadAt(buffer, at%benchSize); err != nil {
					b.Error(err)
				}
				at += 64 << 10
			}
		})
	})
}

// A file of one chunk is mostly key derivation.
func BenchmarkSmall(b *testing.B) {
	files, text := newFiles(b), make([]byte, 1000)
	b.Run("write", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := files.write(io.Discard, invoice, text); err != nil {
				b.Fatal(err)
			}
		}
	})
	sealed := files.seal(b, invoice, text)
	b.Run("read", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			r, err := files.Reader(bytes.NewReader(sealed), invoice)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := r.WriteTo(io.Discard); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("deny", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := files.Reader(bytes.NewReader(sealed), stream.Bind("invoices", "8")); err == nil {
				b.Fatal("opened")
			}
		}
	})
}
