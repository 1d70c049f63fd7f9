package field

import "reflect"

// Candidates returns what rows may have stored in an index column when their field is like the one of the example, one value
// for each key that is not disabled, as [Index.Candidates] does: WHERE email_eq IN (…). The column is the field's own, not
// that of its index. The error is [ErrValue] for a column without an index and for NULL, or one of [Index.Value]'s.
//
//	candidates, err := customers.Candidates("email", &customer{Email: "ada@example.com"})
func (t *Table[S]) Candidates(column string, example *S) ([][]byte, error) {
	p, v := t.example(column, example)
	if p == nil {
		return nil, ErrValue
	}
	return p.ix.values(v, true)
}

// Same reports whether the index of a column makes the same of both rows: whether a row that was found and opened is one that
// was searched for.
func (t *Table[S]) Same(column string, a, b *S) bool {
	p, one := t.example(column, a)
	if p == nil {
		return false
	}
	p, other := t.example(column, b)
	return p != nil && p.ix.same(one, other)
}

// example returns the field of a column with its value in v, or nil when there is no index or no value.
func (t *Table[S]) example(column string, v *S) (*rowField, reflect.Value) {
	p := t.field(column, 0)
	if p == nil || p.ix == nil || v == nil {
		return nil, reflect.Value{}
	}
	value, ok := p.value(reflect.ValueOf(v).Elem())
	if !ok {
		return nil, reflect.Value{}
	}
	return p, value
}
