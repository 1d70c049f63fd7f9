package storage

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Meta describes a file. A store keeps every field verbatim, as data: none of them ever becomes part of a path.
type Meta struct {
	Name    string // for display, already made harmless by package validate/sanitize; at most 255 bytes, no NUL
	Type    string // media type as found in the content, not as the client said; at most 255 bytes
	Size    int64  // must be the number of bytes written
	SHA256  [32]byte
	Owner   string    // who may read it, for the application to check; at most 1024 bytes
	Created time.Time // kept as an instant, to the nanosecond
}

const (
	maxName  = 255
	maxType  = 255
	maxOwner = 1024
	maxMeta  = 16 << 10 // encoded: four bytes for each of the above, and room
)

// Check returns ErrName or ErrMeta for what no store takes. A [Store] calls it in [File].SetMeta.
func (m Meta) Check() error {
	_, err := m.Created.UTC().MarshalText()
	switch {
	case len(m.Name) > maxName, strings.Contains(m.Name, "\x00"):
		return ErrName
	case len(m.Type) > maxType, len(m.Owner) > maxOwner, m.Size < 0, err != nil:
		return ErrMeta
	}
	return nil
}

// encode writes one field a line. Quoting keeps control characters, line ends and bytes that are not UTF-8 apart from the
// format, which JSON does not do for the last.
func (m Meta) encode() []byte {
	return fmt.Appendf(nil, "palisade file 1\nname %s\ntype %s\nsize %d\nsha256 %x\nowner %s\ncreated %s\n",
		strconv.QuoteToASCII(m.Name), strconv.QuoteToASCII(m.Type), m.Size, m.SHA256, strconv.QuoteToASCII(m.Owner),
		m.Created.UTC().Format(time.RFC3339Nano))
}

// decode reads what encode wrote. Whatever else it is given is ErrDamaged, also another spelling of the same.
func decode(text []byte) (Meta, error) {
	lines := strings.Split(string(text), "\n")
	if len(text) > maxMeta || len(lines) != 8 {
		return Meta{}, ErrDamaged
	}
	value := func(i int) string {
		_, v, _ := strings.Cut(lines[i], " ")
		return v
	}
	var m Meta
	var errs [6]error
	m.Name, errs[0] = strconv.Unquote(value(1))
	m.Type, errs[1] = strconv.Unquote(value(2))
	m.Size, errs[2] = strconv.ParseInt(value(3), 10, 64)
	sum, err := hex.DecodeString(value(4))
	copy(m.SHA256[:], sum)
	errs[3] = err
	m.Owner, errs[4] = strconv.Unquote(value(5))
	m.Created, errs[5] = time.Parse(time.RFC3339Nano, value(6))
	if errors.Join(errs[:]...) != nil || m.Check() != nil || !bytes.Equal(m.encode(), text) {
		return Meta{}, ErrDamaged
	}
	return m, nil
}
