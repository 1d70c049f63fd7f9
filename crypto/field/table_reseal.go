package field

import (
	"bytes"
	"reflect"
	"slices"
)

// SealedBy returns the key that sealed the cell, which its header names, and 0 for NULL and for the value of an index. The
// error matches [ErrFormat] and [ErrOpen].
func (c Cell) SealedBy() (KeyID, error) {
	if c.index || c.Bytes == nil {
		return 0, nil
	}
	info, err := Inspect(c.Bytes)
	return info.KeyID, err
}

// Reseal is [Ring.Reseal] for the cells of a row that were scanned: it opens every sealed value, seals again those that need
// it, and computes the index values that differ under the primary key. NULL stays NULL, and its index becomes it. It returns
// a copy in which only the cells that changed are new, or cells itself and false when none did.
//
// The error matches [ErrOpen] when a value cannot be opened, and [ErrFormat] as well when a column is not the table's, or a
// value was scanned without its index, which would stay under the old key, or the other way round; it is [ErrValue] when the value cannot be indexed any more, and [ErrExhausted].
func (t *Table[S]) Reseal(cells Cells, row ...Part) (out Cells, changed bool, err error) {
	now := t.ring.now()
	if now == nil {
		return nil, false, cannotOpen(0, ErrClosed)
	}
	s := t.ring.borrow()
	defer t.ring.giveBack(s)
	s.plain = s.plain[:0]
	w := rowResealer{ring: t.ring, now: now, scratch: s, cells: cells, row: row}
	var decoded reflect.Value // an S, for the values of indexes
	for i := range cells {
		p := t.field(cells[i].Column, i)
		isIndex := cells[i].index || p == nil // which JSON does not keep
		if isIndex {
			p = t.indexed(cells[i].Column)
		}
		if p == nil || cells.Get(p.column) == nil || p.ix != nil && cells.Get(p.beside) == nil {
			return nil, false, cannotOpen(0, ErrFormat)
		}
		if isIndex {
			continue // with its value
		}
		if p.ix != nil && !decoded.IsValid() {
			decoded = reflect.ValueOf(new(S)).Elem()
		}
		if err := w.cell(i, p, decoded); err != nil {
			return nil, false, err
		}
	}
	return w.cells, w.changed, nil
}

// indexed returns the field whose index has the column.
func (t *Table[S]) indexed(column string) *rowField {
	for i := range t.fields {
		if p := &t.fields[i]; p.ix != nil && p.beside == column {
			return p
		}
	}
	return nil
}

// rowResealer is a row that is being sealed again, under one snapshot of the ring.
type rowResealer struct {
	ring    *Ring
	now     *snapshot
	scratch *scratch
	cells   Cells // the caller's until something changes
	row     []Part
	changed bool
	arena   []byte
}

// cell works on the sealed value at i, and on its index.
func (w *rowResealer) cell(i int, p *rowField, decoded reflect.Value) error {
	if w.cells[i].Bytes == nil {
		w.setIndex(p, nil)
		return nil
	}
	b, s := p.cell, w.scratch
	b.row = w.row
	padded, info, err := w.ring.appendOpen(s.text[:0], w.now, &b, w.cells[i].Bytes, s)
	if err != nil {
		return err
	}
	s.text = padded
	defer clear(padded) // what follows it may be shorter
	text := padded
	if info.Padded {
		n, ok := unpad(padded)
		if !ok {
			return cannotOpen(info.KeyID, ErrFormat)
		}
		text = padded[:n]
	}
	if p.ix != nil {
		v := p.target(decoded)
		if !p.codec.read(text, v) {
			return cannotOpen(info.KeyID, ErrValue) // the column had another type once
		}
		value, err := p.appendIndex(nil, w.now.primary, v, s)
		if err != nil {
			return err
		}
		w.setIndex(p, value)
	}
	if !w.ring.isStale(w.now, info) {
		return nil
	}
	return w.seal(i, &b, padded, info.Padded)
}

func (w *rowResealer) seal(i int, b *Binding, padded []byte, isPadded bool) error {
	if w.arena == nil { // one piece of memory for all cells, which are not much longer than they were
		size := 0
		for i := range w.cells {
			size += len(w.cells[i].Bytes) + saltSize + commitSize
		}
		w.arena = make([]byte, 0, size)
	}
	at := len(w.arena)
	arena, err := w.ring.appendSeal(w.arena, w.now.primary, b, padded, isPadded, w.scratch)
	if err != nil {
		return err
	}
	w.arena = arena
	w.set(i, arena[at:len(arena):len(arena)])
	return nil
}

// setIndex changes the cell of the index, if there is one, it was scanned, and it differs.
func (w *rowResealer) setIndex(p *rowField, value []byte) {
	for i := range w.cells {
		c := &w.cells[i]
		if p.ix == nil || c.Column != p.beside {
			continue
		}
		if !bytes.Equal(c.Bytes, value) || (c.Bytes == nil) != (value == nil) {
			w.set(i, value)
		}
	}
}

// set changes a cell of the copy, which it makes the first time.
func (w *rowResealer) set(i int, b []byte) {
	if !w.changed {
		w.cells, w.changed = slices.Clone(w.cells), true
	}
	w.cells[i].Bytes = b
}
