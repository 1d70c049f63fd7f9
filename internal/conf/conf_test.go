package conf_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/gopalisade/palisade/internal/conf"
)

func TestFaults(t *testing.T) {
	f := conf.Faults{Room: "room"}
	f.Check(true, "Fine", 1, "must not be seen")
	if err := f.Err(); err != nil {
		t.Errorf("got %v, want nil", err)
	}
	f.Check(false, "A", 7, "must be even")
	f.Check(false, "B", "x\ny", "is odd")
	f.Check(false, "C", nil, "is required")
	inner := conf.Faults{Room: "inner"}
	inner.Check(false, "D", nil, "is required")
	f.Add(nil)
	f.Add(fmt.Errorf("wrapped: %w", inner.Err()))
	f.Add(errors.New("no fault"))
	want := "room: A 7 must be even\nroom: B \"x\\ny\" is odd\nroom: C is required\nwrapped: inner: D is required\nno fault"
	if got := f.Err().Error(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	all := conf.All(f.Err())
	if len(all) != 4 || all[3].Room != "inner" || all[0].Value != 7 || conf.All(nil) != nil {
		t.Errorf("got %v", all)
	}
}

func TestDefault(t *testing.T) {
	zero, set := 0, 7
	conf.Default(&zero, 3)
	conf.Default(&set, 3)
	if zero != 3 || set != 7 {
		t.Errorf("got %d and %d, want 3 and 7", zero, set)
	}
}
