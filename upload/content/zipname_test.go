package content_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/upload/content"
)

// link is an ASi UNIX extra field with a mode.
func link(mode int) []byte {
	return join([]byte("nu"), le16(14), le32(0), le16(mode), le32(0), le32(0))
}

// Names are judged by what any system makes of them.
func TestZIPNamesEverywhere(t *testing.T) {
	two := func(a, b string) []byte { return zipFile(t, zipped{name: a, data: "a"}, zipped{name: b, data: "b"}) }
	one := func(e zipped) []byte {
		e.data = "x"
		return zipFile(t, e)
	}
	run(t, content.ZIP, []row{
		{"names of an old code page", two("B\x84r.txt", "B\x81r.txt"), nil},
		{"one such name twice", two("B\x84r.txt", "b\x84r.txt"), content.ErrEntry},
		{"other letters", two("é.txt", "è.txt"), nil},
		{"other case", two("É.txt", "é.txt"), content.ErrEntry},
		{"an s of old", two("ſ.txt", "S.txt"), content.ErrEntry},
		{"a degree of Kelvin", two("\u212a.txt", "k.txt"), content.ErrEntry},
		{"sigmas", two("σ.txt", "ς.txt"), content.ErrEntry},
		{"UTF-8 that is none", one(zipped{name: "a\xc0\xafb", flags: 1 << 11}), content.ErrEntry},
		{"UTF-8", one(zipped{name: "é", flags: 1 << 11}), nil},
		{"device", one(zipped{name: "NUL"}), content.ErrEntry},
		{"device with an extension", one(zipped{name: "a/con.tar.gz"}), content.ErrEntry},
		{"device with a space", one(zipped{name: "aux .txt/a"}), content.ErrEntry},
		{"port", one(zipped{name: "com1.txt"}), content.ErrEntry},
		{"port of a printer", one(zipped{name: "LPT²"}), content.ErrEntry},
		{"no devices", two("console.txt", "com10/auxiliary/lpt/null.nul"), nil},
		{"link by an extra field", one(zipped{name: "a", extra: link(0xa1ff)}), content.ErrEntry},
		{"file by an extra field", one(zipped{name: "a", extra: link(0x81ff)}), nil},
		{"extra field cut", one(zipped{name: "a", extra: join([]byte("nu"), le16(2), le16(0))}), content.ErrEntry},
	})
}

// The largest ratio that may be set is one that every entry keeps.
func TestZIPAnyRatio(t *testing.T) {
	data := zipFile(t, zipped{name: "a", data: strings.Repeat("x", 9<<20), stored: true})
	limits := content.Limits{Ratio: 1 << 40}
	if _, err := content.Check(t.Context(), bytes.NewReader(data), int64(len(data)), content.ZIP, limits); err != nil {
		t.Errorf("got %v, want none", err)
	}
}
