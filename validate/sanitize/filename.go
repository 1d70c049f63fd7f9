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
// separators, no characters that Windows forbids, no invisible ones, no device name such as CON, no dots or spaces at
// either end, nothing that a shell's command takes for an option, NFC, at most 255 bytes with the extension kept. A
// name of which nothing is left is "unnamed".
//
// The name is for showing and for downloads. Uploaded files are best stored under a name of one's own: two names may
// come out equal, and an extension says nothing about the content.
func Filename(s string) string {
	s = s[strings.LastIndexAny(s, `/\`)+1:]
	s = strings.Map(fileRune, strings.ToValidUTF8(s, "_"))
	s = trimName(norm.NFC.String(s))
	s = trimName(shorten(undevice(s)))
	// A shortened name may have become a device's.
	if s = undevice(s); s == "" {
		return "unnamed"
	}
	return s
}

// The fullwidth and the mathematical forms are separators too, once some program converts the name to an older
// character set.
func fileRune(r rune) rune {
	switch {
	case strings.ContainsRune("<>:\"|?*／＼：∕⁄∖＊？＂＜＞｜", r):
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
	if strings.HasPrefix(s, "-") || strings.HasPrefix(s, "~") {
		s = "_" + s[1:]
	}
	return s
}

// undevice renames what Windows takes for a device, whatever the extension.
func undevice(s string) string {
	stem, _, _ := strings.Cut(s, ".")
	stem = strings.ToUpper(strings.TrimRight(stem, " "))
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$":
		return "_" + s
	}
	for _, port := range []string{"COM", "LPT"} {
		n, ok := strings.CutPrefix(stem, port)
		if ok && utf8.RuneCountInString(n) == 1 && strings.Contains("0123456789¹²³", n) {
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
