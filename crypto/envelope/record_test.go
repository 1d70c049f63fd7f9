package envelope_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/crypto/envelope"
)

func goodRecord() envelope.Record {
	return envelope.Record{
		Subject: alice, Seq: 2, KeyID: 0xfeedbeef, Created: time.Date(2026, 3, 29, 1, 59, 59, 123_456_000, time.UTC), KEK: "local",
		Wrapped: []byte("0123456789abcdef wrapped"),
	}
}

func marshal(t testing.TB, rec envelope.Record) []byte {
	t.Helper()
	b, err := rec.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestRecordFormat has the bytes that are in databases: they never change.
func TestRecordFormat(t *testing.T) {
	const want = "01" + // version
		"0a" + "637573746f6d65722d37" + // subject
		"00000002" + "feedbeef" + // seq, key id
		"00064e20176bc800" + // created
		"05" + "6c6f63616c" + // KEK
		"0018" + "30313233343536373839616263646566" + "2077726170706564" // wrapped
	got := hex.EncodeToString(marshal(t, goodRecord()))
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestRecordRoundTrip(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*envelope.Record)
		ok     bool
	}{
		{"as it is", func(*envelope.Record) {}, true},
		{"longest", func(r *envelope.Record) {
			r.Subject, r.KEK, r.Wrapped = strings.Repeat("s", 255), strings.Repeat("k", 255), make([]byte, 4112)
		}, true},
		{"shortest", func(r *envelope.Record) { r.Subject, r.KEK, r.Wrapped = "s", "k", make([]byte, 17) }, true},
		{"last", func(r *envelope.Record) { r.Seq, r.KeyID = 1<<32-1, 1<<32-1 }, true},
		{"other zone", func(r *envelope.Record) { r.Created = r.Created.In(time.FixedZone("", 3600)) }, true},
		{"no subject", func(r *envelope.Record) { r.Subject = "" }, false},
		{"long subject", func(r *envelope.Record) { r.Subject = strings.Repeat("s", 256) }, false},
		{"subject not UTF-8", func(r *envelope.Record) { r.Subject = "\xff" }, false},
		{"subject with a line break", func(r *envelope.Record) { r.Subject = "a\nb" }, false},
		{"no seq", func(r *envelope.Record) { r.Seq = 0 }, false},
		{"no id", func(r *envelope.Record) { r.KeyID = 0 }, false},
		{"no time", func(r *envelope.Record) { r.Created = time.Time{} }, false},
		{"1970", func(r *envelope.Record) { r.Created = time.Unix(0, 0) }, false},
		{"no KEK", func(r *envelope.Record) { r.KEK = "" }, false},
		{"long KEK", func(r *envelope.Record) { r.KEK = strings.Repeat("k", 256) }, false},
		{"nothing wrapped", func(r *envelope.Record) { r.Wrapped = r.Wrapped[:16] }, false},
		{"too much wrapped", func(r *envelope.Record) { r.Wrapped = make([]byte, 4113) }, false},
	} {
		rec := goodRecord()
		tc.change(&rec)
		b, err := rec.MarshalBinary()
		if !tc.ok {
			if !errors.Is(err, envelope.ErrRecord) || b != nil {
				t.Errorf("%s: got %x, %v, want ErrRecord", tc.name, b, err)
			}
			continue
		}
		got, err := envelope.ParseRecord(b)
		if err != nil || got.Subject != rec.Subject || got.Seq != rec.Seq || got.KeyID != rec.KeyID ||
			!got.Created.Equal(rec.Created) || got.KEK != rec.KEK || !bytes.Equal(got.Wrapped, rec.Wrapped) {
			t.Errorf("%s: got %+v, %v, want %+v", tc.name, got, err, rec)
		}
	}
}

func TestParseRecordRefuses(t *testing.T) {
	good := marshal(t, goodRecord())
	for n := range good {
		if _, err := envelope.ParseRecord(good[:n]); !errors.Is(err, envelope.ErrRecord) {
			t.Errorf("cut to %d bytes: got %v", n, err)
		}
	}
	for _, tc := range []struct {
		name string
		b    []byte
	}{
		{"nothing", nil},
		{"a byte more", append(bytes.Clone(good), 0)},
		{"another version", append([]byte{2}, good[1:]...)},
		{"no version", append([]byte{0}, good[1:]...)},
		{"length of subject", append([]byte{1, 255}, good[2:]...)},
		{"no subject", append([]byte{1, 0}, good[12:]...)},
		{"before 1970", bytes.Replace(bytes.Clone(good), good[20:28], bytes.Repeat([]byte{0xff}, 8), 1)},
	} {
		if rec, err := envelope.ParseRecord(tc.b); !errors.Is(err, envelope.ErrRecord) || rec.Wrapped != nil {
			t.Errorf("%s: got %+v, %v, want ErrRecord", tc.name, rec, err)
		}
	}
	parsed, err := envelope.ParseRecord(good)
	if err != nil {
		t.Fatal(err)
	}
	clear(good)
	if string(parsed.Wrapped) != "0123456789abcdef wrapped" {
		t.Error("the record shares memory with what it was read from")
	}
}
