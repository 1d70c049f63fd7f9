package field_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/crypto/field"
)

func TestInspect(t *testing.T) {
	value := func(suite, id byte, size int) []byte {
		return append([]byte{0xF9, suite, 0, 0, 0, id}, make([]byte, size)...)
	}
	for _, tc := range []struct {
		name   string
		sealed []byte
		want   field.Info // zero when refused
	}{
		{"GCM", value(1, 1, 28), field.Info{1, field.AES256GCM, 1, false, 0}},
		{"XAES", value(2, 1, 45), field.Info{1, field.XAES256GCM, 1, false, 5}},
		{"commitment", value(3, 9, 61), field.Info{1, field.AES256GCMCommit, 9, false, 1}},
		{"padded", value(0x81, 1, 29), field.Info{1, field.AES256GCM, 1, true, 1}},
		{"padded without padding", value(0x81, 1, 28), field.Info{}},
		{"short GCM", value(1, 1, 27), field.Info{}},
		{"short XAES", value(2, 1, 39), field.Info{}},
		{"short commitment", value(3, 1, 59), field.Info{}},
		{"suite 0", value(0, 1, 99), field.Info{}},
		{"suite 4", value(4, 1, 99), field.Info{}},
		{"key 0", value(1, 0, 99), field.Info{}},
		{"version 2", append([]byte{0xFA}, value(1, 1, 99)[1:]...), field.Info{}},
		{"header only", value(1, 1, 0), field.Info{}},
		{"half header", []byte{0xF9, 1, 0}, field.Info{}},
		{"nothing", nil, field.Info{}},
		{"text", []byte(strings.Repeat("ada@example.com", 9)), field.Info{}},
	} {
		got, err := field.Inspect(tc.sealed)
		if got != tc.want || (err == nil) != (tc.want != field.Info{}) {
			t.Errorf("%s: got %+v, %v, want %+v", tc.name, got, err, tc.want)
		}
		if err != nil && (!errors.Is(err, field.ErrFormat) || !errors.Is(err, field.ErrOpen)) {
			t.Errorf("%s: got %v", tc.name, err)
		}
	}
}

func TestText(t *testing.T) {
	ring := newRing(t, 0)
	for size := range 4 {
		sealed := seal(t, ring, cell(), strings.Repeat("x", size))
		text := field.Text(sealed)
		if len(text) != field.TextLen(len(sealed)) || !strings.HasPrefix(text, "enc1.") {
			t.Errorf("got %q of %d bytes, want %d", text, len(text), field.TextLen(len(sealed)))
		}
		if got, err := field.ParseText(text); err != nil || !bytes.Equal(got, sealed) {
			t.Errorf("got %x, %v, want %x", got, err, sealed)
		}
	}
	sealed := append([]byte{0xF9, 1, 0, 0, 0, 1}, bytes.Repeat([]byte{0xFB, 0xFF}, 20)...) // 46 bytes: tail bits, - and _
	good := field.Text(sealed)
	last := good[len(good)-1]
	for _, tc := range []struct{ name, text string }{
		{"empty", ""},
		{"prefix only", "enc1."},
		{"no prefix", good[5:]},
		{"other version", "enc2." + good[5:]},
		{"upper case prefix", "ENC1." + good[5:]},
		{"space before", " " + good},
		{"space behind", good + " "},
		{"line break behind", good + "\n"},
		{"line break inside", good[:20] + "\r\n" + good[20:]},
		{"padding", good + "=="},
		{"standard alphabet", strings.NewReplacer("-", "+", "_", "/").Replace(good)},
		{"tail bits", good[:len(good)-1] + string(last+1)},
		{"cut", good[:len(good)-1]},
		{"not sealed", "enc1." + base64.RawURLEncoding.EncodeToString(make([]byte, 60))},
		{"not base64", "enc1." + strings.Repeat("!", 60)},
		{"too large", "enc1." + strings.Repeat("A", 23<<20)},
	} {
		got, err := field.ParseText(tc.text)
		if !errors.Is(err, field.ErrFormat) || !errors.Is(err, field.ErrOpen) || got != nil {
			t.Errorf("%s: got %x, %v", tc.name, got, err)
		}
	}
}

func TestSealedLen(t *testing.T) {
	for _, tc := range []struct {
		suite field.Suite
		want  int
	}{{field.AES256GCM, 146}, {field.XAES256GCM, 146}, {field.AES256GCMCommit, 166}, {0, 166}} {
		if got := field.SealedLen(100, tc.suite); got != tc.want {
			t.Errorf("%v: got %d, want %d", tc.suite, got, tc.want)
		}
	}
	ring := build(t, field.Config{Keys: []field.Key{keyOf(7, 1, field.Primary)}, MaxSeals: 1})
	for range 3 { // goes on with XAES
		if sealed := seal(t, ring, cell(), "text"); len(sealed) > field.SealedLen(4, field.AES256GCM) {
			t.Errorf("%d bytes do not fit into the column", len(sealed))
		}
	}
	if got := field.TextLen(34); got != 51 {
		t.Errorf("got %d, want 51", got)
	}
}

// A value of version 1, kept here: it must open as long as the format lives.
func TestFormatIsStable(t *testing.T) {
	ring := newRing(t, 0)
	for _, tc := range []struct {
		name, sealed string
		b            field.Binding
	}{
		{"GCM", "enc1.-QEAAAAHsLgbM9qRjAEodXnSPtYKbEpdlNRo7TU3lSbdWZD8_FFGccBWgiN_7qwH5A", cell()},
		{"XAES", "enc1.-QIAAAAHmvqAqbZkeSa9SFJtukYA7xdqGCuiCBKxYoIBWs6evdOHduJx-Kl-gGksMek0EkCaMCXz2GP6sw", cell()},
		{
			"commitment",
			"enc1.-QMAAAAHjjpc0tzp1EQeTcQ9vV8wvmx8z4YfkU6pNuw8xtdqnKs3-89" +
				"GtVJJ3K4__IQHw980dhQSuq5knPpKZl2rR8JSr8Mft_odBpQ6t5sl",
			cell(),
		},
		{
			"padded, of a tenant",
			"enc1.-YEAAAAHkKz8CkRL1ywwNpCx-wn_Q3OmDY3HBPUrfIiT_ed6m4r6hLK" +
				"RJwg6Y07DuQ2JQN5xH57DVMc04K8wLYDZ",
			cell().Tenant("acme"),
		},
		{"unbound", "enc1.-QEAAAAHU-uXify0LASevfvXg2FbasSlvfSx70n42pe0L9FEVKF-BPUL4PAJONS1vQ", field.Unbound("test")},
	} {
		sealed, err := field.ParseText(tc.sealed)
		if err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		if got, err := ring.Open(tc.b, sealed); err != nil || string(got) != "ada@example.com" {
			t.Errorf("%s: got %q, %v", tc.name, got, err)
		}
	}
}
