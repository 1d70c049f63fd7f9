package field_test

import (
	"strings"
	"testing"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/secret"
	"github.com/gopalisade/palisade/internal/conf"
)

func tableFault[S any](cfg field.TableConfig) error {
	_, err := field.NewTable[S](cfg)
	return err
}

func TestTableFaults(t *testing.T) {
	ok := field.TableConfig{
		Ring: newRing(t, 0), Table: "cards",
		Transforms: []field.Transform{{Name: "own", Map: func(s string) (string, bool) { return s, true }}},
	}
	type good struct {
		A string `enc:"a,index=eq,own,fold"`
	}
	for _, tc := range []struct {
		name string
		err  error
		want string
	}{
		{"good", tableFault[good](ok), ""},
		{"zero", tableFault[good](field.TableConfig{}), "Ring Table A"},
		{"no struct", tableFault[int](ok), "S"},
		{"no tags", tableFault[address](ok), "S"},
		{"no column", tableFault[struct {
			A string `enc:""`
		}](ok), "A"},
		{"unexported", tableFault[struct {
			a string `enc:"a"`
		}](ok), "a"},
		{"behind a pointer", tableFault[struct{ *contact }](ok), "Phone"},
		{"twice", tableFault[struct {
			A string `enc:"a"`
			B string `enc:"a"`
		}](ok), "B"},
		{"index is another's column", tableFault[struct {
			A string `enc:"a_eq"`
			B string `enc:"a,index=eq"`
		}](ok), "B"},
		{"forbidden column", tableFault[struct {
			Code string `enc:"cvv"`
		}](ok), "Code"},
		{"forbidden field", tableFault[struct {
			CVC2 string `enc:"code"`
		}](ok), "CVC2"},
		{"forbidden, with others", tableFault[struct {
			Pin      string `enc:"a"`
			Track    string `enc:"b"`
			CardCVV2 string `enc:"c"`
		}](ok), "Pin Track CardCVV2"},
		{"channel", tableFault[struct {
			A chan int `enc:"a"`
		}](ok), "A"},
		{"secret inside", tableFault[struct {
			A []secret.String `enc:"a"`
		}](ok), "A"},
		{"index of a bool", tableFault[struct {
			A bool `enc:"a,index=eq"`
		}](ok), "A.Distinct"},
		{"index of a bool, forced", tableFault[struct {
			A bool `enc:"a,index=eq,dangerously-few-values"`
		}](ok), ""},
		{"index of a float", tableFault[struct {
			A *float64 `enc:"a,index=eq"`
		}](ok), "A.T"},
		{"bits", tableFault[struct {
			A string `enc:"a,index=eq,bits=300"`
		}](ok), "A.Bits"},
		{"padding", tableFault[struct {
			A string `enc:"a,pad=70000"`
		}](ok), "A"},
		{"unknown option", tableFault[struct {
			A string `enc:"a,secret"`
		}](ok), "A"},
		{"no number", tableFault[struct {
			A string `enc:"a,pad=x"`
		}](ok), "A"},
		{"signed number", tableFault[struct {
			A string `enc:"a,pad=+8"`
		}](ok), "A"},
		{"empty option", tableFault[struct {
			A string `enc:"a,"`
			B string `enc:"b,,pad=8"`
			C string `enc:"-,"`
		}](ok), "A B C"},
		{"odd names of columns", tableFault[struct {
			A string `enc:" a "`
			B string `enc:"b\"; DROP TABLE x; --"`
			C string `enc:"c\n"`
			D string `enc:"d'"`
			E string `enc:"Größe"`
		}](ok), "A B C D"},
		{"population", tableFault[struct {
			A string `enc:"a,index=eq,population=1000"`
			B string `enc:"b,index=eq,population=10"`
			C string `enc:"c,index=eq,population=-1"`
			D string `enc:"d,population=1000"`
		}](ok), "B.Distinct C D"},
		{"option twice", tableFault[struct {
			A string `enc:"a,pad=8,pad=8"`
		}](ok), "A"},
		{"index without name", tableFault[struct {
			A string `enc:"a,index"`
		}](ok), "A"},
		{"transform with a value", tableFault[struct {
			A string `enc:"a,index=eq,fold=1"`
		}](ok), "A"},
		{"transform without index", tableFault[struct {
			A string `enc:"a,fold"`
			B string `enc:"b,bits=8"`
		}](ok), "A B"},
		{"danger with a value", tableFault[struct {
			A bool `enc:"a,index=eq,dangerously-few-values=no"`
		}](ok), "A"},
	} {
		var got []string
		for _, fault := range conf.All(tc.err) {
			got = append(got, fault.Field)
		}
		if strings.Join(got, " ") != tc.want {
			t.Errorf("%s: got %v, want faults in %s", tc.name, tc.err, tc.want)
		}
	}
}
