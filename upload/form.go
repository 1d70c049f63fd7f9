package upload

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"mime/multipart"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/gopalisade/palisade/upload/content"
	"github.com/gopalisade/palisade/upload/storage"
)

// copySize is how much of a file is in memory at a time.
const copySize = 64 << 10

// peekSize is what the parser reads ahead, behind a header too.
const peekSize = 4 << 10

var buffers = sync.Pool{New: func() any { return new([copySize]byte) }}

// read takes the parts one by one, as they come.
func (b *Batch) read() error {
	limits := &b.guard.cfg.Limits
	parts := multipart.NewReader(b.stream, b.boundary)
	buf := buffers.Get().(*[copySize]byte)
	defer buffers.Put(buf)
	for count := 0; ; {
		b.stream.left = int64(limits.Header + peekSize)
		p, err := parts.NextRawPart()
		b.stream.left = -1
		if err == io.EOF {
			return b.end()
		}
		if err != nil {
			return b.broken(err)
		}
		if count++; count > limits.Parts {
			return &Error{Kind: ErrTooLarge, Word: CodeTooManyParts}
		}
		if err := b.part(p, buf[:]); err != nil {
			return err
		}
	}
}

// end wants the body to end where the form does.
func (b *Batch) end() error {
	if _, err := io.Copy(io.Discard, b.stream); err != nil {
		return b.broken(err)
	}
	if !b.stream.closed || b.stream.tail {
		return &Error{Kind: ErrMalformed, Word: CodeMalformed}
	}
	return nil
}

// broken tells the ways apart in which a form does not arrive. The parser's own text may repeat what was sent.
func (b *Batch) broken(err error) error {
	switch failed := b.stream.failed; {
	case failed == errBody, failed == errHeader:
		return &Error{Kind: ErrTooLarge, Word: CodeTooLarge}
	case failed == errSlow:
		return &Error{Kind: ErrTooSlow, Word: CodeTooSlow}
	case failed != nil && failed != errOpening, errors.Is(err, io.ErrUnexpectedEOF):
		return &Error{Kind: ErrMalformed, Word: CodeIncomplete, Err: errIncomplete}
	}
	return &Error{Kind: ErrMalformed, Word: CodeMalformed}
}

var errIncomplete = errors.New("the form did not arrive")

// part takes one part: by its header, and only then by its bytes.
func (b *Batch) part(p *multipart.Part, buf []byte) error {
	head, ok := readHeader(p.Header)
	if !ok {
		return &Error{Kind: ErrMalformed, Word: CodeMalformed}
	}
	if head.file && head.filename == "" {
		return b.noFile(p, head.name)
	}
	if !head.file {
		value := b.guard.values[head.name]
		if value == nil || len(b.values[head.name]) >= value.Max {
			return refusedField(head.name, value != nil)
		}
		if b.guard.cfg.ValuesFirst && len(b.files) > 0 {
			return &Error{Kind: ErrInvalid, Word: CodeValuesFirst, Field: head.name}
		}
		return b.value(p, value, buf)
	}
	field := b.guard.fields[head.name]
	if field == nil || b.count(head.name) >= field.Max {
		return refusedField(head.name, field != nil)
	}
	t, ok := head.typeOf(field)
	if !ok {
		return &Error{Kind: ErrType, Word: CodeType, Field: field.Name}
	}
	return b.file(p, field, head.filename, t, buf)
}

// noFile takes what a browser sends for a control in which nobody chose a file: an empty part of an empty name.
func (b *Batch) noFile(p *multipart.Part, name string) error {
	if b.guard.fields[name] == nil {
		return refusedField(name, false)
	}
	var one [1]byte
	switch n, err := io.ReadFull(p, one[:]); {
	case n > 0:
		return &Error{Kind: ErrMalformed, Word: CodeMalformed, Field: name}
	case err != io.EOF:
		return b.broken(err)
	}
	return nil
}

// refusedField names a field only if it is one of ours.
func refusedField(name string, known bool) error {
	if known {
		return &Error{Kind: ErrInvalid, Word: CodeTooMany, Field: name}
	}
	return &Error{Kind: ErrInvalid, Word: CodeUnknown}
}

func (b *Batch) value(p *multipart.Part, value *Value, buf []byte) error {
	var text bytes.Buffer
	for {
		n, err := p.Read(buf)
		text.Write(buf[:n])
		switch {
		case int64(text.Len()) > value.MaxBytes:
			return &Error{Kind: ErrTooLarge, Word: CodeValueTooLarge, Field: value.Name}
		case err == io.EOF:
			s := text.String()
			if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
				return &Error{Kind: ErrInvalid, Word: CodeText, Field: value.Name}
			}
			b.values[value.Name] = append(b.values[value.Name], s)
			return nil
		case err != nil:
			return b.broken(err)
		}
	}
}

// headSize is how many bytes tell a type.
const headSize = 512

// file writes one file to quarantine, hashing it as it comes, and judges it when it is complete.
func (b *Batch) file(p *multipart.Part, field *Field, name string, t content.Type, buf []byte) error {
	n, err := fill(p, buf[:headSize])
	switch found, ok := content.Sniff(buf[:n]); {
	case err != nil && err != io.EOF:
		return b.broken(err)
	case n == 0:
		return &Error{Kind: ErrInvalid, Word: CodeEmpty, Field: field.Name}
	case (ok || t != content.Text) && found != t: // of text no first bytes are sure
		return &Error{Kind: ErrType, Word: CodeType, Field: field.Name}
	}
	b.stream.lift()
	stored, err := b.tx.Create(b.ctx)
	if err != nil {
		return err
	}
	hash := sha256.New()
	for more := error(nil); more != io.EOF; n = 0 {
		var came int
		came, more = fill(p, buf[n:])
		if n += came; more != nil && more != io.EOF {
			return b.broken(more)
		}
		if stored.Size()+int64(n) > field.MaxBytes {
			return &Error{Kind: ErrTooLarge, Word: CodeFileTooLarge, Field: field.Name}
		}
		_, _ = hash.Write(buf[:n]) // never fails
		b.stream.lift()
		if _, err := stored.Write(buf[:n]); err != nil {
			return err
		}
	}
	return b.judge(stored, field, name, t, [32]byte(hash.Sum(nil)))
}

// fill reads until buf is full: parts come in small pieces, which are dear to write one by one.
func fill(p io.Reader, buf []byte) (n int, err error) {
	for n < len(buf) && err == nil {
		var came int
		came, err = p.Read(buf[n:])
		n += came
	}
	return n, err
}

// judge looks into a complete file and describes it.
func (b *Batch) judge(stored storage.File, field *Field, name string, t content.Type, sum [32]byte) error {
	f := File{Field: field.Name, Name: name, Type: t, SHA256: sum, stored: stored}
	err := b.describe(b.ctx, &f)
	b.files = append(b.files, f)
	return err
}
