package uploadtest

import (
	"bytes"

	"github.com/gopalisade/palisade/upload/content"
)

// script is a page that would say hello, if somebody ran it.
const script = `<html><script>alert("uploadtest")</script></html>`

// Disguises returns files that are not what their names say, or not only that, by name: pages and programs under the
// extension of an image, and files that are valid in two formats at once. Each is to be refused.
func Disguises() map[string][]byte {
	jpg, png, gif := Sample(content.JPEG), Sample(content.PNG), Sample(content.GIF)
	archive := Zip("page.html", []byte(script))
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	riff := join(Sample(content.WebP), []byte("JUNK"), le32(int64(len(archive))), archive, make([]byte, len(archive)%2))
	copy(riff[4:], le32(int64(len(riff)-8)))
	return map[string][]byte{
		// another format altogether
		"page.jpg":      []byte(script),
		"page.png":      []byte(script),
		"page.gif":      []byte(script),
		"page.webp":     []byte(script),
		"page.pdf":      []byte(script),
		"page.txt":      []byte(script),
		"page.zip":      []byte(script),
		"png.jpg":       png,
		"jpeg.png":      jpg,
		"vector.txt":    []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`),
		"utf16.txt":     join([]byte{0xff, 0xfe}, utf16(script)),
		"late.txt":      join(bytes.Repeat([]byte("Nothing to see here.\n"), 200), []byte(script)),
		"program.zip":   join([]byte("MZ"), make([]byte, 62), archive),
		"late.pdf":      join(bytes.Repeat([]byte{'\n'}, 600), Sample(content.PDF)),
		"magic.gif":     []byte("GIF89a=1;" + script),
		"magic.jpg":     []byte("\xff\xd8\xff\xe0" + script),
		"magic.png":     []byte(pngMagic + script),
		"magic.webp":    []byte("RIFF\x40\x00\x00\x00WEBP" + script),
		"magic.pdf":     []byte("%PDF-1.7\n" + script),
		"magic.zip":     []byte("PK\x03\x04" + script),
		"header.gif":    []byte("GIF89a/*\x01\x00\x00*/=alert(1)//;"),
		"appended.jpg":  join(jpg, archive),
		"appended.png":  join(png, archive),
		"appended.gif":  join(gif, []byte(script)),
		"appended.pdf":  join(Sample(content.PDF), []byte(script)),
		"appended.webp": riff,
		// another format where this one has room for it
		"comment.jpg": join(jpg[:2], segment(0xfe, []byte(script)...), jpg[2:]),
		"comment.png": join(png[:33], chunk("tEXt", []byte("Comment\x00"+script)), png[33:]),
		"comment.gif": join(gif[:19], []byte{0x21, 0xfe, byte(len(script))}, []byte(script), []byte{0}, gif[19:]),
		// something that runs when the page is opened, in as many bytes, so that the offsets hold
		"action.pdf": bytes.Replace(Sample(content.PDF), []byte("/MediaBox [0 0 72 72]"), []byte("/AA << /O 4 0 R >>   "), 1),
	}
}

// utf16 is little endian, of ASCII.
func utf16(s string) []byte {
	b := make([]byte, 0, 2*len(s))
	for _, c := range []byte(s) {
		b = append(b, c, 0)
	}
	return b
}
