package content_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/upload/content"
)

func TestZIP(t *testing.T) {
	a, b := zipped{name: "a.txt", data: "hello hello hello"}, zipped{name: "d/b.txt", data: "world"}
	stored := zipped{name: "s.bin", data: "\x00\x01\x02", stored: true}
	with := func(change func(e *zipped)) []byte {
		e := a
		change(&e)
		return zipFile(t, e, b)
	}
	good := zipFile(t, a, b)
	edit := func(at int, value ...byte) []byte { // from the end
		c := bytes.Clone(good)
		copy(c[len(c)-at:], value)
		return c
	}
	comment := func(text string) []byte {
		c := append(bytes.Clone(good), text...)
		c[len(good)-2] = byte(len(text))
		return c
	}
	described := func(flags int, signature string, crc uint32) []byte {
		e := zipped{name: "a.txt", data: "hello", stored: true, flags: flags}
		e.descriptor = join([]byte(signature), le32(int(crc)), le32(5), le32(5))
		return zipFile(t, e, b)
	}
	const sum = 0x3610a686 // of "hello"
	late := zipFile(t, a, b, stored)
	run(t, content.ZIP, []row{
		{"two entries", good, nil},
		{"stored", zipFile(t, stored), nil},
		{"of the standard library", zipStd(t, "a.txt", "dir/b.txt", "Grüße.txt"), nil},
		{"directories", zipFile(t, zipped{name: "d/", stored: true}, b, zipped{name: "d/e/", stored: true}), nil},
		{"directory after its file", zipFile(t, b, zipped{name: "d/", stored: true}), nil},
		{"directory with data", zipFile(t, zipped{name: "d/", data: "x"}), content.ErrEntry},
		{"empty file", zipFile(t, zipped{name: "empty", stored: true}), nil},
		{"short comment", comment("made by somebody"), nil},
		{"descriptor", described(8, "PK\x07\x08", sum), nil},
		{"descriptor without its signature", described(8, "", sum), nil},
		{"regular files of Unix", with(func(e *zipped) { e.mode = 0o100644 }), nil},
		{"other extra fields", with(func(e *zipped) { e.extra = join(le16(0x5455), le16(5), make([]byte, 5)) }), nil},
		{
			"name in Unicode once more",
			with(func(e *zipped) { e.extra = join(le16(0x7075), le16(10), make([]byte, 5), []byte("a.txt")) }),
			nil,
		},

		{"no entries", zipEnd(0, 0, 0), content.ErrType},
		{"end only, with something before", join([]byte("PK\x03\x04"), zipEnd(0, 0, 4)), content.ErrMalformed},
		{"no end", good[:len(good)-22], content.ErrTrailing},
		{"something behind the end", join(good, []byte("x")), content.ErrTrailing},
		{"comment longer than it says", append(comment("abc"), 'x'), content.ErrTrailing},
		{"long comment", append(edit(2, 0x00, 0x01), make([]byte, 256)...), content.ErrTrailing},
		{"second end in the comment", comment(string(zipEnd(1, 46, 0))), content.ErrMalformed},
		{
			"end in the comment of an entry",
			zipFile(t, a, zipped{name: "b", data: "b", comment: string(zipEnd(1, 46, 0))}),
			content.ErrMalformed,
		},
		{"long comment of an entry", zipFile(t, zipped{name: "b", data: "b", comment: strings.Repeat("x", 5000)}), content.ErrEntry},
		{"comment of an entry", zipFile(t, zipped{name: "b", data: "b", comment: "mine"}), nil},
		{
			"end in an extra field",
			with(func(e *zipped) { e.extra = join(le16(7), le16(22), zipEnd(1, 46, 0)) }),
			content.ErrMalformed,
		},
		{"something before the entries", join([]byte("#!/bin/sh\n"), good), content.ErrType},
		{"entry before the entries", join(zipFile(t, a), good), content.ErrMalformed},
		{"another number of disks", edit(18, 1), content.ErrMalformed},
		{"numbers of entries differ", edit(14, 3), content.ErrMalformed},
		{"fewer entries than there are", edit(14, 1, 0, 1, 0), content.ErrMalformed},
		{"more entries than there are", edit(14, 3, 0, 3, 0), content.ErrMalformed},
		{"directory elsewhere", edit(6, 1), content.ErrMalformed},
		{"64 bits, entries", edit(14, 0xff, 0xff, 0xff, 0xff), content.ErrUnsupported},
		{"64 bits, offset", edit(6, 0xff, 0xff, 0xff, 0xff), content.ErrUnsupported},
		{"64 bits, extra field", with(func(e *zipped) { e.extra = join(le16(1), le16(8), make([]byte, 8)) }), content.ErrUnsupported},

		{"encrypted", with(func(e *zipped) { e.flags = 1 }), content.ErrEncrypted},
		{"encrypted strongly", with(func(e *zipped) { e.flags = 1 << 6 }), content.ErrEncrypted},
		{"directory masked", with(func(e *zipped) { e.flags = 1 << 13 }), content.ErrEncrypted},
		{"encrypted by method", with(func(e *zipped) { e.method = 99 }), content.ErrEncrypted},
		{"encrypted by extra field", with(func(e *zipped) { e.extra = join(le16(0x9901), le16(0)) }), content.ErrEncrypted},
		{"method that nobody has", with(func(e *zipped) { e.method = 14 }), content.ErrUnsupported},
		{"symbolic link", with(func(e *zipped) { e.mode = 0o120777 }), content.ErrEntry},
		{"device", with(func(e *zipped) { e.mode = 0o060644 }), content.ErrEntry},
		{"extra field cut", with(func(e *zipped) { e.extra = join(le16(7), le16(9)) }), content.ErrMalformed},
		{"extra field of a byte", with(func(e *zipped) { e.extra = []byte{1} }), content.ErrMalformed},
		{
			"another name in Unicode",
			with(func(e *zipped) { e.extra = join(le16(0x7075), le16(10), make([]byte, 5), []byte("../xx")) }),
			content.ErrEntry,
		},
		{"long extra field", with(func(e *zipped) { e.extra = join(le16(7), le16(4993), make([]byte, 4993)) }), content.ErrEntry},

		{"name differs in the local header", with(func(e *zipped) { e.localName = "b.txt" }), content.ErrMalformed},
		{"name longer in the local header", with(func(e *zipped) { e.localName = "a.txt.exe" }), content.ErrMalformed},
		{"gap before the first entry", with(func(e *zipped) { e.gap = "PK\x03\x04" }), content.ErrMalformed},
		{"gap between entries", zipFile(t, a, zipped{name: "b", data: "b", gap: "x"}), content.ErrMalformed},
		{"two names for one entry", zipFile(t, a, zipped{name: "b", data: "b", offset: 1}), content.ErrMalformed},
		{"offset into the directory", zipFile(t, a, zipped{name: "b", data: "b", offset: 5000}), content.ErrMalformed},
		{"overlapping entries", zipOverlap(t, 2), content.ErrMalformed},
		{"size larger than the data", with(func(e *zipped) { e.size = 18 }), content.ErrMalformed},
		{"size smaller than the data", with(func(e *zipped) { e.size = 16 }), content.ErrMalformed},
		{"wrong checksum", with(func(e *zipped) { e.crc = 7 }), content.ErrMalformed},
		{"stored, and sizes differ", zipFile(t, zipped{name: "s", data: "abc", stored: true, size: 2}), content.ErrMalformed},
		{"stored, with a wrong checksum", zipFile(t, zipped{name: "s", data: "abc", stored: true, crc: 1}), content.ErrMalformed},
		{
			"data that is not compressed",
			zipFile(t, zipped{name: "s", data: "\xff\xff\xff", stored: true, method: 8}),
			content.ErrMalformed,
		},
		{"something behind compressed data", behindCompressed(t), content.ErrMalformed},
		{"descriptor with another sum", described(8, "PK\x07\x08", sum+1), content.ErrMalformed},
		{"descriptor with another signature", described(8, "PK\x07\x09", sum), content.ErrMalformed},
		{"descriptor of another length", described(8, "PK\x07\x08....", sum), content.ErrMalformed},
		{"descriptor unannounced", described(0, "PK\x07\x08", sum), content.ErrMalformed},
		{
			"last entry with a gap behind",
			join(late[:bytes.Index(late, []byte("PK\x01\x02"))], []byte("x"), late[bytes.Index(late, []byte("PK\x01\x02")):]),
			content.ErrMalformed,
		},
	})
}

