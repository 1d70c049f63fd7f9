package vault_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"text/template"

	"github.com/gopalisade/palisade/crypto/vault"
	"github.com/gopalisade/palisade/internal/racing"
	"github.com/gopalisade/palisade/problem"
)

func TestParsePAN(t *testing.T) {
	const visa = "4111111111111111"
	for _, tc := range []struct{ name, text, want string }{
		{"digits", visa, visa},
		{"spaces", "4111 1111 1111 1111", visa},
		{"hyphens", "4111-1111-1111-1111", visa},
		{"both", "4111-1111 1111 1111", visa},
		{"groups of an amex", "3782 822463 10005", "378282246310005"},
		{"a separator between all digits", strings.Join(strings.Split("6304000000000000000", ""), "-"), "6304000000000000000"},
		{"12 digits", "676770000005", "676770000005"},
		{"13 digits", "4222222222222", "4222222222222"},
		{"zeros first", "0000000000000018", "0000000000000018"},
		{"empty", "", ""},
		{"separator only", " ", ""},
		{"11 digits", "40000000006", ""},
		{"20 digits", "41111111111111111115", ""},
		{"wrong check digit", "4111111111111112", ""},
		{"all zeros", "0000000000000000", ""},
		{"two spaces", "4111  111111111111", ""},
		{"space and hyphen", "4111 -111111111111", ""},
		{"space first", " 4111111111111111", ""},
		{"hyphen first", "-4111111111111111", ""},
		{"space last", "4111111111111111 ", ""},
		{"newline last", "4111111111111111\n", ""},
		{"tab", "4111\t111111111111", ""},
		{"dot", "4111.1111.1111.1111", ""},
		{"no-break space", "4111\u00a01111\u00a01111\u00a01111", ""},
		{"fullwidth digit", "411111111111111\uff11", ""},
		{"arabic digits", strings.Repeat("\u0664", 16), ""},
		{"non-breaking hyphen", "4111\u2011111111111111", ""},
		{"letter", "411111111111111l", ""},
		{"letter O", "4O00000000000002", ""},
		{"zero byte", "4111111111111111\x00", ""},
		{"sign", "+4111111111111111", ""},
		{"exponent", "4.111111111111111e15", ""},
		{"track 2", "4111111111111111=25121010000000000000", ""},
		{"megabyte", strings.Repeat("4", 1<<20), ""},
		{"megabyte of spaces", visa + strings.Repeat(" ", 1<<20), ""},
	} {
		pan, err := vault.ParsePAN(tc.text)
		if pan.Reveal() != tc.want || errors.Is(err, vault.ErrPAN) != (tc.want == "") {
			t.Errorf("%s: got %q, %v, want %q", tc.name, pan.Reveal(), err, tc.want)
		}
		if err != nil && (err.Error() != vault.ErrPAN.Error() || pan.IsZero() != true) {
			t.Errorf("%s: the error says more than it may: %v", tc.name, err)
		}
		again := parsedAsText(tc.text)
		if again != tc.want {
			t.Errorf("%s: as text: got %q, want %q", tc.name, again, tc.want)
		}
	}
	p := problem.Of(fmt.Errorf("order 7: %w", vault.ErrPAN))
	if p.Status != 422 || p.Code != "card_number_invalid" {
		t.Errorf("got %d %s, want 422 card_number_invalid", p.Status, p.Code)
	}
}

func parsedAsText(text string) string {
	var pan vault.PAN
	_ = pan.UnmarshalText([]byte(text))
	return pan.Reveal()
}

