package envelope

import (
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gopalisade/palisade/crypto/field"
)

// Record is a wrapped data key. All of it but Wrapped is authenticated by the wrapper and by Wrapped itself, so that a record
// that was moved to another subject, or changed, does not unwrap.
type Record struct {
	Subject string      // whose key it is: 1 to 255 bytes of UTF-8 without control characters
	Seq     uint32      // counts the subject's keys from 1; the newest has the highest
	KeyID   field.KeyID // in every value that it sealed
	Created time.Time   // to the microsecond
	KEK     string      // ID of the wrapper
	Wrapped []byte      // opaque, up to 4112 bytes
}

const (
	recordVersion = 1
	keySize       = 32
	checkSize     = 16
	maxName       = 255
	maxWrapped    = 4096
	maxRecord     = 2 + maxName + 4 + 4 + 8 + 1 + maxName + 2 + checkSize + maxWrapped
)

// MarshalBinary returns the stored form:
//
//	1 | length of subject, 1 byte | subject | seq, 4 bytes | key id, 4 | created, microseconds since 1970, 8
//	  | length of KEK, 1 | KEK | length of wrapped, 2 | wrapped
//
// Numbers are big-endian. The error is [ErrRecord] for a Record that ParseRecord would not return.
func (r Record) MarshalBinary() ([]byte, error) {
	if !r.valid() {
		return nil, ErrRecord
	}
	b := r.appendHead(make([]byte, 0, maxRecord-maxWrapped+len(r.Wrapped)))
	b = binary.BigEndian.AppendUint16(b, uint16(len(r.Wrapped)))
	return append(b, r.Wrapped...), nil
}

func (r *Record) valid() bool {
	return isName(r.Subject) && r.Seq != 0 && r.KeyID != 0 && r.Created.UnixMicro() > 0 && isName(r.KEK) &&
		len(r.Wrapped) > checkSize && len(r.Wrapped) <= checkSize+maxWrapped
}

func (r *Record) appendHead(b []byte) []byte {
	b = append(b, recordVersion, byte(len(r.Subject)))
	b = append(b, r.Subject...)
	b = binary.BigEndian.AppendUint32(b, r.Seq)
	b = binary.BigEndian.AppendUint32(b, uint32(r.KeyID))
	b = binary.BigEndian.AppendUint64(b, uint64(r.Created.UnixMicro()))
	b = append(b, byte(len(r.KEK)))
	return append(b, r.KEK...)
}

// ParseRecord reads the stored form, of which every record has one. The error is [ErrRecord]. It cannot tell whether the
// record is authentic.
func ParseRecord(b []byte) (Record, error) {
	in := reader{rest: b, ok: true}
	version := in.take(1)
	r := Record{Subject: string(in.take(in.byte()))}
	r.Seq, r.KeyID = in.uint32(), field.KeyID(in.uint32())
	r.Created = time.UnixMicro(int64(uint64(in.uint32())<<32 | uint64(in.uint32()))).UTC()
	r.KEK = string(in.take(in.byte()))
	r.Wrapped = append([]byte(nil), in.take(in.byte()<<8|in.byte())...)
	if !in.ok || len(in.rest) > 0 || version[0] != recordVersion || !r.valid() {
		return Record{}, ErrRecord
	}
	return r, nil
}

// reader takes bytes from the front, and nothing any more once they did not suffice.
type reader struct {
	rest []byte
	ok   bool
}

func (r *reader) take(n int) []byte {
	if !r.ok || n > len(r.rest) {
		r.ok = false
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) byte() int {
	if b := r.take(1); r.ok {
		return int(b[0])
	}
	return 0
}

func (r *reader) uint32() uint32 {
	if b := r.take(4); r.ok {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

// isName keeps subjects and wrappers storable as text everywhere, and readable.
func isName(s string) bool {
	if s == "" || len(s) > maxName || !utf8.ValidString(s) {
		return false
	}
	for _, c := range s {
		if unicode.IsControl(c) {
			return false
		}
	}
	return true
}

const (
	labelAAD   = "palisade/envelope/v1\x00"       // the wrapper may serve others too
	labelCheck = "palisade/envelope/v1/check\x00" // no prefix of a label of crypto/field, nor the other way round
)

// aad is what the wrapper authenticates.
func (r *Record) aad() []byte { return r.appendHead([]byte(labelAAD)) }

// seal puts what the wrapper returned behind a value that only the key can make for this record. It holds where a service
// ignores the aad, as those do that are older than theirs, and tells another key from the right one before anything is
// sealed with it.
func (r *Record) seal(key, wrapped []byte) {
	r.Wrapped = append(r.check(key), wrapped...)
}

// isOf reports whether the record was made for the key.
func (r *Record) isOf(key []byte) bool {
	return len(key) == keySize && subtle.ConstantTimeCompare(r.check(key), r.Wrapped[:checkSize]) == 1
}

// check is HKDF-Expand (RFC 5869 section 2.3), as for all that comes from a ring's key: it says nothing about the others.
func (r *Record) check(key []byte) []byte {
	out, _ := hkdf.Expand(sha256.New, key, string(r.appendHead([]byte(labelCheck))), checkSize) // fails for 8 KiB and more only
	return out
}
