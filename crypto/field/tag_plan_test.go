package field_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/internal/conf"
)

type (
	place struct {
		Street string `enc:"street"`
	}
	note struct {
		Note string `enc:"note"`
	}
	remark struct {
		Note string `enc:"note"`
	}
	node struct {
		Next  *node
		Names map[string][]node
	}
	Circle struct { // embeds itself
		*Circle
		Text string `enc:"text"`
	}
)

// A tag that seals nothing is told, for the column would stay in clear.
func TestTagsAreReached(t *testing.T) {
	ok := field.TableConfig{Ring: newRing(t, 0), Table: "people"}
	for _, tc := range []struct {
		name string
		err  error
		want string
	}{
		{"embedded", tableFault[struct{ place }](ok), ""},
		{"nested", tableFault[struct {
			Text string `enc:"text"`
			Home place
		}](ok), "Home"},
		{"behind pointers, in lists and maps", tableFault[struct {
			Text  string `enc:"text"`
			Home  **place
			All   []place
			Some  [2]place
			Named map[string]*place
			Below struct{ Home []struct{ place } }
		}](ok), "Home All Some Named Below"},
		{"not exported", tableFault[struct {
			Text string `enc:"text"`
			home place
		}](ok), "home"},
		{"in clear on purpose", tableFault[struct {
			Text string `enc:"text"`
			Home place  `enc:"-"`
		}](ok), ""},
		{"sealed as a whole", tableFault[struct {
			Home place `enc:"home"`
		}](ok), ""},
		{"ambiguous", tableFault[struct {
			Text string `enc:"text"`
			note
			remark
		}](ok), "Note Note"},
		{"hidden", tableFault[struct {
			Text string `enc:"text"`
			note
			Note string
		}](ok), "Note"},
		{"hidden on purpose", tableFault[struct {
			Text string `enc:"text"`
			hiddenNote
			Note string
		}](ok), ""},
		{"of a type in itself", tableFault[struct {
			Text string `enc:"text"`
			Node node
			node
		}](ok), ""},
		{"embeds itself", tableFault[Circle](ok), ""},
	} {
		var got []string
		for _, fault := range conf.All(tc.err) {
			got = append(got, fault.Field)
		}
		if strings.Join(got, " ") != tc.want {
			t.Errorf("%s: got %v, want faults in %q", tc.name, tc.err, tc.want)
		}
	}
}

type hiddenNote struct {
	Note string `enc:"-"`
}

// A name that tags know already would never be used.
func TestNamesOfTransforms(t *testing.T) {
	same := func(s string) (string, bool) { return s, true }
	for _, tc := range []struct {
		name string
		list []field.Transform
		want string
	}{
		{"own", []field.Transform{{Name: "own", Map: same}, {Name: "phone-1", Map: same}}, ""},
		{
			"built in",
			[]field.Transform{{Name: "fold", Map: same}, {Name: "email", Map: same}, {Name: "digits", Map: same}},
			"Transforms[0] Transforms[1] Transforms[2]",
		},
		{"twice", []field.Transform{{Name: "own", Map: same}, {Name: "own", Map: same}}, "Transforms[1]"},
		{"option", []field.Transform{{Name: "pad", Map: same}, {Name: "population", Map: same}}, "Transforms[0] Transforms[1]"},
		{
			"no word",
			[]field.Transform{{Name: "a,b", Map: same}, {Name: "a=b", Map: same}, {Name: "a b", Map: same}},
			"Transforms[0] Transforms[1] Transforms[2]",
		},
		{"incomplete", []field.Transform{{Map: same}, {Name: "own"}}, "Transforms[0] Transforms[1]"},
	} {
		var got []string
		for _, fault := range conf.All(tableFault[place](field.TableConfig{
			Ring: newRing(t, 0), Table: "people", Transforms: tc.list,
		})) {
			got = append(got, fault.Field)
		}
		if strings.Join(got, " ") != tc.want {
			t.Errorf("%s: got %v, want %s", tc.name, got, tc.want)
		}
	}
}

func TestTableWarnings(t *testing.T) {
	type row struct {
		A string `enc:"a,index=eq,bits=256"`
		B string `enc:"b,index=eq,bits=18,population=1000000"`
		C string `enc:"c,index=eq,population=1000000"`
		D string `enc:"d"`
	}
	got := tableOf[row](t, newRing(t, 0)).Warnings()
	want := []string{
		"a_eq: the population is unknown: 256 bits may let equal rows be recognised",
		"c_eq: 18 bits follow from the population: set Bits to it, since rows are not found with another length",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
