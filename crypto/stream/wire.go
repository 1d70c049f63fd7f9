package stream

import (
	"encoding/binary"

	"github.com/gopalisade/palisade/crypto/field"
)

// HeaderSize is what [Files] writes before the format's own bytes. A file of n bytes has HeaderSize + [SealedLen](n).
const HeaderSize = 6

const (
	magic       = 0xF9 // 0xF8 and version 1, as field has it; no byte above 0xF7 is in valid UTF-8
	cobblestone = 0x10 // Cobblestone-256; below 0x10 are the suites of field's values, bit 7 is its flag
)

// Info is what a file shows without a key. None of it is authentic until the file was opened.
type Info struct {
	Version int
	KeyID   field.KeyID
}

// Inspect reads the header of a file, of which the first [HeaderSize] bytes are enough. The error matches [ErrFormat] and
// [ErrOpen].
func Inspect(head []byte) (Info, error) {
	if len(head) < HeaderSize || head[0] != magic || head[1] != cobblestone {
		return Info{}, cannotOpen(0, ErrFormat)
	}
	id := field.KeyID(binary.BigEndian.Uint32(head[2:]))
	if id == 0 {
		return Info{}, cannotOpen(0, ErrFormat)
	}
	return Info{Version: 1, KeyID: id}, nil
}

func header(id field.KeyID) []byte {
	return binary.BigEndian.AppendUint32([]byte{magic, cobblestone}, uint32(id))
}
