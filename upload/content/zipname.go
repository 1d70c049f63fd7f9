package content

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const zipDepth = 32 // segments of a name

// name judges an entry's name by what unpacking would make of it, on any system. No two may fall on one file, nor a file and
// a directory on each other.
func (z *zipWalk) name(e *zipEntry) {
	path, dir := strings.CutSuffix(e.name, "/")
	if dir && e.size > 0 {
		z.fail(ErrEntry, "directory with data")
	}
	if e.flags&zipIsUTF8 != 0 && !utf8.ValidString(e.name) {
		z.fail(ErrEntry, "name that is not UTF-8")
	}
	if strings.ContainsAny(e.name, "\\:\x7f") || strings.ContainsFunc(e.name, func(r rune) bool { return r < ' ' }) {
		z.fail(ErrEntry, "character in a name")
	}
	if strings.Count(path, "/") >= zipDepth {
		z.fail(ErrEntry, "path of a name")
	}
	for segment := range strings.SplitSeq(path, "/") {
		if strings.Trim(segment, ". ") == "" || strings.HasSuffix(segment, ".") || strings.HasSuffix(segment, " ") {
			z.fail(ErrEntry, "path of a name") // absolute, upwards, or spelt otherwise on Windows
		}
		if isDevice(segment) {
			z.fail(ErrEntry, "name of a device")
		}
	}
	folded := foldName(path)
	if was, ok := z.names[folded]; ok && (!dir || !was) || dir && z.names[folded+"/"] {
		z.fail(ErrEntry, "name twice")
	}
	z.names[folded] = dir
	if dir {
		z.names[folded+"/"] = true
	}
	for i, c := range folded {
		if c != '/' {
			continue
		}
		if isDir, ok := z.names[folded[:i]]; ok && !isDir {
			z.fail(ErrEntry, "name twice")
		}
		z.names[folded[:i]] = true
	}
}

// foldName folds what is UTF-8 in a name, and keeps the bytes of other encodings apart.
func foldName(name string) string {
	b := make([]byte, 0, len(name))
	for len(name) > 0 {
		r, n := utf8.DecodeRuneInString(name)
		if r == utf8.RuneError {
			b = append(b, name[:n]...)
		} else {
			b = utf8.AppendRune(b, fold(r))
		}
		name = name[n:]
	}
	return string(b)
}

// fold gives all letters that differ by case alone, in any file system's eyes, the same form: ſ is an s too.
func fold(r rune) rune {
	least := r
	for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
		least = min(least, other)
	}
	return unicode.ToLower(least)
}

// devices are what Windows opens instead of a file, with any extension.
var devices = []string{"con", "prn", "aux", "nul", "conin$", "conout$", "clock$"}

func isDevice(segment string) bool {
	base, _, _ := strings.Cut(segment, ".")
	base = strings.ToLower(strings.TrimRight(base, " "))
	if slices.Contains(devices, base) {
		return true
	}
	port, isPort := strings.CutPrefix(base, "com")
	if !isPort {
		port, isPort = strings.CutPrefix(base, "lpt")
	}
	return isPort && slices.Contains([]string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³"}, port)
}

// archives are the beginnings of formats that unpack into something.
var archives = []string{
	zipLocal, zipEnd, "\x1f\x8b", "\x1f\x9d", "BZh", "\xfd7zXZ\x00", "7z\xbc\xaf\x27\x1c", "Rar!\x1a\x07",
	"\x28\xb5\x2f\xfd", "\x04\x22\x4d\x18", "MSCF\x00\x00\x00\x00", "!<arch>\n", "070701", "070707", "xar!",
}

func isArchive(head []byte) bool {
	for _, magic := range archives {
		if bytes.HasPrefix(head, []byte(magic)) {
			return true
		}
	}
	return string(head[257:262]) == "ustar" || string(head[2:5]) == "-lh"
}
