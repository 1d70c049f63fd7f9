package formats

// UUID reports whether s is 8-4-4-4-12 hexadecimal digits in lower case, as RFC 9562 section 4 writes them: an identifier
// with two spellings is two keys of a cache. Systems that write upper case (Apple's, Microsoft's) are for [UUIDAnyCase], or
// to be lower-cased first. Any version and the nil UUID will do.
func UUID(s string) bool {
	return hyphenated(s, func(c byte) bool { return isDigit(c) || c-'a' < 6 })
}

// UUIDAnyCase is [UUID] in either case, as RFC 9562 has it read.
func UUIDAnyCase(s string) bool { return hyphenated(s, isHex) }

func hyphenated(s string, ok func(byte) bool) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		switch i {
		case 8, 13, 18, 23:
			if s[i] != '-' {
				return false
			}
		default:
			if !ok(s[i]) {
				return false
			}
		}
	}
	return true
}

// UUIDVersion reports whether s is a [UUID] of that version, 1 to 8, and of RFC 9562's variant.
func UUIDVersion(s string, version int) bool {
	return UUID(s) && 1 <= version && version <= 8 && int(unhex(s[14])) == version && unhex(s[19])>>2 == 2
}

// ULID reports whether s is 26 upper-case characters of Crockford's base 32 that fit 128 bits.
func ULID(s string) bool {
	return len(s) == 26 && s[0] <= '7' && every(s, func(c byte) bool {
		return isDigit(c) || 'A' <= c && c <= 'Z' && c != 'I' && c != 'L' && c != 'O' && c != 'U'
	})
}