// behindCompressed has bytes between the end of the compressed data and the end of the entry.
func behindCompressed(t *testing.T) []byte {
	t.Helper()
	e := zipped{name: "a", data: "hello"}
	coded := e.coded(t)
	data := string(coded) + "<?php"
	return zipFile(t, zipped{name: "a", data: data, stored: true, method: 8, size: 5, crc: 0x3610a686})
}

func TestZIPNames(t *testing.T) {
	many := strings.Repeat("d/", 40) + "f"
	for _, tc := range []struct {
		names []string // separated by bars
		want  error
	}{
		{[]string{"a", "b", "A.txt", "d/a", "d/b", ".hidden", "a b", "Grüße", "..a", "a..b", "d/...a"}, nil},
		{[]string{"/etc/passwd"}, content.ErrEntry},
		{[]string{"../a"}, content.ErrEntry},
		{[]string{"d/../../a"}, content.ErrEntry},
		{[]string{".."}, content.ErrEntry},
		{[]string{"."}, content.ErrEntry},
		{[]string{"d/./a"}, content.ErrEntry},
		{[]string{"d//a"}, content.ErrEntry},
		{[]string{"//server/share"}, content.ErrEntry},
		{[]string{`..\a`}, content.ErrEntry},
		{[]string{`d\a`}, content.ErrEntry},
		{[]string{`C:\a`}, content.ErrEntry},
		{[]string{"C:a"}, content.ErrEntry},
		{[]string{"a.txt::$DATA"}, content.ErrEntry},
		{[]string{".. /a"}, content.ErrEntry},
		{[]string{"a."}, content.ErrEntry},
		{[]string{"a "}, content.ErrEntry},
		{[]string{"d /a"}, content.ErrEntry},
		{[]string{"a\x00.txt"}, content.ErrEntry},
		{[]string{"a\n"}, content.ErrEntry},
		{[]string{"a\x7f"}, content.ErrEntry},
		{[]string{many}, content.ErrEntry},
		{[]string{strings.Repeat("n", 513)}, content.ErrEntry},
		{[]string{strings.Repeat("n", 512)}, nil},
		{[]string{""}, content.ErrEntry},
		{[]string{"/"}, content.ErrEntry},
		{[]string{"a", "a"}, content.ErrEntry},
		{[]string{"a", "A"}, content.ErrEntry},
		{[]string{"É", "é"}, content.ErrEntry},
		{[]string{"d/a", "D/A"}, content.ErrEntry},
		{[]string{"d", "d/a"}, content.ErrEntry},
		{[]string{"d/a", "d"}, content.ErrEntry},
		{[]string{"d/e/a", "D/E"}, content.ErrEntry},
		{[]string{"d/", "d"}, content.ErrEntry},
		{[]string{"d", "d/"}, content.ErrEntry},
		{[]string{"d/", "d/"}, content.ErrEntry},
		{[]string{"d/a", "d/"}, nil},
	} {
		var entries []zipped
		for _, name := range tc.names {
			entries = append(entries, zipped{name: name, stored: true})
		}
		if _, err := check(t, zipFile(t, entries...), content.ZIP); !errors.Is(err, tc.want) {
			t.Errorf("%q: got %v, want %v", tc.names, err, tc.want)
		}
	}
}

