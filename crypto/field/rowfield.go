package field

import "reflect"

// rowField is a field of a struct that is sealed.
type rowField struct {
	path   []int
	null   bool // a pointer, of which nil is NULL
	cell   Binding
	codec  codec
	column string
	ix     *index // with its column, or nil
	beside string
}

// columns are those of the value and its index.
func (p *rowField) columns() []string {
	if p.ix == nil {
		return []string{p.column}
	}
	return []string{p.column, p.beside}
}

// value returns the field's value of a struct, and false for NULL.
func (p *rowField) value(row reflect.Value) (reflect.Value, bool) {
	v := row.FieldByIndex(p.path)
	if !p.null {
		return v, true
	}
	return v.Elem(), !v.IsNil()
}

// target returns where to read a value that is not NULL, making room behind a pointer.
func (p *rowField) target(row reflect.Value) reflect.Value {
	v := row.FieldByIndex(p.path)
	if !p.null {
		return v
	}
	v.Set(reflect.New(v.Type().Elem()))
	return v.Elem()
}

// size is what n bytes of plaintext take when they are sealed, with their index.
func (p *rowField) size(n int, suite Suite) int {
	if p.cell.location != nil && p.cell.pad > 0 { // nil for a tenant without a name, and nothing is sealed then
		n = paddedLen(n, p.cell.pad)
	}
	n += suite.overhead()
	if p.ix != nil {
		n += p.ix.size()
	}
	return n
}

// rowWriter is a row that is being sealed.
type rowWriter struct {
	ring  *Ring
	cells Cells
	arena []byte
}

// addNull adds the cells of a field that is NULL.
func (w *rowWriter) addNull(p *rowField) {
	w.put(p.column, nil, false)
	if p.ix != nil {
		w.put(p.beside, nil, true)
	}
}

// add seals one field of a row into a cell or two.
func (w *rowWriter) add(now *snapshot, p *rowField, value reflect.Value, plaintext []byte, row []Part, s *scratch) error {
	b := p.cell
	b.row = row
	at := len(w.arena)
	arena, err := w.ring.seal(w.arena, now, &b, plaintext, s)
	if err != nil {
		return err
	}
	w.put(p.column, arena[at:len(arena):len(arena)], false)
	if p.ix != nil {
		at = len(arena)
		v, _ := p.value(value)
		if arena, err = p.appendIndex(arena, now.primary, v, s); err != nil {
			return err
		}
		w.put(p.beside, arena[at:len(arena):len(arena)], true)
	}
	w.arena = arena
	return nil
}

func (w *rowWriter) put(column string, b []byte, index bool) {
	w.cells = append(w.cells, Cell{Column: column, Bytes: b, index: index})
}

func (p *rowField) appendIndex(dst []byte, k *ringKey, v reflect.Value, s *scratch) ([]byte, error) {
	at := len(s.plain)
	text, ok := p.ix.canonical(s.plain, v)
	s.plain = text // to be cleared
	if !ok {
		return nil, ErrValue
	}
	return p.ix.append(dst, k, text[at:])
}