// A check digit is there for typing mistakes: all of one digit, and of two neighbours all but 09 and 90.
func TestLuhn(t *testing.T) {
	for _, digits := range []string{
		number, "378282246310005", "676770000005", "6304000000000000000", "4090909090909" + check("4090909090909"),
		"512345678909876" + check("512345678909876"),
	} {
		parse(t, digits)
		for i := range len(digits) {
			for d := byte('0'); d <= '9'; d++ {
				changed := digits[:i] + string(d) + digits[i+1:]
				if _, err := vault.ParsePAN(changed); (err == nil) != (changed == digits) {
					t.Errorf("digit %d of %s as %c: got %v", i, digits, d, err)
				}
			}
			if i == 0 {
				continue
			}
			pair := digits[i-1 : i+1]
			changed := digits[:i-1] + pair[1:] + pair[:1] + digits[i+1:]
			unseen := pair == "09" || pair == "90" || pair[0] == pair[1]
			if _, err := vault.ParsePAN(changed); (err == nil) != unseen {
				t.Errorf("%s with %s turned round at %d: got %v, want accepted %t", digits, pair, i, err, unseen)
			}
		}
	}
}

func TestParseUnionPay(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		ok         bool
	}{
		{"right", "6200 0000 0000 0005", true},
		{"wrong check digit", "6200 0000 0000 0004", true},
		{"of 81", "8100 0000 0000 0001", true},
		{"19 digits", "6200000000000000001", true},
		{"15 digits", "620000000000000", false},
		{"20 digits", "62000000000000000001", false},
		{"visa", "4111 1111 1111 1111", false},
		{"letters", "62000000000000xx", false},
		{"empty", "", false},
	} {
		pan, err := vault.ParseUnionPay(tc.text)
		if (err == nil) != tc.ok || pan.IsZero() == tc.ok || !tc.ok && !errors.Is(err, vault.ErrPAN) {
			t.Errorf("%s: got %v, %v, want accepted %t", tc.name, pan, err, tc.ok)
		}
	}
	if _, err := vault.ParsePAN("6200 0000 0000 0004"); err == nil {
		t.Error("ParsePAN forgives a wrong check digit")
	}
}

func TestBrand(t *testing.T) {
	for _, tc := range []struct {
		start  string
		digits int
		want   string
	}{
		{"4", 13, "visa"},
		{"4", 16, "visa"},
		{"4", 19, "visa"},
		{"4", 14, ""},
		{"50", 16, ""},
		{"51", 16, "mastercard"},
		{"55", 16, "mastercard"},
		{"55", 15, ""},
		{"2220", 16, ""},
		{"2221", 16, "mastercard"},
		{"2720", 16, "mastercard"},
		{"2721", 16, ""},
		{"34", 15, "amex"},
		{"37", 15, "amex"},
		{"35", 15, ""},
		{"37", 16, ""},
		{"6011", 16, "discover"},
		{"6012", 16, ""},
		{"643", 16, ""},
		{"644", 16, "discover"},
		{"65", 19, "discover"},
		{"66", 16, ""},
		{"300", 14, "diners"},
		{"305", 16, "diners"},
		{"306", 14, ""},
		{"3095", 14, "diners"},
		{"36", 14, "diners"},
		{"39", 19, "diners"},
		{"36", 13, ""},
		{"3527", 16, ""},
		{"3528", 16, "jcb"},
		{"3589", 16, "jcb"},
		{"3590", 16, ""},
		{"62", 16, "unionpay"},
		{"622126", 16, "unionpay"},
		{"81", 19, "unionpay"},
		{"82", 16, ""},
		{"5018", 12, "maestro"},
		{"5020", 19, "maestro"},
		{"5038", 13, "maestro"},
		{"56", 16, "maestro"},
		{"58", 18, "maestro"},
		{"6304", 15, "maestro"},
		{"67", 17, "maestro"},
		{"2200", 16, "mir"},
		{"2204", 19, "mir"},
		{"2205", 16, ""},
		{"9", 16, ""},
		{"1", 15, ""},
	} {
		digits := tc.start + strings.Repeat("0", tc.digits-1-len(tc.start))
		if got := parse(t, digits+check(digits)).Brand(); got != tc.want {
			t.Errorf("%s… of %d digits: got %q, want %q", tc.start, tc.digits, got, tc.want)
		}
	}
	if got := (vault.PAN{}).Brand(); got != "" {
		t.Errorf("zero: got %q, want none", got)
	}
}