func TestZIPNested(t *testing.T) {
	tar := strings.Repeat("\x00", 257) + "ustar\x0000"
	for name, data := range map[string]string{
		"zip": string(zipStd(t, "a")), "gzip": "\x1f\x8b\x08", "bzip2": "BZh9", "xz": "\xfd7zXZ\x00",
		"7z": "7z\xbc\xaf\x27\x1c", "rar": "Rar!\x1a\x07\x01",
		"zstd": "\x28\xb5\x2f\xfd", "tar": tar, "cabinet": "MSCF\x00\x00\x00\x00", "lha": "xx-lh5-", "ar": "!<arch>\n",
		"cpio": "070701",
	} {
		for _, stored := range []bool{true, false} {
			if _, err := check(t, zipFile(t, zipped{name: "a.txt", data: data, stored: stored}), content.ZIP); !errors.Is(err,
				content.ErrEntry) {
				t.Errorf("%s, stored %t: got %v, want %v", name, stored, err, content.ErrEntry)
			}
		}
	}
}

func TestZIPLimits(t *testing.T) {
	many := func(n int) []byte {
		var entries []zipped
		for i := range n {
			entries = append(entries, zipped{name: fmt.Sprint(i), stored: true})
		}
		return zipFile(t, entries...)
	}
	zeros := func(n int) zipped { return zipped{name: fmt.Sprint("z", n), data: strings.Repeat("\x00", n)} }
	for _, tc := range []struct {
		name   string
		data   []byte
		limits content.Limits
		want   error
	}{
		{"1000 entries", many(1000), content.Limits{}, nil},
		{"1001", many(1001), content.Limits{}, content.ErrTooLarge},
		{"three of two", many(3), content.Limits{Entries: 2}, content.ErrTooLarge},
		{"little, however well it packs", zipFile(t, zeros(64<<10)), content.Limits{}, nil},
		{"more that packs too well", zipFile(t, zeros(1<<20)), content.Limits{}, content.ErrTooLarge},
		{"where that is allowed", zipFile(t, zeros(1<<20)), content.Limits{Ratio: 1100}, nil},
		{"inflated bytes of one", zipFile(t, zeros(2000)), content.Limits{Inflated: 1999}, content.ErrTooLarge},
		{"inflated bytes of several", zipFile(t, zeros(1000), zeros(1001)), content.Limits{Inflated: 2000}, content.ErrTooLarge},
		{"just as many", zipFile(t, zeros(1000), zeros(1001)), content.Limits{Inflated: 2001}, nil},
	} {
		report, err := content.Check(t.Context(), bytes.NewReader(tc.data), int64(len(tc.data)), content.ZIP, tc.limits)
		if !errors.Is(err, tc.want) {
			t.Errorf("%s: got %v, want %v", tc.name, err, tc.want)
		}
		if err == nil && (report.Entries == 0 || report.Inflated > 1<<20) {
			t.Errorf("%s: got %+v", tc.name, report)
		}
	}
}
