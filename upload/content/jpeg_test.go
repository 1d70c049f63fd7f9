package content_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"testing"

	"github.com/gopalisade/palisade/upload/content"
)

// jpegWith is the small JPEG with parts before its scan, and after it.
func jpegWith(before []byte, after ...[]byte) []byte {
	return join(jpegStart, jpegQuant, jpegFrame(0xc0, 8, 8), jpegDC, jpegAC, before, jpegScan, jpegData, join(after...), jpegEnd)
}

func TestJPEG(t *testing.T) {
	tables := join(jpegStart, jpegQuant, jpegFrame(0xc0, 8, 8), jpegDC, jpegAC)
	progressive := func(parts ...[]byte) []byte {
		return join(jpegStart, jpegQuant, jpegFrame(0xc2, 16, 16), jpegDC, jpegRun, join(parts...), jpegEnd)
	}
	scan := func(start, end, approx byte, comps ...byte) []byte {
		return join(segment(0xda, join([]byte{byte(len(comps) / 2)}, comps, []byte{start, end, approx})...), []byte{0x0f})
	}
	frame := func(body ...byte) []byte {
		return join(jpegStart, jpegQuant, segment(0xc0, body...), jpegDC, jpegAC, jpegScan, jpegData, jpegEnd)
	}
	restart := segment(0xdd, 0, 1)
	thumbnail := segment(0xe1, join([]byte("Exif\x00\x00"), jpegOf(8, 8))...)
	run(t, content.JPEG, []row{
		{"baseline", jpegOf(8, 8), nil},
		{"fill bytes before a marker", jpegWith([]byte{0xff, 0xff, 0xff}), nil},
		{"fill bytes after the data", jpegWith(nil, []byte{0xff, 0xff}), nil},
		{"stuffed zero in the data", jpegWith(nil, []byte{0xff, 0x00, 0x3f}), nil},
		{"thumbnail with an end of its own", jpegWith(thumbnail), nil},
		{"comment, also after the data", jpegWith(segment(0xfe, []byte("hello")...), segment(0xfe, []byte("bye")...)), nil},
		{"empty comment", jpegWith(segment(0xfe)), nil},
		{
			"restart markers in order",
			jpegWith(restart, join([]byte{0xff, 0xd0}, jpegData, []byte{0xff, 0xd1}, jpegData)), nil,
		},
		{"restart marker out of order", jpegWith(restart, []byte{0xff, 0xd1, 0x3f}), content.ErrMalformed},
		{"restart marker without an interval", jpegWith(nil, []byte{0xff, 0xd0, 0x3f}), content.ErrMalformed},
		{"restart interval of another length", jpegWith(segment(0xdd, 1)), content.ErrMalformed},
		{"restart marker between segments", jpegWith([]byte{0xff, 0xd0}), content.ErrMalformed},
		{"progressive", jpegScans(16, 16, 2), nil},
		{"as many scans as may be", jpegScans(16, 16, 32), nil},
		{"one scan more", jpegScans(16, 16, 33), content.ErrTooLarge},

		{"no bytes behind the start", jpegStart, content.ErrType},
		{"nothing but the start and the end", join(jpegStart, jpegEnd), content.ErrMalformed},
		{"no scan", join(tables, jpegEnd), content.ErrMalformed},
		{
			"scan without a frame",
			join(jpegStart, jpegQuant, jpegDC, jpegAC, jpegScan, jpegData, jpegEnd), content.ErrMalformed,
		},
		{"no end", join(tables, jpegScan, jpegData), content.ErrMalformed},
		{"data behind the end", join(jpegOf(8, 8), []byte{0}), content.ErrTrailing},
		{"second picture unannounced", join(jpegOf(8, 8), jpegOf(8, 8)), content.ErrTrailing},
		{"archive behind the end", join(jpegOf(8, 8), zipStd(t, "a.class")), content.ErrTrailing},
		{"code behind the end", join(jpegOf(8, 8), []byte("<?php echo 1;")), content.ErrTrailing},
		{"no marker", jpegWith([]byte{0x00}), content.ErrMalformed},
		{"stuffed zero between segments", jpegWith([]byte{0xff, 0x00}), content.ErrMalformed},
		{"start again", jpegWith(jpegStart), content.ErrMalformed},
		{"reserved marker", jpegWith(segment(0x02)), content.ErrMalformed},
		{"segment shorter than its length", jpegWith([]byte{0xff, 0xe0, 0, 1}), content.ErrMalformed},
		{"segment beyond the end", join(jpegStart, []byte{0xff, 0xe0, 0xff, 0xff, 1}), content.ErrMalformed},
		{"long table", jpegWith(segment(0xc4, make([]byte, 5000)...)), content.ErrMalformed},

		{
			"extended sequential",
			join(jpegStart, jpegQuant, jpegFrame(0xc1, 8, 8), jpegDC, jpegAC, jpegScan, jpegData, jpegEnd), nil,
		},
		{"lossless", join(jpegStart, jpegQuant, jpegFrame(0xc3, 8, 8), jpegEnd), content.ErrUnsupported},
		{"arithmetic", join(jpegStart, jpegQuant, jpegFrame(0xc9, 8, 8), jpegEnd), content.ErrUnsupported},
		{"arithmetic progressive", join(jpegStart, jpegQuant, jpegFrame(0xca, 8, 8), jpegEnd), content.ErrUnsupported},
		{"hierarchical", join(jpegStart, jpegQuant, jpegFrame(0xc5, 8, 8), jpegEnd), content.ErrUnsupported},
		{"arithmetic conditioning", jpegWith(segment(0xcc, 0, 0)), content.ErrUnsupported},
		{"number of lines later", jpegWith(nil, segment(0xdc, 0, 8)), content.ErrUnsupported},
		{"no lines yet", jpegOf(8, 0), content.ErrUnsupported},
		{"no width", jpegOf(0, 8), content.ErrMalformed},
		{"second frame", jpegWith(jpegFrame(0xc0, 8, 8)), content.ErrMalformed},
		{"frame header too short", frame(8, 0, 8, 0, 8), content.ErrMalformed},
		{"frame header without its components", frame(8, 0, 8, 0, 8, 3, 1, 0x11, 0), content.ErrMalformed},
		{"twelve bits", frame(12, 0, 8, 0, 8, 1, 1, 0x11, 0), content.ErrUnsupported},
		{"two components", frame(8, 0, 8, 0, 8, 2, 1, 0x11, 0, 2, 0x11, 0), content.ErrUnsupported},
		{"sampling by zero", frame(8, 0, 8, 0, 8, 1, 1, 0x01, 0), content.ErrMalformed},
		{"sampling by five", frame(8, 0, 8, 0, 8, 1, 1, 0x15, 0), content.ErrMalformed},
		{"quantization table that cannot be", frame(8, 0, 8, 0, 8, 1, 1, 0x11, 4), content.ErrMalformed},
		{"quantization table that is not there", frame(8, 0, 8, 0, 8, 1, 1, 0x11, 1), content.ErrMalformed},
		{"component twice", frame(8, 0, 8, 0, 8, 3, 1, 0x11, 0, 1, 0x11, 0, 2, 0x11, 0), content.ErrMalformed},
		{"component without a scan", frame(8, 0, 8, 0, 8, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0), content.ErrMalformed},
		{"too wide", jpegOf(16385, 1), content.ErrTooLarge},
		{"too many pixels", jpegOf(10000, 4001), content.ErrTooLarge},
		{"as many pixels as may be", jpegFull(10000, 4000), nil},
		{"data for fewer pixels", jpegOf(6000, 6000), content.ErrMalformed},
		{
			"progressive, data for fewer pixels",
			join(jpegStart, jpegQuant, jpegFrame(0xc2, 900, 900), jpegDC, jpegRun, scanDC, jpegEnd), content.ErrMalformed,
		},

		{"quantization table cut", jpegWith(segment(0xdb, 0, 1, 2)), content.ErrMalformed},
		{
			"quantization table of 24 bits",
			jpegWith(segment(0xdb, append([]byte{0x20}, make([]byte, 192)...)...)),
			content.ErrMalformed,
		},
		{"quantization tables of 16 bits", jpegWith(segment(0xdb, append([]byte{0x11}, make([]byte, 128)...)...)), nil},
		{"Huffman table cut", jpegWith(segment(0xc4, 0, 1, 2)), content.ErrMalformed},
		{"Huffman table without codes", jpegWith(segment(0xc4, make([]byte, 17)...)), content.ErrMalformed},
		{
			"Huffman table with too few values",
			jpegWith(segment(0xc4, append([]byte{0, 9}, make([]byte, 16)...)...)),
			content.ErrMalformed,
		},
		{
			"Huffman table with too many codes",
			jpegWith(segment(0xc4, append([]byte{0, 255, 255}, make([]byte, 600)...)...)),
			content.ErrMalformed,
		},
		{
			"Huffman table of a third class",
			jpegWith(segment(0xc4, append([]byte{0x20, 1}, make([]byte, 16)...)...)),
			content.ErrMalformed,
		},

		{"scan twice", jpegWith(nil, jpegScan, jpegData), content.ErrMalformed},
		{"scan of an unknown component", join(tables, scan(0, 63, 0, 9, 0), jpegEnd), content.ErrMalformed},
		{"scan of more components than there are", join(tables, scan(0, 63, 0, 1, 0, 1, 0), jpegEnd), content.ErrMalformed},
		{"scan of none", join(tables, scan(0, 63, 0), jpegEnd), content.ErrMalformed},
		{"scan header too long", join(tables, segment(0xda, 1, 1, 0, 0, 63, 0, 0), jpegData, jpegEnd), content.ErrMalformed},
		{"scan without its table", join(tables, scan(0, 63, 0, 1, 0x10), jpegEnd), content.ErrMalformed},
		{"scan with a table that cannot be", join(tables, scan(0, 63, 0, 1, 0x04), jpegEnd), content.ErrMalformed},
		{"refinement", progressive(scan(0, 0, 1, 1, 0), scan(0, 0, 0x10, 1, 0)), nil},
		{"only refinement of a band", progressive(scan(1, 63, 0, 1, 0)), content.ErrMalformed},
		{"band that ends before it begins", progressive(scanDC, scan(5, 4, 0, 1, 0)), content.ErrMalformed},
		{"band beyond the block", progressive(scanDC, scan(1, 64, 0, 1, 0)), content.ErrMalformed},
		{"first coefficient and others", progressive(scan(0, 5, 0, 1, 0)), content.ErrMalformed},
		{"refinement by two bits", progressive(scanDC, scan(0, 0, 0x20, 1, 0)), content.ErrMalformed},
		{"approximation beyond reason", progressive(scan(0, 0, 14, 1, 0)), content.ErrMalformed},
		{"band without its table", progressive(scanDC, scan(1, 63, 0, 1, 1)), content.ErrMalformed},

		{"page in a comment", jpegWith(segment(0xfe, []byte("<SCRIPT>alert(1)</SCRIPT>")...)), content.ErrActive},
		{"code in a profile", jpegWith(segment(0xe2, []byte("ICC_PROFILE\x00<?php ?>")...)), content.ErrActive},
		{"PDF in a comment", jpegWith(segment(0xfe, []byte("\n%PDF-1.4")...)), content.ErrActive},
		{"archive in a comment", jpegWith(segment(0xfe, zipStd(t, "a.txt")...)), content.ErrActive},
		{
			"code that a segment's head interrupts is none",
			jpegWith(join(segment(0xfe, []byte("<?p")...), segment(0xe5, []byte("hp")...))),
			nil,
		},
		{"words that only begin alike", jpegWith(segment(0xfe, []byte("<scripture> <svgs %PDF 1 PK <htm")...)), nil},
	})
}