func TestMasks(t *testing.T) {
	for _, tc := range []struct{ name, digits, last, masked, six, eight string }{
		{"19", "6304012345678901237", "1237", "***************1237", "630401*********1237", "63040123*******1237"},
		{"16", number, "0668", "************0668", "400005******0668", "40000573****0668"},
		{"15", "378282246310005", "0005", "***********0005", "378282*****0005", "378282*****0005"},
		{"14", "30569309025904", "5904", "**********5904", "305693****5904", "305693****5904"},
		{"13", "4222222222222", "2222", "*********2222", "*********2222", "*********2222"},
		{"12", "676770000005", "0005", "********0005", "********0005", "********0005"},
		{"none", "", "", "", "", ""},
	} {
		var pan vault.PAN
		if tc.digits != "" {
			pan = parse(t, tc.digits)
		}
		got := []string{pan.Last4(), pan.Masked(), pan.MaskBIN(6), pan.MaskBIN(8)}
		if want := []string{tc.last, tc.masked, tc.six, tc.eight}; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %q, want %q", tc.name, got, want)
		}
		for bin := -2; bin < 25; bin++ {
			if mask := pan.MaskBIN(bin); len(mask) != len(tc.digits) || bin != 6 && bin != 8 && mask != tc.masked {
				t.Errorf("%s: MaskBIN(%d): got %q", tc.name, bin, mask)
			}
		}
	}
}

func TestEqual(t *testing.T) {
	a, b, other := parse(t, number), parse(t, "4000-0573-8203-0668"), parse(t, "4111111111111111")
	if !a.Equal(b) || a.Equal(other) || a.Equal(vault.PAN{}) || (vault.PAN{}).Equal(vault.PAN{}) {
		t.Error("equal numbers differ, or others are equal")
	}
	if reflect.TypeFor[vault.PAN]().Comparable() {
		t.Error("== compares in variable time")
	}
}

// holder has a number wherever a printer may look for it.
type holder struct {
	Pub   vault.PAN
	Ptr   *vault.PAN
	List  []vault.PAN
	Map   map[string]vault.PAN
	Any   any
	priv  vault.PAN
	inner struct{ deep *vault.PAN }
}

func TestPrintsMasked(t *testing.T) {
	pan := parse(t, number)
	h := holder{pan, &pan, []vault.PAN{pan}, map[string]vault.PAN{"k": pan}, pan, pan, struct{ deep *vault.PAN }{&pan}}
	var all []string
	for _, v := range []any{pan, &pan, []vault.PAN{pan}, h, &h, []any{h}} {
		for verb := range strings.FieldsSeq("%v %+v %#v %s %q %x %X %d %o %e %U %t %c %p %T %20v %-5.3s") {
			all = append(all, fmt.Sprintf(verb, v))
		}
		all = append(all, fmt.Sprint(v), fmt.Errorf("card %v", v).Error())
		for _, handler := range []func(*bytes.Buffer) slog.Handler{
			func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
			func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
		} {
			var b bytes.Buffer
			slog.New(handler(&b)).With("w", v).Info("x", "v", v, slog.Group("g", "v", v))
			all = append(all, b.String())
		}
		j, err := json.Marshal(v)
		if err != nil {
			t.Error(err)
		}
		all = append(all, string(j))
		var b strings.Builder
		if err := template.Must(template.New("").Parse("{{.}} {{printf `%#v` .}}")).Execute(&b, v); err != nil {
			t.Error(err)
		}
		all = append(all, b.String(), recovered(v))
	}
	x, err := xml.Marshal(element{pan, pan})
	if err != nil {
		t.Error(err)
	}
	var g bytes.Buffer
	if err := gob.NewEncoder(&g).Encode(struct{ P vault.PAN }{pan}); err == nil {
		t.Error("gob took a number")
	}
	all = append(all, string(x), g.String(), walk(reflect.ValueOf(h), 0))
	for _, text := range all {
		for i := range len(number) - 7 {
			if strings.Contains(text, number[i:i+8]) || strings.Contains(text, fmt.Sprintf("%x", number[i:i+8])) {
				t.Fatalf("the number shows: %s", text)
			}
		}
	}
	if got := fmt.Sprintf("%s %d", pan, pan); got != "************0668 ************0668" {
		t.Errorf("got %q, want it masked", got)
	}
	j, err := json.Marshal(map[string]any{"n": pan})
	if err != nil || string(j) != `{"n":"************0668"}` {
		t.Errorf("got %s, %v, want it masked", j, err)
	}
}

