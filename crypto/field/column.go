package field

import (
	"reflect"
	"strings"
	"unicode"

	"github.com/gopalisade/palisade/internal/conf"
)

// ColumnConfig describes a [Column]. Ring, Table and Name are needed.
type ColumnConfig struct {
	_ [0]func() // keyed literals only, never comparable

	Ring  *Ring
	Table string
	Name  string
	Pad   int // block that lengths are filled up to, see [Binding.Pad]; none
}

// Column seals the values of one database column. It is safe for concurrent use.
//
// Strings and byte slices are sealed as they are, so that [Ring.Open] reads them too; integers, floats and time.Time in a
// fixed size; arrays of bytes, bool, [secret.String] and [secret.Bytes] likewise; and types that were declared from these,
// whatever their own JSON or text form. A time is opened in UTC. Structs, maps, other slices and pointers are sealed as
// encoding/json writes them. A type of which JSON would lose a part is a fault: one with a field that is not exported or
// tagged json:"-", an interface, a Secret inside, or a form of its own without the way back. Text inside that is no UTF-8
// is [ErrValue]. What cannot be seen is whether a MarshalJSON or MarshalText with a way back writes all there is,
// and what omitempty and omitzero leave out comes back as zero.
//
// Which type it was is not sealed: after a change between integers and floats, or of a sign, old values open as other
// numbers.
type Column[T any] struct {
	ring  *Ring
	cell  Binding
	codec codec
}

// NewColumn returns a Column, or every fault of cfg joined. Names of card verification values, PINs and track data are
// faults: PCI DSS 3.3.1 forbids to store them, encrypted or not.
func NewColumn[T any](cfg ColumnConfig) (*Column[T], error) {
	f := conf.Faults{Room: "field"}
	f.Check(cfg.Ring != nil, "Ring", nil, "is required")
	checkNames(&f, cfg.Table, "Name", cfg.Name)
	f.Check(cfg.Pad >= 0 && cfg.Pad <= maxPad, "Pad", cfg.Pad, "must be between 0 and 65536")
	c, err := codecFor(reflect.TypeFor[T]())
	if err != nil {
		f.Check(false, "T", nil, err.Error())
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	cell := Bind(cfg.Table, cfg.Name).Pad(cfg.Pad)
	cell.own = cfg.Ring.slots.Add(1)
	return &Column[T]{ring: cfg.Ring, cell: cell, codec: c}, nil
}

const forbidden = "must not be stored after authorization, not even encrypted (PCI DSS 3.3.1)"

func checkNames(f *conf.Faults, table, field, column string) {
	f.Check(isName(table), "Table", table, "must have 1 to 255 bytes")
	checkColumn(f, field, column)
}

func checkColumn(f *conf.Faults, field, column string) {
	f.Check(isName(column), field, column, "must have 1 to 255 bytes")
	f.Check(!isForbidden(column), field, column, forbidden)
}

// isForbidden reports names of sensitive authentication data. A card's verification value is found as one word among
// others; pin and track have other meanings there, and are found alone or with words that leave no other.
func isForbidden(name string) bool {
	var rest []string
	for _, word := range words(name) {
		if strings.HasPrefix(word, "cvv") || strings.HasPrefix(word, "cvc") {
			return true
		}
		switch word {
		case "cav2", "csc", "icvv", "dcvv", "cvn", "cvn2", "cvd", "cvd2", "pvv":
			return true
		case "data", "encrypted", "enc", "sealed", "raw": // of whatever the others say
		default:
			rest = append(rest, word)
		}
	}
	name = strings.Join(rest, "")
	switch name {
	case "cardverificationcode", "cardverificationnumber", "cardvalidationcode", "cardvalidationvalue":
		return true // verification codes without a card are sent by mail
	}
	switch strings.TrimPrefix(name, "card") {
	case "cid", "pin", "pincode", "pinblock", "pinnumber", "userpin", "track", "track1", "track2", "track3", "magstripe",
		"magneticstripe", "securitycode", "verificationvalue":
		return true
	}
	return false
}

// words splits snake_case and camelCase, in lower case.
func words(name string) (list []string) {
	var word []rune
	lower := false
	for _, r := range name + "_" {
		letter := unicode.IsLetter(r) || unicode.IsDigit(r)
		if len(word) > 0 && (!letter || unicode.IsUpper(r) && lower) {
			list, word = append(list, string(word)), word[:0]
		}
		if letter {
			word = append(word, unicode.ToLower(r))
		}
		lower = unicode.IsLower(r)
	}
	return list
}

// Tenant returns the column for one tenant's rows, see [Binding.Tenant].
func (c *Column[T]) Tenant(id string) *Column[T] {
	own := *c
	own.cell = own.cell.Tenant(id)
	return &own
}

// Binding names the cell of a row, for [Ring.Reseal] and its like.
func (c *Column[T]) Binding(row ...Part) Binding {
	b := c.cell
	b.row = row
	return b
}

// Seal seals v for a row. The error is [ErrValue] or one of [Ring.Seal]'s.
func (c *Column[T]) Seal(v T, row ...Part) (Encrypted[T], error) {
	now := c.ring.now()
	if now == nil {
		return Encrypted[T]{}, ErrClosed
	}
	s := c.ring.borrow()
	defer c.ring.giveBack(s)
	plaintext, ok := c.codec.write(s.plain[:0], reflect.ValueOf(&v).Elem())
	s.plain = plaintext
	if !ok {
		return Encrypted[T]{}, ErrValue
	}
	b := c.Binding(row...)
	sealed, err := c.ring.seal(nil, now, &b, plaintext, s)
	return Encrypted[T]{sealed}, err
}

// Open opens what was sealed for the same row. Every error matches [ErrOpen].
func (c *Column[T]) Open(e Encrypted[T], row ...Part) (T, error) {
	var v, none T
	now := c.ring.now()
	if now == nil {
		return v, cannotOpen(0, ErrClosed)
	}
	s := c.ring.borrow()
	defer c.ring.giveBack(s)
	b := c.Binding(row...)
	plaintext, err := c.ring.open(s.plain[:0], now, &b, e.sealed, s)
	if err != nil {
		return v, err
	}
	s.plain = plaintext
	if !c.codec.read(plaintext, reflect.ValueOf(&v).Elem()) {
		info, _ := inspect(e.sealed)
		return none, cannotOpen(info.KeyID, ErrValue) // the column had another type once
	}
	return v, nil
}

// SealNull is [Column.Seal] for a column that may be NULL, which nil stands for and which stays NULL.
func (c *Column[T]) SealNull(v *T, row ...Part) (Null[T], error) {
	if v == nil {
		return Null[T]{}, nil
	}
	e, err := c.Seal(*v, row...)
	return Null[T]{V: e, Valid: err == nil}, err
}

// OpenNull is [Column.Open] for a column that may be NULL. It returns nil for NULL.
func (c *Column[T]) OpenNull(n Null[T], row ...Part) (*T, error) {
	if !n.Valid {
		return nil, nil
	}
	v, err := c.Open(n.V, row...)
	if err != nil {
		return nil, err
	}
	return &v, nil
}

// Reseal is [Ring.Reseal] for a value of the column.
func (c *Column[T]) Reseal(e Encrypted[T], row ...Part) (out Encrypted[T], changed bool, err error) {
	sealed, changed, err := c.ring.Reseal(c.Binding(row...), e.sealed)
	return Encrypted[T]{sealed}, changed, err
}
