package validate

import (
	"reflect"
)

// defaultValue reads the default of a field and judges it by the field's own rules: what a client may not send must not
// stand in for what it did not.
func (c *compiler) defaultValue(f *field, t reflect.Type, text, where string) {
	n := f.node.value()
	switch {
	case f.required || f.present:
		c.fault(where, "has a default that is never used: it is required")
		return
	case n.kind > kindText, n.kind == kindBytes, f.node != n:
		c.fault(where, "cannot have a default: only plain text, numbers, bools and types that read text can, no pointers")
		return
	}
	v := reflect.New(t).Elem()
	s := &state{plan: &plan{cfg: *c.cfg}, in: inForm}
	s.setParam(f.node, v, text)
	if len(s.faults) > 0 || s.stop != nil {
		code := "panic"
		if len(s.faults) > 0 {
			code = s.faults[0].Code
		}
		c.fault(where, "default %q breaks its own rule %s", text, code)
		return
	}
	if n.kind == kindText {
		f.defText = []byte(text)
		return
	}
	f.def = v
}