// Phones put further pictures behind the first, and say so in it.
func TestJPEGSeveralPictures(t *testing.T) {
	announce := segment(0xe2, []byte("MPF\x00II*\x00")...)
	first := jpegWith(announce)
	run(t, content.JPEG, []row{
		{"alone after all", first, nil},
		{"two", join(first, jpegOf(16, 8)), nil},
		{"three", join(first, jpegOf(16, 8), jpegOf(8, 8)), nil},
		{"archive instead", join(first, zipStd(t, "a.class")), content.ErrTrailing},
		{"archive behind the second", join(first, jpegOf(8, 8), zipStd(t, "a.class")), content.ErrTrailing},
		{"second broken", join(first, jpegStart, jpegEnd), content.ErrMalformed},
		{"second too large", join(first, jpegOf(10000, 4001)), content.ErrTooLarge},
		{"too many", join(first, bytes.Repeat(jpegOf(8, 8), 500)), content.ErrTooLarge},
		{"announced elsewhere", join(jpegWith(segment(0xe3, []byte("MPF\x00")...)), jpegOf(8, 8)), content.ErrTrailing},
	})
	report, err := check(t, join(first, jpegOf(16, 8)), content.JPEG)
	if err != nil || report.Width != 8 || report.Frames != 2 || report.Pixels != 8*8+16*8 {
		t.Errorf("got %+v, %v, want the size of the first and the pixels of both", report, err)
	}
}

