package field_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/crypto/field"
)

// The keyed hash of an index is kept for the next call, without what it has hashed.
func TestHashForgets(t *testing.T) {
	const text = "ada@example.com"
	for range 3 {
		if at := find(reflect.ValueOf(field.UsedMAC(newKey(), text)), text, "mac", 0); at != "" {
			t.Errorf("plaintext stays at %s", at)
		}
	}
}

// find returns where the bytes of text are, in what v leads to.
func find(v reflect.Value, text, path string, depth int) string {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() && depth < 12 {
			return find(v.Elem(), text, path, depth+1)
		}
	case reflect.Struct:
		for sf, inner := range v.Fields() {
			if at := find(inner, text, path+"."+sf.Name, depth+1); at != "" {
				return at
			}
		}
	case reflect.Array, reflect.Slice:
		if v.Type().Elem().Kind() != reflect.Uint8 {
			return ""
		}
		var held strings.Builder
		for i := range v.Len() {
			held.WriteByte(byte(v.Index(i).Uint()))
		}
		if strings.Contains(held.String(), text) {
			return path
		}
	}
	return ""
}
