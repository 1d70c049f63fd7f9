package field

import (
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"reflect"
	"slices"
	"unicode/utf8"

	"github.com/gopalisade/palisade/internal/conf"
)

// IndexConfig describes an [Index]. Ring, Table, Column and Name are needed.
type IndexConfig struct {
	_ [0]func() // keyed literals only, never comparable

	Ring   *Ring
	Table  string
	Column string
	Name   string // of the index, for columns that have several

	Transforms []Transform // applied in this order to text; none
	// Bits of one index value, 1 to 256; as Population and Distinct advise, else 16. Set it once there are rows: whoever
	// changes it, or the Population that it follows from, does not find the rows from before.
	Bits int

	Population int // rows that the table will have; unknown
	Distinct   int // different values among them; Population

	// DangerouslyFewValues allows an index over a bool, an 8-bit number or fewer than 64 different values. Whoever reads
	// the database counts how often each index value occurs, and knows from that which one means "yes": the column
	// might as well be in clear.
	DangerouslyFewValues bool
}

// Index makes a sealed column searchable for equality: beside the sealed value, a row stores [Index.Value], a keyed hash
// that is cut off. With no more bits than [PlanIndex] advises, different values share one and the database cannot tell which;
// with more, rows that are equal can be seen to be. A search asks for rows with any of [Index.Candidates], opens them, and
// drops those that are not [Index.Same]. It is safe for concurrent use.
//
// A row's value is computed with the primary key: whoever reseals a row stores its index values again.
type Index[T any] struct{ index }

// index is an Index of any type.
type index struct {
	ring       *Ring
	scope      scope
	refused    bool // the tenant that was given is none
	bits       int
	codec      codec
	transforms []Transform
	warnings   []string
	last       *place
}

// NewIndex returns an Index, or every fault of cfg joined. Floats, and types that are sealed as JSON, cannot be indexed:
// equal ones have more than one form.
func NewIndex[T any](cfg IndexConfig) (*Index[T], error) {
	f := conf.Faults{Room: "field"}
	f.Check(cfg.Ring != nil, "Ring", nil, "is required")
	checkNames(&f, cfg.Table, "Column", cfg.Column)
	c, err := codecFor(reflect.TypeFor[T]())
	if err != nil {
		f.Check(false, "T", nil, err.Error())
	}
	ix := newIndex(&f, "", cfg, c)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return &Index[T]{ix}, nil
}

// newIndex checks what concerns the index alone. The prefix stands before the fields at fault.
func newIndex(f *conf.Faults, prefix string, cfg IndexConfig, c codec) index {
	f.Check(isName(cfg.Name), prefix+"Name", cfg.Name, "must have 1 to 255 bytes")
	f.Check(c.exact || c.write == nil, prefix+"T", nil, "is a float or sealed as JSON, and has more than one form")
	f.Check(cfg.Bits >= 0 && cfg.Bits <= 256, prefix+"Bits", cfg.Bits, "must be between 1 and 256")
	f.Check(cfg.Population >= 0, prefix+"Population", cfg.Population, "must not be negative")
	f.Check(cfg.Distinct >= 0, prefix+"Distinct", cfg.Distinct, "must not be negative")
	conf.Default(&cfg.Distinct, cfg.Population)
	few := c.small || cfg.Distinct > 0 && cfg.Distinct < fewValues
	f.Check(!few || cfg.DangerouslyFewValues, prefix+"Distinct", nil,
		"is so small that the index tells the values; see DangerouslyFewValues")
	f.Check(len(cfg.Transforms) == 0 || c.text != nil || c.write == nil, prefix+"Transforms", nil, "are for text")
	name := appendPrefixed(nil, cfg.Name)
	for i, tr := range cfg.Transforms {
		f.Check(isName(tr.Name) && tr.Map != nil, fmt.Sprintf("%sTransforms[%d]", prefix, i), tr.Name, "needs Name and Map")
		name = binary.BigEndian.AppendUint32(appendPrefixed(name, tr.Name), tr.Version)
	}
	ix := index{
		ring: cfg.Ring, last: new(place), codec: c, transforms: slices.Clone(cfg.Transforms),
		scope: scope{table: cfg.Table, column: cfg.Column, index: string(name)},
	}
	ix.bits, ix.warnings = chooseBits(cfg)
	return ix
}

// chooseBits returns the bits of an index, and what there is to say about them.
func chooseBits(cfg IndexConfig) (length int, warnings []string) {
	length = cfg.Bits
	if cfg.Population < 1 {
		conf.Default(&length, defaultBits)
		return length, []string{fmt.Sprintf("the population is unknown: %d bits may let equal rows be recognised", length)}
	}
	plan := PlanIndex(cfg.Population, cfg.Distinct)
	if length == 0 && plan.MaxBits > 0 {
		length = plan.MaxBits
		plan.warn("%d bits follow from the population: set Bits to it, since rows are not found with another length", length)
	}
	conf.Default(&length, defaultBits)
	return length, plan.check(length)
}