// Metadata has a limit of its own, on its number and its length, and may hold what it likes where that was wished.
func TestJPEGLimits(t *testing.T) {
	long := segment(0xe1, make([]byte, 60000)...)
	php := jpegWith(segment(0xfe, []byte("<?php")...))
	for _, tc := range []struct {
		name   string
		data   []byte
		limits content.Limits
		want   error
	}{
		{"4 MB of segments", jpegWith(bytes.Repeat(long, 68)), content.Limits{}, nil},
		{"more of them", jpegWith(bytes.Repeat(long, 71)), content.Limits{}, content.ErrTooLarge},
		{"many short ones", jpegWith(bytes.Repeat(segment(0xfe), 1001)), content.Limits{}, content.ErrTooLarge},
		{"a smaller limit", jpegWith(long), content.Limits{Metadata: 59999}, content.ErrTooLarge},
		{"fewer scans", jpegScans(16, 16, 5), content.Limits{Scans: 4}, content.ErrTooLarge},
		{"fewer pixels", jpegOf(9, 8), content.Limits{Pixels: 64}, content.ErrTooLarge},
		{"shorter sides", jpegOf(9, 8), content.Limits{Side: 8}, content.ErrTooLarge},
		{"danger accepted", php, content.Limits{DangerouslyAllowForeign: true}, nil},
		{"danger refused", php, content.Limits{}, content.ErrActive},
	} {
		_, err := content.Check(t.Context(), bytes.NewReader(tc.data), int64(len(tc.data)), content.JPEG, tc.limits)
		if !errors.Is(err, tc.want) {
			t.Errorf("%s: got %v, want %v", tc.name, err, tc.want)
		}
	}
}

