package field

import (
	"encoding/binary"
	"strings"
)

// Part is one part of a row's key. Parts of other types differ: [Int] 1 is not [Str] "1".
type Part struct {
	kind byte
	num  uint64 // of a number
	text string // of any other
}

// The types of parts on the wire.
const (
	kindString = 's'
	kindBytes  = 'b'
	kindInt    = 'i'
	kindUint   = 'u'
)

// Str is a part of a row's key that is text.
func Str(s string) Part { return Part{kind: kindString, text: s} }

// Bytes is a part of a row's key that is bytes, such as a UUID. They are copied.
func Bytes(b []byte) Part { return Part{kind: kindBytes, text: string(b)} }

// Int is a part of a row's key that is a number.
func Int(n int64) Part { return Part{kind: kindInt, num: uint64(n)} }

// Uint is a part of a row's key that is a number without a sign. It differs from the same number as [Int].
func Uint(n uint64) Part { return Part{kind: kindUint, num: n} }

// isZero reports a number that was not assigned yet, or text or an id that is not there. Text of zeros is there.
func (p *Part) isZero() bool {
	return p.num == 0 && (p.text == "" || p.kind == kindBytes && strings.Trim(p.text, "\x00") == "")
}

// Binding names the one cell that a value is sealed for. Its zero value is refused: see [Bind].
type Binding struct {
	*location // nil in the zero Binding, and when a method could not accept what it was given
	row       []Part
}

// location is a column, of one tenant or of all. It never changes, and stands behind a pointer, mostly to the caller's stack,
// so that bindings are passed on in registers.
type location struct {
	table, column, tenant string
	pad                   int
	unbound               bool
	own                   uint32 // memo of a Column, see Binding.slot
}

const (
	maxName = 255
	maxPart = 4096
	maxRow  = 16
)

// Bind names a cell: its table, its column, and the key of its row. The row's parts are needed, and not all of them may be
// zero: a row that has no number before it is inserted would share its binding with all others. Bind to a [RowKey] then. Of
// a key in parts, such as a tenant and a number, a part may be zero: there nothing but the RowKey keeps rows apart that
// have no number yet.
//
// A name is 255 bytes at most, a row 16 parts of 4096 bytes. What is wrong is told by the call that uses the binding,
// with [ErrBinding]. The parts are not copied.
func Bind(table, column string, row ...Part) Binding {
	return Binding{&location{table: table, column: column}, row}
}

// Unbound is for values that live in no table. They open in every place of their tenant, so whoever can write the storage can
// swap them. The reason is for readers of the code and is not part of the binding; it must be there.
func Unbound(reason string) Binding {
	if reason == "" {
		return Binding{}
	}
	return Binding{location: &location{unbound: true}}
}

// Tenant returns b for one tenant's data: it is sealed under a key of the tenant's. An empty id is an [ErrBinding], since it
// comes from a session that was never read.
func (b Binding) Tenant(id string) Binding {
	if b.location == nil || !isName(id) {
		return Binding{}
	}
	own := *b.location
	own.tenant = id
	return Binding{&own, b.row}
}

// Pad returns b with the padding policy of its column: values are sealed with a length that is a multiple of block, and
// longer than theirs, so that equal lengths tell nothing apart. 0 is none. It matters when sealing only: a padded value
// says that it is.
func (b Binding) Pad(block int) Binding {
	if b.location == nil || block < 0 || block > maxPad {
		return Binding{}
	}
	own := *b.location
	own.pad = block
	return Binding{&own, b.row}
}

// check reports whether b can be sealed for.
func (b *Binding) check() bool {
	switch {
	case b.location == nil:
		return false
	case b.unbound:
		return true
	case !isName(b.table) || !isName(b.column) || len(b.row) > maxRow:
		return false
	}
	assigned := false
	for i := range b.row {
		p := &b.row[i]
		if p.kind == 0 || len(p.text) > maxPart {
			return false
		}
		assigned = assigned || !p.isZero()
	}
	return assigned
}

func isName(s string) bool { return s != "" && len(s) <= maxName }

const (
	aadLabel = "fld1"
	aadCount = headerSize + len(aadLabel) // where the number of parts stands
)

// appendAAD appends what is authenticated after the header, up to the row. Every part carries its type and length, so that
// no two bindings make the same bytes. The tenant is in the key. Without a table there are no parts.
func appendAAD(dst []byte, table, column string) []byte {
	dst = append(append(dst, aadLabel...), 0)
	if table == "" {
		return dst
	}
	dst = appendPrefixed(append(dst, kindString), table)
	return appendPrefixed(append(dst, kindString), column)
}

// appendRow completes the AAD that a subkey has begun.
func (b *Binding) appendRow(aad []byte, padded bool) []byte {
	if padded {
		aad[1] |= paddedBit
	}
	if !b.unbound {
		aad[aadCount] = byte(2 + len(b.row))
	}
	for i := range b.row {
		switch p := &b.row[i]; p.kind {
		case kindInt, kindUint:
			aad = binary.BigEndian.AppendUint64(append(aad, p.kind, 0, 0, 0, 8), p.num)
		default:
			aad = appendPrefixed(append(aad, p.kind), p.text)
		}
	}
	return aad
}

// appendPrefixed appends s behind its length.
func appendPrefixed[S string | []byte](dst []byte, s S) []byte {
	return append(binary.BigEndian.AppendUint32(dst, uint32(len(s))), s...)
}
