package stream_test

import (
	"bytes"
	"compress/zlib"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/crypto/stream"
)

// unhex decodes what may be broken into lines.
func unhex(tb testing.TB, s string) []byte {
	tb.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// ciphertext decompresses a vector's; a slip of the pen would not pass zlib's checksum.
func (v *vector) ciphertext(tb testing.TB) []byte {
	tb.Helper()
	z, err := zlib.NewReader(bytes.NewReader(unhex(tb, v.ct)))
	if err != nil {
		tb.Fatalf("%d: %v", v.id, err)
	}
	ct, err := io.ReadAll(z)
	if err != nil {
		tb.Fatalf("%d: %v", v.id, err)
	}
	return ct
}

func sum(text []byte) string {
	digest := sha512.Sum512(text)
	return hex.EncodeToString(digest[:])
}

func TestWycheproofReader(t *testing.T) {
	for _, v := range vectors {
		key, ctx, ct := unhex(t, v.key), unhex(t, v.ctx), v.ciphertext(t)
		r, err := stream.NewReader(bytes.NewReader(ct), key, ctx)
		var text []byte
		if err == nil {
			text, err = io.ReadAll(r)
			if n, again := r.Read(make([]byte, 1)); n != 0 || err != nil && again != err || err == nil && again != io.EOF {
				t.Errorf("%d %s: after %v there are %d bytes, %v", v.id, v.comment, err, n, again)
			}
		}
		if (err == nil) != v.valid || err != nil && len(key) == stream.KeySize && !errors.Is(err, stream.ErrOpen) {
			t.Errorf("%d %s: got %v, want valid %t", v.id, v.comment, err, v.valid)
		}
		want := strings.Join(strings.Fields(v.sum), "")
		if int64(len(text)) != v.length || want != "" && sum(text) != want {
			t.Errorf("%d %s: read %d bytes, want %d", v.id, v.comment, len(text), v.length)
		}
	}
}

func TestWycheproofReaderAt(t *testing.T) {
	for _, v := range vectors {
		key, ctx, ct := unhex(t, v.key), unhex(t, v.ctx), v.ciphertext(t)
		r, err := stream.NewReaderAt(bytes.NewReader(ct), int64(len(ct)), key, ctx)
		if (err == nil) != (v.valid || v.lastFine) {
			t.Errorf("%d %s: got %v, want the last chunk fine %t", v.id, v.comment, err, v.valid || v.lastFine)
		}
		if err != nil {
			continue
		}
		text := make([]byte, r.Size())
		n, err := r.ReadAt(text, 0)
		if v.valid && len(text) == 0 && err == io.EOF {
			err = nil
		}
		if (err == nil) != v.valid || int64(n) != v.length {
			t.Errorf("%d %s: read %d, %v, want %d, valid %t", v.id, v.comment, n, err, v.length, v.valid)
		}
		if want := strings.Join(strings.Fields(v.sum), ""); want != "" && sum(text[:n]) != want {
			t.Errorf("%d %s: not the message", v.id, v.comment)
		}
	}
}

// seal encrypts with a salt.
func seal(tb testing.TB, key, ctx, salt, text []byte) []byte {
	tb.Helper()
	var out bytes.Buffer
	w, err := stream.NewWriterSalt(&out, key, ctx, salt)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := w.Write(text); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func TestWycheproofWriter(t *testing.T) {
	for _, v := range vectors {
		if !v.valid {
			continue
		}
		key, ctx, ct := unhex(t, v.key), unhex(t, v.ctx), v.ciphertext(t)
		r, err := stream.NewReader(bytes.NewReader(ct), key, ctx)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if got := seal(t, key, ctx, ct[:24], text); !bytes.Equal(got, ct) {
			t.Errorf("%d %s: written again it is another file", v.id, v.comment)
		}
	}
}

func TestWycheproofLong(t *testing.T) {
	key := unhex(t, yellow)
	for _, v := range long {
		front := unhex(t, v.front)
		zeros := make([]byte, v.length)
		text := bodies(seal(t, key, nil, front[:24], zeros))
		if sum(text) != v.sum {
			t.Errorf("%d: not the keystream", v.id)
		}
		ct := seal(t, key, nil, front[:24], text)
		if !bytes.Equal(ct[:56], front) || !bytes.Equal(bodies(ct), zeros) {
			t.Errorf("%d: the message makes another file", v.id)
		}
	}
}

// bodies returns the ciphertext of a file without front and tags.
func bodies(ct []byte) (all []byte) {
	for ct = ct[56:]; len(ct) > 0; {
		n := min(len(ct), 16400)
		all = append(all, ct[:n-16]...)
		ct = ct[n:]
	}
	return all
}
