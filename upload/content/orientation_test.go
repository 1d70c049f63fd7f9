package content_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"testing"

	"github.com/gopalisade/palisade/upload/content"
)

// exif is a segment that says how a picture is to be turned.
func exif(orientation int) []byte {
	entry := join(be16(0x0112), be16(3), be32(1), be16(orientation), be16(0))
	return segment(0xe1, join([]byte("Exif\x00\x00MM\x00*"), be32(8), be16(1), entry, be32(0))...)
}

// corner is a JPEG, 32 x 16, whose upper left quarter is white.
func corner(t testing.TB, before ...[]byte) []byte {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, 32, 16))
	for i := range 16 * 8 {
		m.SetGray(i%16, i/16, color.Gray{255})
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 100}); err != nil {
		t.Fatal(err)
	}
	return join(b.Bytes()[:2], join(before...), b.Bytes()[2:])
}

// A picture looks the same without the tag that turned it.
func TestReencodeTurns(t *testing.T) {
	little := segment(0xe1, join([]byte("Exif\x00\x00II*\x00"), le32(8), le16(2), make([]byte, 12), le16(0x0112), le16(3),
		le32(1), le16(6), le16(0), le32(0))...)
	broken := func(tiff string) []byte { return segment(0xe1, []byte("Exif\x00\x00"+tiff)...) }
	for _, tc := range []struct {
		name        string
		segment     []byte
		right, down bool // where the white quarter is
		tall        bool
	}{
		{"no tag", nil, false, false, false},
		{"1", exif(1), false, false, false},
		{"2", exif(2), true, false, false},
		{"3", exif(3), true, true, false},
		{"4", exif(4), false, true, false},
		{"5", exif(5), false, false, true},
		{"6", exif(6), true, false, true},
		{"7", exif(7), true, true, true},
		{"8", exif(8), false, true, true},
		{"6, the other byte order, second entry", little, true, false, true},
		{"0", exif(0), false, false, false},
		{"9", exif(9), false, false, false},
		{"the first of two", join(exif(3), exif(6)), true, true, false},
		{"elsewhere", segment(0xe2, exif(6)[4:]...), false, false, false},
		{
			"other tags only",
			broken("MM\x00*\x00\x00\x00\x08\x00\x01\x01\x00\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00"), false, false,
			false,
		},
		{"too short", broken("MM"), false, false, false},
		{"no byte order", broken("XX\x00*\x00\x00\x00\x08\x00\x00"), false, false, false},
		{"directory beyond the end", broken("MM\x00*\xff\xff\xff\xff\x00\x00"), false, false, false},
		{"entries beyond the end", broken("MM\x00*\x00\x00\x00\x08\xff\xff"), false, false, false},
	} {
		out, kind, err := reencode(t, corner(t, tc.segment), content.JPEG, content.Limits{})
		if err != nil || kind != content.JPEG {
			t.Errorf("%s: got %s, %v", tc.name, kind, err)
			continue
		}
		m, err := jpeg.Decode(bytes.NewReader(out))
		if err != nil {
			t.Fatal(err)
		}
		w, h := m.Bounds().Dx(), m.Bounds().Dy()
		if (h > w) != tc.tall || w+h != 48 {
			t.Errorf("%s: got %d x %d", tc.name, w, h)
		}
		for _, right := range []bool{false, true} {
			for _, down := range []bool{false, true} {
				x, y := w/4, h/4
				if right {
					x += w / 2
				}
				if down {
					y += h / 2
				}
				light, _, _, _ := m.At(x, y).RGBA()
				if white := light > 0x8000; white != (right == tc.right && down == tc.down) {
					t.Errorf("%s: white %t at right %t, down %t", tc.name, white, right, down)
				}
			}
		}
	}
}
