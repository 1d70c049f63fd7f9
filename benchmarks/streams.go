package main

import (
	"bytes"
	"io"
	"log"

	"filippo.io/age"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/streamingaead"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/gopalisade/palisade/crypto/stream"
)

const streamSize = 8 << 20

// streams encrypts a file on its way, and reads it back.
func streams() []contest {
	file, key, name := randomBytes(streamSize), randomBytes(stream.KeySize), []byte("invoices/4711")
	ours := sealer(func(w io.Writer) (io.WriteCloser, error) { return stream.NewWriter(w, key, name) })
	sealed := bytes.Clone(ours(file))
	write := func() { ours(file) }
	read := func() { drain(must(stream.NewReader(bytes.NewReader(sealed), key, name))) }
	var all []contest
	for _, p := range []streamPeer{
		agePeer(),
		tinkStream("tink-go v2.9.0 streaming, segments of 4 KiB", must(keyset.NewHandle(streamingaead.AES256GCMHKDF4KBKeyTemplate())), name),
		tinkStream("tink-go v2.9.0 streaming, segments of 1 MiB", must(keyset.NewHandle(streamingaead.AES256GCMHKDF1MBKeyTemplate())), name),
	} {
		theirs := bytes.Clone(p.seal(file))
		all = append(all,
			contest{"stream", "file of 8 MiB, write", p.name, write, func() { p.seal(file) }},
			contest{"stream", "file of 8 MiB, read", p.name, read, func() { drain(must(p.open(bytes.NewReader(theirs)))) }})
	}
	return all
}

// sealer writes files into memory that it has already.
func sealer(open func(io.Writer) (io.WriteCloser, error)) func([]byte) []byte {
	var out bytes.Buffer
	return func(file []byte) []byte {
		out.Reset()
		w := must(open(&out))
		must(w.Write(file))
		check(w.Close())
		return out.Bytes()
	}
}

// streamPeer is another library at the same work.
type streamPeer struct {
	name string
	seal func([]byte) []byte
	open func(io.Reader) (io.Reader, error)
}

func agePeer() streamPeer {
	id := must(age.GenerateX25519Identity())
	return streamPeer{
		"age v1.3.2",
		sealer(func(w io.Writer) (io.WriteCloser, error) { return age.Encrypt(w, id.Recipient()) }),
		func(r io.Reader) (io.Reader, error) { return age.Decrypt(r, id) },
	}
}

func tinkStream(title string, handle *keyset.Handle, name []byte) streamPeer {
	var primitive tink.StreamingAEAD = must(streamingaead.New(handle))
	return streamPeer{
		title,
		sealer(func(w io.Writer) (io.WriteCloser, error) { return primitive.NewEncryptingWriter(w, name) }),
		func(r io.Reader) (io.Reader, error) { return primitive.NewDecryptingReader(r, name) },
	}
}

// drain reads a file to its end, which must be all of it.
func drain(r io.Reader) {
	if n := must(io.CopyBuffer(struct{ io.Writer }{io.Discard}, r, make([]byte, 64<<10))); n != streamSize {
		log.Fatalf("read %d bytes, want %d", n, streamSize)
	}
}
