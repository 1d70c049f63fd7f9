package sanitize

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	maxFilename  = 255 // bytes: what ext4, XFS, APFS and NTFS take of UTF-8
	maxExtension = 32
)

// Filename returns the last element of a path as a name that every usual file system takes for an ordinary file: no
// separators, no characters that Windows forbids, no invisible ones, the joiners of Persian and of emoji among them, one
// space at a time, no device name such as CON, no dots or spaces at either end, nothing that a shell's command takes for
// an option, NFC, at most 255 bytes with the extension kept. A name of which nothing is left is "unnamed".
//
// The name is for showing and for downloads. Uploaded files are best stored under a name of one's own: two names may
// come out equal, and an extension says nothing about the content. Names that mean something to one program stay, as
// desktop.ini, and so do escapes: "%2e%2e%2f" is a path again for who decodes it.
func Filename(s string) string {
	s = s[strings.LastIndexAny(s, `/\`)+1:]
	s = norm.NFC.String(strings.ToValidUTF8(s, "_"))
	last, marks := ' ', 0
	s = strings.Map(func(r rune) rune {
		r = fileRune(r)
		switch {
		case r < 0, r == ' ' && last == ' ':
			return -1
		case !unicode.Is(unicode.Mn, r):
			marks = 0
		case marks == maxMarks:
			return -1
		default:
			marks++
		}
		last = r
		return r
	}, s)
	s = trimName(norm.NFC.String(s))
	s = trimName(shorten(undevice(s)))
	// A shortened name may have become a device's.
	if s = undevice(s); s == "" {
		return "unnamed"
	}
	return s
}

// The fullwidth, the small and the mathematical forms are separators too, once some program converts the name to an older
// character set; in those of Japan and Korea the signs of yen and won stand where the backslash was.
func fileRune(r rune) rune {
	switch {
	case strings.ContainsRune("<>:\"|?*／＼：∕⁄∖＊？＂＜＞｜﹨¥￥₩￦", r):
		return '_'
	case unicode.IsSpace(r):
		return ' '
	case invisible(r):
		return -1
	}
	return r
}

// trimName also takes the one-dot forms that a conversion would make dots of, and hides no option or home directory.
func trimName(s string) string {
	s = strings.TrimRight(strings.TrimLeft(s, " .．․‥…"), " .．․‥…")
	if first, size := utf8.DecodeRuneInString(s); strings.ContainsRune("-－﹣~～", first) {
		s = "_" + s[size:]
	}
	return s
}

// undevice renames what Windows takes for a device, whatever the extension, and what a conversion would make one.
func undevice(s string) string {
	stem, _, _ := strings.Cut(norm.NFKC.String(s), ".")
	stem = strings.ToUpper(strings.TrimRight(stem, " "))
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$":
		return "_" + s
	}
	for _, port := range []string{"COM", "LPT"} {
		n, ok := strings.CutPrefix(stem, port)
		if ok && len(n) == 1 && digit(n[0]) {
			return "_" + s
		}
	}
	return s
}

// shorten cuts the name between two characters, before its extension.
func shorten(s string) string {
	if len(s) <= maxFilename {
		return s
	}
	dot := strings.LastIndexByte(s, '.')
	if dot < 0 || len(s)-dot > maxExtension {
		dot = len(s)
	}
	stem, extension := s[:dot], s[dot:]
	end := maxFilename - len(extension)
	for !utf8.RuneStart(stem[end]) {
		end--
	}
	return strings.TrimRight(stem[:end], " .") + extension
}
