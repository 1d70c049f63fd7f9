package field

import (
	"reflect"
	"slices"

	"github.com/gopalisade/palisade/internal/conf"
)

// TableConfig describes a [Table]. Ring and Table are needed.
type TableConfig struct {
	_ [0]func() // keyed literals only, never comparable

	Ring       *Ring
	Table      string
	Transforms []Transform // that tags may name, beside fold, email and digits, by one word that is no option
}

// Table seals the tagged fields of an S together, which costs two allocations a row. It is safe for concurrent use.
//
//	type customer struct {
//		ID    int64
//		Email string  `enc:"email,index=eq,fold"` // columns email and email_eq
//		Phone *string `enc:"phone,pad=32"`        // nil is NULL
//	}
//
// Further options are bits=20 and population=1000000 for the index, and dangerously-few-values, see [IndexConfig]. Fields
// are encoded as by [Column], with which each column can be read alone. A tag that is not reached, since it stands in a
// struct that is not embedded, or behind a pointer, is a fault; enc:"-" says that a field is stored in clear.
type Table[S any] struct {
	ring    *Ring
	fields  []rowField
	columns []string
}

// NewTable returns a Table, or every fault of cfg and of the tags of S joined.
func NewTable[S any](cfg TableConfig) (*Table[S], error) {
	f := conf.Faults{Room: "field"}
	f.Check(cfg.Ring != nil, "Ring", nil, "is required")
	f.Check(isName(cfg.Table), "Table", cfg.Table, "must have 1 to 255 bytes")
	t := &Table[S]{ring: cfg.Ring, fields: plan(&f, cfg, reflect.TypeFor[S]())}
	if err := f.Err(); err != nil {
		return nil, err
	}
	for i := range t.fields {
		p := &t.fields[i]
		p.cell.own = t.ring.slots.Add(1)
		t.columns = append(t.columns, p.columns()...)
	}
	return t, nil
}

// Columns are the columns of a sealed row, in the order of the fields, each index behind its field.
func (t *Table[S]) Columns() []string { return slices.Clone(t.columns) }

// Warnings are those of the indexes, see [Index.Warnings], each with its column. Log them at start-up.
func (t *Table[S]) Warnings() []string {
	var list []string
	for i := range t.fields {
		if p := &t.fields[i]; p.ix != nil {
			for _, w := range p.ix.warnings {
				list = append(list, p.beside+": "+w)
			}
		}
	}
	return list
}

// Tenant returns the table for one tenant's rows, see [Binding.Tenant].
func (t *Table[S]) Tenant(id string) *Table[S] {
	own := *t
	own.fields = slices.Clone(t.fields)
	for i := range own.fields {
		p := &own.fields[i]
		p.cell = p.cell.Tenant(id)
		if p.ix != nil {
			ix := p.ix.of(id)
			p.ix = &ix
		}
	}
	return &own
}

// Cells returns an empty row to scan into, of some columns or of all when none is given. Names of other columns are
// ignored.
func (t *Table[S]) Cells(columns ...string) Cells {
	var cells Cells
	for i := range t.fields {
		for n, column := range t.fields[i].columns() {
			if len(columns) == 0 || slices.Contains(columns, column) {
				cells = append(cells, Cell{Column: column, index: n > 0})
			}
		}
	}
	return cells
}

// SealRow seals the tagged fields of v for a row. The errors are those of [Column.Seal] and [Index.Value].
func (t *Table[S]) SealRow(v *S, row ...Part) (Cells, error) {
	now := t.ring.now()
	if now == nil {
		return nil, ErrClosed
	}
	s := t.ring.borrow()
	defer t.ring.giveBack(s)
	if v == nil {
		return nil, ErrValue
	}
	value := reflect.ValueOf(v).Elem()
	size, ok := t.encode(value, s)
	if !ok {
		return nil, ErrValue
	}
	// All cells lie in one piece of memory. Each is cut off there, so that to append to one does not overwrite the next.
	out := rowWriter{ring: t.ring, cells: make(Cells, 0, len(t.columns)), arena: make([]byte, 0, size)}
	start := 0
	for i := range t.fields {
		p, end := s.spans[i].field, s.spans[i].end
		if p == nil {
			out.addNull(&t.fields[i])
			continue
		}
		if err := out.add(now, p, value, s.plain[start:end], row, s); err != nil {
			return nil, err
		}
		start = end
	}
	return out.cells, nil
}