type element struct {
	A vault.PAN `xml:"a,attr"`
	E vault.PAN
}

func recovered(v any) (text string) {
	defer func() { text = fmt.Sprint(recover()) }()
	panic(v)
}

// walk prints what reflection finds, fields that are not exported too, as printers for tests do.
func walk(v reflect.Value, depth int) string {
	if depth > 12 || !v.IsValid() {
		return ""
	}
	var b strings.Builder
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		b.WriteString(walk(v.Elem(), depth+1))
	case reflect.Struct:
		for i := range v.NumField() {
			b.WriteString(v.Type().Field(i).Name + ":" + walk(v.Field(i), depth+1) + " ")
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			b.WriteString(walk(v.Index(i), depth+1))
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			b.WriteString(walk(v.MapIndex(k), depth+1))
		}
	default:
		b.WriteString(fmt.Sprint(v))
	}
	return b.String()
}

func TestReadsItself(t *testing.T) {
	var in struct{ N vault.PAN }
	for _, tc := range []struct{ name, json, want string }{
		{"digits", `{"N":"` + number + `"}`, number},
		{"groups", `{"N":"4000 0573 8203 0668"}`, number},
		{"escaped", `{"N":"\u0034000057382030668"}`, number},
		{"null", `{"N":null}`, ""},
		{"number", `{"N":` + number + `}`, ""},
		{"long number", `{"N":` + number + number + `}`, ""},
		{"masked", `{"N":"************0668"}`, ""},
		{"wrong", `{"N":"4000057382030669"}`, ""},
		{"object", `{"N":{"digits":"` + number + `"}}`, ""},
		{"list", `{"N":["` + number + `"]}`, ""},
	} {
		in.N = vault.PAN{}
		err := json.Unmarshal([]byte(tc.json), &in)
		if in.N.Reveal() != tc.want || (err == nil) != (tc.want != "" || tc.name == "null") {
			t.Errorf("%s: got %v, %v, want %q", tc.name, in.N, err, tc.want)
		}
		if err != nil && strings.Contains(err.Error(), "57382030") {
			t.Errorf("%s: the error repeats the number: %v", tc.name, err)
		}
	}
	in.N = parse(t, number)
	if err := in.N.UnmarshalText([]byte("4111")); err == nil || in.N.Reveal() != number {
		t.Errorf("a refused text changed the number: %v, %v", in.N, err)
	}
}

func TestParseAllocates(t *testing.T) {
	if racing.Enabled {
		t.Skip("the race detector allocates")
	}
	if got := testing.AllocsPerRun(100, func() { _, _ = vault.ParsePAN("4000 0573 8203 0668") }); got > 2 {
		t.Errorf("got %v allocations, want the digits and their closure", got)
	}
	for _, text := range []string{"4111111111111112x", strings.Repeat("4", 1<<20)} {
		if got := testing.AllocsPerRun(100, func() { _, _ = vault.ParsePAN(text) }); got != 0 {
			t.Errorf("%d bytes that are refused: got %v allocations, want none", len(text), got)
		}
	}
	text := []byte(strings.Repeat("4", 1<<20))
	var pan vault.PAN
	if got := testing.AllocsPerRun(100, func() { _ = pan.UnmarshalText(text) }); got != 0 {
		t.Errorf("a megabyte of text: got %v allocations, want none", got)
	}
}