// Warnings are what there is against the index: what [PlanIndex] says, that it cannot say anything since the population is
// unknown, or that Bits were not set. Log them at start-up.
func (ix *Index[T]) Warnings() []string { return slices.Clone(ix.warnings) }

// Bits is the length of an index value, which is stored in (Bits+7)/8 bytes.
func (ix *Index[T]) Bits() int { return ix.bits }

// Tenant returns the index over one tenant's rows, see [Binding.Tenant].
func (ix *Index[T]) Tenant(id string) *Index[T] {
	own := *ix
	own.index = own.of(id)
	return &own
}

// Value returns what to store beside the sealed v. The error is [ErrValue] when v is not text or a transform refuses it,
// [ErrTooLarge], [ErrBinding] or [ErrClosed].
func (ix *Index[T]) Value(v T) ([]byte, error) {
	values, err := ix.values(reflect.ValueOf(&v).Elem(), false)
	if err != nil {
		return nil, err
	}
	return values[0], nil
}

// Candidates returns what rows with v may have stored, one value for each key that is not disabled, the primary's first:
// while a rotation is under way, rows of both keys are found. The errors are those of [Index.Value].
func (ix *Index[T]) Candidates(v T) ([][]byte, error) {
	return ix.values(reflect.ValueOf(&v).Elem(), true)
}

// Same reports whether the transforms make the same of both: whether a row that was found is one that was searched for.
func (ix *Index[T]) Same(a, b T) bool {
	return ix.same(reflect.ValueOf(&a).Elem(), reflect.ValueOf(&b).Elem())
}

func (ix *index) same(a, b reflect.Value) bool {
	one, ok := ix.canonical(nil, a)
	other, also := ix.canonical(nil, b)
	return ok && also && subtle.ConstantTimeCompare(one, other) == 1
}

func (ix index) of(tenant string) index {
	ix.scope.tenant, ix.refused, ix.last = tenant, !isName(tenant), new(place)
	return ix
}

// values returns the index values under the primary, or under all keys.
func (ix *index) values(v reflect.Value, all bool) ([][]byte, error) {
	now := ix.ring.now()
	if now == nil {
		return nil, ErrClosed
	}
	s := ix.ring.borrow()
	defer ix.ring.giveBack(s)
	text, ok := ix.canonical(s.plain[:0], v)
	s.plain = text
	if !ok {
		return nil, ErrValue
	}
	keys := []*ringKey{now.primary}
	for _, e := range now.entries {
		if all && e.state == Active {
			keys = append(keys, e.key)
		}
	}
	list := make([][]byte, len(keys))
	for i, k := range keys {
		value, err := ix.append(nil, k, text)
		if err != nil {
			return nil, err
		}
		list[i] = value
	}
	return list, nil
}

// canonical appends what is hashed.
func (ix *index) canonical(dst []byte, v reflect.Value) ([]byte, bool) {
	switch {
	case ix.codec.write == nil: // the zero Index
		return dst, false
	case len(ix.transforms) == 0:
		return ix.codec.write(dst, v)
	}
	text := ix.codec.text(v)
	ok := utf8.ValidString(text)
	for i := 0; ok && i < len(ix.transforms); i++ {
		text, ok = ix.transforms[i].Map(text)
	}
	return append(dst, text...), ok
}

// append appends the index value of a canonical text under one key.
func (ix *index) append(dst []byte, k *ringKey, text []byte) ([]byte, error) {
	switch {
	case ix.refused:
		return nil, ErrBinding
	case len(text) > ix.ring.maxPlaintext:
		return nil, ErrTooLarge
	}
	sk := ix.last.find(k)
	if sk == nil {
		var err error
		if sk, err = ix.ring.subkey(k, &ix.scope); err != nil {
			return nil, err
		}
		ix.last.sk.Store(sk)
	}
	ix.ring.cache.touch(sk)
	m := sk.macs.Get().(*mac)
	m.Write(text)
	m.sum = m.Sum(m.sum[:0])
	m.Reset()
	dst = append(dst, m.sum[:ix.size()]...)
	sk.macs.Put(m)
	if spare := 8*ix.size() - ix.bits; spare > 0 {
		dst[len(dst)-1] &= 0xFF << spare
	}
	return dst, nil
}

func (ix *index) size() int { return (ix.bits + 7) / 8 }