// encode writes the plaintexts behind each other, and returns the size of what they will be sealed to.
func (t *Table[S]) encode(row reflect.Value, s *scratch) (size int, ok bool) {
	s.plain, s.spans = s.plain[:0], s.spans[:0]
	for i := range t.fields {
		p, at := &t.fields[i], len(s.plain)
		v, ok := p.value(row)
		if !ok {
			s.spans = append(s.spans, span{end: at})
			continue
		}
		if s.plain, ok = p.codec.write(s.plain, v); !ok {
			return 0, false
		}
		size += p.size(len(s.plain)-at, t.ring.suite)
		s.spans = append(s.spans, span{p, len(s.plain)})
	}
	return size, true
}

// OpenRow opens cells into the tagged fields of v: those of the columns that were scanned, which keep nothing of what they
// held. All other fields are left alone, and index values are passed over. Every error matches [ErrOpen], and leaves v as
// it was.
func (t *Table[S]) OpenRow(cells Cells, v *S, row ...Part) error {
	now := t.ring.now()
	if now == nil {
		return cannotOpen(0, ErrClosed)
	}
	if v == nil {
		return cannotOpen(0, ErrValue)
	}
	s := t.ring.borrow()
	defer t.ring.giveBack(s)
	s.plain, s.spans = s.plain[:0], s.spans[:0]
	values := 0
	for i := range cells {
		c, p := &cells[i], (*rowField)(nil)
		if !c.index {
			p = t.field(c.Column, values)
			values++
		}
		if p != nil && c.Bytes != nil {
			b := p.cell
			b.row = row
			plain, err := t.ring.open(s.plain, now, &b, c.Bytes, s)
			if err != nil {
				return err
			}
			s.plain = plain
		}
		s.spans = append(s.spans, span{p, len(s.plain)})
	}
	return t.decode(cells, v, s)
}

// decode reads the plaintexts. Strings share one piece of memory.
func (t *Table[S]) decode(cells Cells, v *S, s *scratch) error {
	value := reflect.ValueOf(new(S)).Elem() // of nothing, since v may be of another row
	text := ""
	start := 0
	for i := range cells {
		c, p, end := &cells[i], s.spans[i].field, s.spans[i].end
		plaintext := s.plain[start:end]
		switch {
		case c.index || p == nil && t.indexed(c.Column) != nil: // which JSON does not keep
		case p == nil, c.Bytes == nil && !p.null:
			return cannotOpen(0, ErrFormat) // another table's, or NULL where there is none
		case p.codec.raw && c.Bytes != nil:
			if text == "" {
				text = string(s.plain)
			}
			p.target(value).SetString(text[start:end])
		case c.Bytes == nil:
			value.FieldByIndex(p.path).SetZero() // for it may stand there twice
		case !p.codec.read(plaintext, p.target(value)):
			info, _ := inspect(c.Bytes)
			return cannotOpen(info.KeyID, ErrValue)
		}
		start = end
	}
	row := reflect.ValueOf(v).Elem()
	for i := range cells {
		if p := s.spans[i].field; p != nil {
			row.FieldByIndex(p.path).Set(value.FieldByIndex(p.path))
		}
	}
	return nil
}

// field returns the field of a column. Cells mostly stand in the order of the table.
func (t *Table[S]) field(column string, guess int) *rowField {
	if guess < len(t.fields) && t.fields[guess].column == column {
		return &t.fields[guess]
	}
	for i := range t.fields {
		if p := &t.fields[i]; p.column == column {
			return p
		}
	}
	return nil
}
