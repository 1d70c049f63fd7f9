package stream

import "encoding/binary"

// Binding says which file it is: see [Bind]. Its zero value is refused.
type Binding struct{ parts []string }

const (
	maxPart  = 4096
	maxParts = 16
)

// Bind names one file: its kind, such as "invoices", and its name among the files of this kind, of one part or several. An
// encrypted file opens under the name that it was written for and under no other, wherever it is stored. All parts are
// needed: an empty one is an id that was never assigned, and would make the names of all files equal.
//
// A part is 4096 bytes at most, and there are 16. What is wrong is told by the call that uses the binding, with
// [ErrBinding].
func Bind(kind, name string, more ...string) Binding {
	return Binding{append([]string{kind, name}, more...)}
}

func (b Binding) check() bool {
	if len(b.parts) == 0 || len(b.parts) > maxParts {
		return false
	}
	for _, part := range b.parts {
		if part == "" || len(part) > maxPart {
			return false
		}
	}
	return true
}

const contextLabel = "file1"

// context is what key and commitment of a file depend on: its header and its name. Every part carries its length, so that
// no two names make the same bytes.
func (b Binding) context(header []byte) []byte {
	c := append(append([]byte(nil), header...), contextLabel...)
	c = append(c, byte(len(b.parts)))
	for _, part := range b.parts {
		c = append(binary.BigEndian.AppendUint32(c, uint32(len(part))), part...)
	}
	return c
}
