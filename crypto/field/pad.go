package field

import "bytes"

const padMark = 0x80

// appendPadded appends text, the mark, and zeros up to a multiple of block (ISO/IEC 7816-4).
func appendPadded(dst, text []byte, block int) []byte {
	size := paddedLen(len(text), block)
	dst = append(append(dst, text...), padMark)
	return append(dst, make([]byte, size-len(text)-1)...)
}

func paddedLen(n, block int) int { return (n/block + 1) * block }

// unpad returns the length of the text. It runs after the tag was verified, so there is nothing to learn from its time
// but the length, which the caller gets.
func unpad(padded []byte) (n int, ok bool) {
	n = len(bytes.TrimRight(padded, "\x00")) - 1
	return n, n >= 0 && padded[n] == padMark
}
