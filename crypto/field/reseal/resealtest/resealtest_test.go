package resealtest_test

import (
	"testing"

	"github.com/gopalisade/palisade/crypto/field/reseal/resealtest"
)

func TestMemory(t *testing.T) {
	resealtest.Run(t, func(*testing.T) resealtest.Storage {
		m := new(resealtest.Memory)
		return resealtest.Storage{Rows: m, Put: m.Put, Delete: m.Delete}
	})
}
