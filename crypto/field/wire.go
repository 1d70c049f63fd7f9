package field

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
)

// Suite is how a value is encrypted. It is a policy of the ring and never a choice of the caller, nor of the value: the
// number inside a value is authenticated, and has a key of its own.
type Suite uint8

// The suites of version 1.
const (
	AES256GCM       Suite = 1 // random 96-bit nonce: at most 2^32 values a key
	XAES256GCM      Suite = 2 // random 192-bit nonce: no limit that a program reaches, slower (C2SP)
	AES256GCMCommit Suite = 3 // as the first, bound to one key, for keys that somebody else may have chosen
)

// String returns the suite's name.
func (s Suite) String() string {
	switch s {
	case AES256GCM:
		return "AES-256-GCM"
	case XAES256GCM:
		return "XAES-256-GCM"
	case AES256GCMCommit:
		return "AES-256-GCM with key commitment"
	}
	return fmt.Sprintf("Suite(%d)", uint8(s))
}

func (s Suite) known() bool { return s >= AES256GCM && s <= AES256GCMCommit }

const (
	magic      = 0xF9 // 0xF8 and version 1; no byte above 0xF7 is in valid UTF-8, so text is never taken for a sealed value
	paddedBit  = 0x80
	headerSize = 6
	nonceSize  = 12
	saltSize   = 12 // before the nonce in XAES
	tagSize    = 16
	commitSize = 32
	keySize    = 32

	maxPlaintext = 16 << 20
	maxPad       = 1 << 16
	maxSealed    = maxPlaintext + maxPad + headerSize + nonceSize + commitSize + tagSize
)

// overhead is what a suite adds to a plaintext.
func (s Suite) overhead() int {
	size := headerSize + nonceSize + tagSize
	switch s {
	case XAES256GCM:
		size += saltSize
	case AES256GCMCommit:
		size += commitSize
	}
	return size
}

// SealedLen returns the length of n bytes sealed by a ring of a suite, and the largest of all suites for 0, to size a
// database column. For [AES256GCM] it is that of [XAES256GCM], 12 bytes more, since the ring goes on with it one day. With
// padding, n is a multiple of the block and larger than the value.
func SealedLen(n int, s Suite) int {
	switch s {
	case 0:
		s = AES256GCMCommit
	case AES256GCM:
		s = XAES256GCM
	}
	return n + s.overhead()
}

// TextLen returns the length of the text form of a sealed value of n bytes.
func TextLen(n int) int { return len(textPrefix) + base64.RawURLEncoding.EncodedLen(n) }

// Info is what a sealed value shows without a key. None of it is authentic until the value was opened.
type Info struct {
	Version int
	Suite   Suite
	KeyID   KeyID
	Padded  bool
	Len     int // bytes of plaintext, with its padding
}

// Inspect reads the header of a sealed value. The error matches [ErrFormat] and [ErrOpen].
func Inspect(sealed []byte) (Info, error) {
	h, ok := inspect(sealed)
	if !ok {
		return Info{}, cannotOpen(0, ErrFormat)
	}
	return Info{Version: 1, Suite: h.Suite, KeyID: h.KeyID, Padded: h.Padded, Len: h.Len}, nil
}

// header is an Info, so small that it stays in registers.
type header struct {
	Suite  Suite
	Padded bool
	KeyID  KeyID
	Len    int
}

func inspect(sealed []byte) (header, bool) {
	if len(sealed) < headerSize || len(sealed) > maxSealed || sealed[0] != magic {
		return header{}, false
	}
	h := header{
		Suite:  Suite(sealed[1] &^ paddedBit),
		Padded: sealed[1]&paddedBit != 0,
		KeyID:  KeyID(binary.BigEndian.Uint32(sealed[2:])),
	}
	if !h.Suite.known() || h.KeyID == 0 {
		return header{}, false
	}
	h.Len = len(sealed) - h.Suite.overhead()
	if h.Len < 0 || h.Padded && h.Len == 0 { // padding is a byte at least
		return header{}, false
	}
	return h, true
}

// appendHeader appends the header of an unpadded value.
func appendHeader(dst []byte, s Suite, id KeyID) []byte {
	return binary.BigEndian.AppendUint32(append(dst, magic, byte(s)), uint32(id))
}

const textPrefix = "enc1."

var strict = base64.RawURLEncoding.Strict()

// Text returns the text form of a sealed value, for JSON and columns that hold text.
func Text(sealed []byte) string { return string(appendText(nil, sealed)) }

func appendText(dst, sealed []byte) []byte {
	return strict.AppendEncode(append(dst, textPrefix...), sealed)
}

// ParseText reads the text form back. Padding, line breaks, the other base64 alphabet and set bits behind the last byte are
// refused: each value has one text. The error matches [ErrFormat] and [ErrOpen].
func ParseText(text string) ([]byte, error) {
	code, ok := strings.CutPrefix(text, textPrefix)
	if !ok || len(text) > TextLen(maxSealed) || strings.ContainsAny(code, "\r\n") { // which the decoder would skip
		return nil, cannotOpen(0, ErrFormat)
	}
	sealed, err := strict.DecodeString(code)
	if _, ok := inspect(sealed); err != nil || !ok {
		return nil, cannotOpen(0, ErrFormat)
	}
	return sealed, nil
}
