package envelope_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/gopalisade/palisade/crypto/envelope"
)

func FuzzParseRecord(f *testing.F) {
	good := marshal(f, goodRecord())
	f.Add(good)
	f.Add(good[:20])
	f.Add([]byte{1, 1, 'a', 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		rec, err := envelope.ParseRecord(b)
		if err != nil {
			if !errors.Is(err, envelope.ErrRecord) || rec.Subject != "" || rec.Wrapped != nil {
				t.Errorf("%x: a failure brings %+v, %v", b, rec, err)
			}
			return
		}
		again, err := rec.MarshalBinary()
		if err != nil || !bytes.Equal(again, b) {
			t.Errorf("%x: a record has one form, and this one also %x, %v", b, again, err)
		}
		if len(b) > 5000 {
			t.Errorf("a record of %d bytes was taken", len(b))
		}
	})
}

// FuzzRecordOfSubject has a store that returns any record; only the one that was made is taken.
func FuzzRecordOfSubject(f *testing.F) {
	local := newLocal(f)
	store := envelope.NewMemory(0)
	ringOf(f, newKeys(f, local, store, nil), alice)
	made := marshal(f, records(f, store, alice)[0])
	f.Add(made)
	for _, i := range []int{0, 1, 5, 13, 17, 25, 30, 40, 60, 80} {
		bad := bytes.Clone(made)
		bad[i] ^= 1
		f.Add(bad)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		rec, err := envelope.ParseRecord(b)
		if err != nil {
			return
		}
		k := newKeys(t, local, listing{envelope.NewMemory(0), []envelope.Record{rec}}, nil)
		_, err = k.Ring(t.Context(), alice)
		if ok := bytes.Equal(b, made); (err == nil) != ok {
			t.Errorf("%x: got %v; the one authentic record is %x", b, err, made)
		}
	})
}
