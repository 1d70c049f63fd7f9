package storage_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/upload/storage"
)

func TestMetaCheck(t *testing.T) {
	west := time.FixedZone("", -7200)
	for _, tc := range []struct {
		name string
		meta storage.Meta
		want error
	}{
		{"nothing", storage.Meta{}, nil},
		{"longest name", storage.Meta{Name: strings.Repeat("x", 255)}, nil},
		{"name too long", storage.Meta{Name: strings.Repeat("x", 256)}, storage.ErrName},
		{"NUL in the name", storage.Meta{Name: "a\x00.png"}, storage.ErrName},
		{"NUL elsewhere", storage.Meta{Type: "\x00", Owner: "\x00"}, nil},
		{"type too long", storage.Meta{Type: strings.Repeat("x", 256)}, storage.ErrMeta},
		{"owner too long", storage.Meta{Owner: strings.Repeat("x", 1025)}, storage.ErrMeta},
		{"negative size", storage.Meta{Size: -1}, storage.ErrMeta},
		{"year 10000", storage.Meta{Created: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}, storage.ErrMeta},
		{"year 10000 elsewhere", storage.Meta{Created: time.Date(9999, 12, 31, 23, 0, 0, 0, west)}, storage.ErrMeta},
		{"a zone of odd seconds", storage.Meta{Created: time.Date(1890, 1, 1, 0, 0, 0, 0, time.FixedZone("", 1172))}, nil},
	} {
		if err := tc.meta.Check(); !errors.Is(err, tc.want) || tc.want == nil && err != nil {
			t.Errorf("%s: got %v, want %v", tc.name, err, tc.want)
		}
	}
}

// TestMetaText holds the format, which is on users' disks.
func TestMetaText(t *testing.T) {
	m := storage.Meta{
		Name: "é\n\xff\".png", Type: "image/png", Size: 4, SHA256: [32]byte{0: 0xab, 31: 1}, Owner: "alice",
		Created: time.Date(2025, 3, 9, 3, 30, 0, 5, time.FixedZone("", 3600)),
	}
	want := "palisade file 1\n" + `name "\u00e9\n\xff\".png"` + "\n" + `type "image/png"` + "\nsize 4\n" +
		"sha256 ab" + strings.Repeat("00", 30) + "01\n" + `owner "alice"` + "\ncreated 2025-03-09T02:30:00.000000005Z\n"
	if got := string(storage.Encode(m)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	got, err := storage.Decode([]byte(want))
	if !got.Created.Equal(m.Created) || err != nil {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, tc := range []struct{ name, old, change string }{
		{"another version", "file 1", "file 2"},
		{"another field", "type", "kind"},
		{"another spelling of a name", `\u00e9`, "é"},
		{"no quotes", `"alice"`, "alice"},
		{"no end of quotes", `"alice"`, `"alice`},
		{"another spelling of a size", "size 4", "size +4"},
		{"no number", "size 4", "size four"},
		{"a negative size", "size 4", "size -4"},
		{"a short hash", "ab00", "ab"},
		{"a long hash", "ab00", "ab0000"},
		{"another spelling of a hash", "ab00", "AB00"},
		{"no hash", "sha256 ab", "sha256 xx"},
		{"another zone", "02:30:00.000000005Z", "03:30:00.000000005+01:00"},
		{"no time", "2025-03-09T", "2025-03-09 "},
		{"one more line", `owner`, "owner \"bob\"\nowner"},
		{"one line less", "size 4\n", ""},
		{"more at the end", "05Z\n", "05Z\n\n"},
		{"cut", "05Z\n", "05Z"},
		{"huge", `"alice"`, `"` + strings.Repeat("a", 20_000) + `"`},
	} {
		text := strings.Replace(want, tc.old, tc.change, 1)
		if m, err := storage.Decode([]byte(text)); text == want || !errors.Is(err, storage.ErrDamaged) || m != (storage.Meta{}) {
			t.Errorf("%s: got %+v, %v; want ErrDamaged", tc.name, m, err)
		}
	}
}
