package content

import (
	"bytes"
	"slices"
	"strings"
)

// Type is a media type that this package can check.
type Type string

// The types. SVG, TIFF and HTML are not among them: nothing here could make them safe.
const (
	JPEG Type = "image/jpeg"
	PNG  Type = "image/png"
	GIF  Type = "image/gif"
	WebP Type = "image/webp"
	PDF  Type = "application/pdf"
	Text Type = "text/plain"
	ZIP  Type = "application/zip"
)

// kinds tells of each type its extensions, the one to write first, and other names that senders use for it.
var kinds = []struct {
	t          Type
	extensions []string
	aliases    []string
}{
	{JPEG, []string{"jpg", "jpeg", "jpe", "jfif"}, []string{"image/jpg", "image/pjpeg"}},
	{PNG, []string{"png"}, []string{"image/x-png", "image/apng"}},
	{GIF, []string{"gif"}, nil},
	{WebP, []string{"webp"}, nil},
	{PDF, []string{"pdf"}, []string{"application/x-pdf"}},
	{Text, []string{"txt"}, nil},
	{ZIP, []string{"zip"}, []string{"application/x-zip-compressed"}},
}

// Images returns the image types.
func Images() []Type { return []Type{JPEG, PNG, GIF, WebP} }

// Extensions returns the extensions of t without a dot, the usual one first; nil for a type that is not of this package.
func (t Type) Extensions() []string {
	for _, k := range kinds {
		if k.t == t {
			return slices.Clone(k.extensions)
		}
	}
	return nil
}

// Inline reports whether a browser may show t in place: images. Anything else belongs into an attachment.
func (t Type) Inline() bool { return slices.Contains(Images(), t) }

// ByExtension returns the type of a file name's extension, given with its dot or without, in any case.
func ByExtension(ext string) (Type, bool) {
	ext = strings.ToLower(strings.TrimPrefix(ext, "."))
	for _, k := range kinds {
		if slices.Contains(k.extensions, ext) {
			return k.t, true
		}
	}
	return "", false
}

// ByMediaType returns the type that a bare media type, without parameters, stands for, in any case.
func ByMediaType(name string) (Type, bool) {
	name = strings.ToLower(name)
	for _, k := range kinds {
		if string(k.t) == name || slices.Contains(k.aliases, name) {
			return k.t, true
		}
	}
	return "", false
}

// SniffLen is how many bytes [Sniff] looks at.
const SniffLen = 12

// Sniff returns the type that the first bytes of a file announce, at offset zero and nowhere else. Text announces itself by
// nothing, so it is never the answer; and only [Check] can tell whether a file keeps its promise.
func Sniff(head []byte) (Type, bool) {
	starts := func(magic string) bool { return bytes.HasPrefix(head, []byte(magic)) }
	switch {
	case starts("\xff\xd8\xff"):
		return JPEG, true
	case starts("\x89PNG\r\n\x1a\n"):
		return PNG, true
	case starts("GIF87a"), starts("GIF89a"):
		return GIF, true
	case starts("RIFF") && len(head) >= 12 && string(head[8:12]) == "WEBP":
		return WebP, true
	case starts("%PDF-"):
		return PDF, true
	case starts("PK\x03\x04"):
		return ZIP, true
	}
	return "", false
}