// noise is an image with something in it.
func noise(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		m.SetNRGBA(i%w, i/w, color.NRGBA{uint8(i * 7), uint8(i * i), uint8(i >> 3), 255})
	}
	return m
}

func TestJPEGOfEncoder(t *testing.T) {
	gray := image.NewGray(image.Rect(0, 0, 40, 30))
	for name, m := range map[string]image.Image{
		"color": noise(61, 47), "gray": gray, "one pixel": noise(1, 1),
		"wide": noise(900, 3),
	} {
		for _, quality := range []int{1, 50, 100} {
			var b bytes.Buffer
			if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: quality}); err != nil {
				t.Fatal(err)
			}
			report, err := check(t, b.Bytes(), content.JPEG)
			if err != nil || report.Width != m.Bounds().Dx() || report.Height != m.Bounds().Dy() || report.Scans != 1 ||
				report.Frames != 1 {
				t.Errorf("%s: got %+v, %v", name, report, err)
			}
		}
	}
}

// The builder's files are what they pretend to be, so that what is said of them means something.
func TestJPEGBuildersDecode(t *testing.T) {
	for name, data := range map[string][]byte{"baseline": jpegOf(8, 8), "scans": jpegScans(16, 16, 40)} {
		if _, err := jpeg.Decode(bytes.NewReader(data)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
