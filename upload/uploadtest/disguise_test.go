package uploadtest_test

import (
	"errors"
	"path"
	"testing"

	"github.com/gopalisade/palisade/upload/content"
	"github.com/gopalisade/palisade/upload/uploadtest"
)

func TestDisguises(t *testing.T) {
	count := map[content.Type]int{}
	for name, data := range uploadtest.Disguises() {
		kind, ok := content.ByExtension(path.Ext(name))
		if !ok {
			t.Errorf("%s: no type has this extension", name)
		}
		count[kind]++
		_, err := check(section(data), kind)
		refusal, ok := errors.AsType[*content.Error](err)
		if !ok {
			t.Errorf("%s: got %v, want a refusal", name, err)
			continue
		}
		t.Logf("%-14s %v", name, refusal)
	}
	for _, kind := range types {
		if count[kind] < 3 {
			t.Errorf("%s: got %d disguises, want several", kind, count[kind])
		}
	}
}
