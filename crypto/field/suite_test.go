package field_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha3"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/internal/racing"
)

func unhex(tb testing.TB, s string) []byte {
	tb.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// Vectors of c2sp.org/XAES-256-GCM, one for each value of the top bit of the encrypted zero block.
func TestXAESVectors(t *testing.T) {
	nonce := []byte("ABCDEFGHIJKLMNOPQRSTUVWX")
	for _, tc := range []struct {
		name, aad string
		key       byte
		derived   string
		want      string
	}{
		{
			"no overflow", "", 1,
			"c8612c9ed53fe43e8e005b828a1631a0bbcb6ab2f46514ec4f439fcfd0fa969b",
			"ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271",
		},
		{
			"overflow", "c2sp.org/XAES-256-GCM", 3,
			"e9c621d4cdd9b11b00a6427ad7e559aeedd66b3857646677748f8ca796cb3fd8",
			"986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d",
		},
	} {
		key := bytes.Repeat([]byte{tc.key}, 32)
		if got := hex.EncodeToString(field.XAESKey(key, nonce[:12])); got != tc.derived {
			t.Errorf("%s: got key %s, want %s", tc.name, got, tc.derived)
		}
		body := append(slices.Clone(nonce), unhex(t, tc.want)...)
		if got, err := field.OpenXAES(key, body, []byte(tc.aad)); err != nil || string(got) != "XAES-256-GCM" {
			t.Errorf("%s: got %q, %v", tc.name, got, err)
		}
	}
}

// The specification's accumulated vector: 10 000 drawn keys, nonces, texts and AADs, and a hash of all that was sealed.
// The nonce of our own seal cannot be chosen, so the sealing half is composed here, and opened by the package.
func TestXAESAccumulated(t *testing.T) {
	in, out := sha3.NewSHAKE128(), sha3.NewSHAKE128()
	read := func(n int) []byte {
		b := make([]byte, n)
		_, _ = in.Read(b)
		return b
	}
	for range 10_000 {
		key, nonce := read(32), read(24)
		text := read(int(read(1)[0]))
		aad := read(int(read(1)[0]))
		block, err := aes.NewCipher(field.XAESKey(key, nonce[:12]))
		if err != nil {
			t.Fatal(err)
		}
		gcm, err := cipher.NewGCM(block)
		if err != nil {
			t.Fatal(err)
		}
		sealed := gcm.Seal(nil, nonce[12:], text, aad)
		_, _ = out.Write(sealed)
		if got, err := field.OpenXAES(key, append(nonce, sealed...), aad); err != nil || !bytes.Equal(got, text) {
			t.Fatalf("got %x, %v, want %x", got, err, text)
		}
	}
	sum := make([]byte, 32)
	_, _ = out.Read(sum)
	if got := hex.EncodeToString(sum); got != "e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939" {
		t.Errorf("got %s", got)
	}
	key := newKey()
	sealed := field.SealXAES(key, []byte("text"), []byte("aad"))
	if got, err := field.OpenXAES(key, sealed, []byte("aad")); err != nil || string(got) != "text" {
		t.Errorf("got %q, %v", got, err)
	}
}

// element is a number of GHASH's field, the first bit of the block in the top bit of hi.
type element struct{ hi, lo uint64 }

func load(b []byte) element {
	return element{binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:])}
}

func (x element) add(y element) element { return element{x.hi ^ y.hi, x.lo ^ y.lo} }

func (x element) mul(y element) (z element) {
	for i := range 128 {
		word := y.hi
		if i >= 64 {
			word = y.lo
		}
		if bits.RotateLeft64(word, i%64+1)&1 == 1 {
			z = z.add(x)
		}
		carry := x.lo & 1
		x = element{x.hi >> 1, x.lo>>1 | x.hi<<63}
		x.hi ^= carry * 0xE1 << 56
	}
	return z
}

// inverse is x^(2^128-2).
func (x element) inverse() element {
	z := element{hi: 1 << 63}
	for range 127 {
		x = x.mul(x)
		z = z.mul(x)
	}
	return z
}

// twoKeys returns nonce, one block and tag that are authentic under both keys for AES-GCM, which commits to none.
func twoKeys(tb testing.TB, a, b, aad []byte) []byte {
	tb.Helper()
	nonce := make([]byte, 12)
	blocks := slices.Concat(aad, make([]byte, (16-len(aad)%16)%16), make([]byte, 16))
	blocks = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(blocks, uint64(8*len(aad))), 128)
	// side returns the tag for a zero block, and what the block is multiplied with.
	side := func(key []byte) (tag, factor element) {
		block, err := aes.NewCipher(key)
		if err != nil {
			tb.Fatal(err)
		}
		var h, mask [16]byte
		block.Encrypt(h[:], h[:])
		block.Encrypt(mask[:], append(slices.Clone(nonce), 0, 0, 0, 1))
		for chunk := range slices.Chunk(blocks, 16) {
			tag = tag.add(load(chunk)).mul(load(h[:]))
		}
		return tag.add(load(mask[:])), load(h[:]).mul(load(h[:]))
	}
	tagA, factorA := side(a)
	tagB, factorB := side(b)
	block := tagA.add(tagB).mul(factorA.add(factorB).inverse())
	tag := tagA.add(block.mul(factorA))
	for _, word := range []uint64{block.hi, block.lo, tag.hi, tag.lo} {
		nonce = binary.BigEndian.AppendUint64(nonce, word)
	}
	return nonce
}

// Whoever knows two keys can make a value that opens under both: a tenant shows one text to the auditor, another to the
// court. With a commitment it opens under one at most.
func TestKeyCommitment(t *testing.T) {
	rings := func(suite field.Suite) (a, b *field.Ring) {
		return build(t, field.Config{Keys: []field.Key{keyOf(7, 1, field.Primary)}, Suite: suite}),
			build(t, field.Config{Keys: []field.Key{keyOf(7, 2, field.Primary)}, Suite: suite})
	}
	forge := func(suite field.Suite) (header, body, commitA, commitB []byte) {
		okmA := field.FieldKey(fixed(1), suite, "customers", "email", "")
		okmB := field.FieldKey(fixed(2), suite, "customers", "email", "")
		header = []byte{0xF9, byte(suite), 0, 0, 0, 7}
		return header, twoKeys(t, okmA[:32], okmB[:32], slices.Concat(header, field.AAD(cell()))), okmA[32:], okmB[32:]
	}
	header, body, _, _ := forge(field.AES256GCM)
	a, b := rings(field.AES256GCM)
	textA, errA := a.Open(cell(), slices.Concat(header, body))
	textB, errB := b.Open(cell(), slices.Concat(header, body))
	if err := errors.Join(errA, errB); err != nil || len(textA) != 16 || bytes.Equal(textA, textB) {
		t.Fatalf("the attack is not one: %x, %x, %v", textA, textB, err)
	}
	header, body, commitA, commitB := forge(field.AES256GCMCommit)
	a, b = rings(field.AES256GCMCommit)
	for name, commitment := range map[string][]byte{"A": commitA, "B": commitB, "none": make([]byte, 32)} {
		sealed := slices.Concat(header, body[:12], commitment, body[12:])
		_, errA := a.Open(cell(), sealed)
		_, errB := b.Open(cell(), sealed)
		if (errA == nil) != (name == "A") || (errB == nil) != (name == "B") {
			t.Errorf("commitment to %s: got %v, %v", name, errA, errB)
		}
	}
	header, body, _, _ = forge(field.AES256GCM)
	if _, err := a.Open(cell(), slices.Concat(header, body)); !errors.Is(err, field.ErrFormat) {
		t.Errorf("a committing ring opens a value without commitment: %v", err)
	}
}

func TestSuiteChangesNearTheLimit(t *testing.T) {
	ring := build(t, field.Config{Keys: []field.Key{keyOf(7, 1, field.Primary)}, MaxSeals: 3})
	for i, want := range []field.Suite{1, 1, 1, 2, 2} {
		sealed := seal(t, ring, cell(), "text")
		info, _ := field.Inspect(sealed)
		if info.Suite != want {
			t.Errorf("value %d: got %v, want %v", i, info.Suite, want)
		}
		if got, err := newRing(t, 0).Open(cell(), sealed); err != nil || string(got) != "text" {
			t.Errorf("value %d: got %q, %v", i, got, err)
		}
	}
	if sealed := seal(t, ring, cell().Tenant("acme"), "text"); sealed[1] != 1 {
		t.Errorf("another subkey has not its own limit: %x", sealed[1])
	}
	commit := build(t, field.Config{Keys: []field.Key{keyOf(7, 1, field.Primary)}, MaxSeals: 3, Suite: field.AES256GCMCommit})
	for i := range 5 {
		_, err := commit.Seal(cell(), nil)
		if want := i >= 3; errors.Is(err, field.ErrExhausted) != want {
			t.Errorf("committing value %d: got %v", i, err)
		}
	}
	if err := errors.Join(commit.Add(keyOf(8, 2, field.Primary))); err != nil {
		t.Fatal(err)
	}
	if _, err := commit.Seal(cell(), nil); err != nil {
		t.Errorf("after rotation: %v", err)
	}
}

// A subkey that made room in the cache does not come back with a fresh count.
func TestLimitSurvivesTheCache(t *testing.T) {
	ring := build(t, field.Config{Keys: []field.Key{keyOf(7, 1, field.Primary)}, MaxSeals: 10, MaxContexts: 16})
	for range 10 {
		seal(t, ring, cell(), "text")
	}
	for i := range 500 {
		seal(t, ring, field.Bind("customers", fmt.Sprint("column", i), field.Int(1)), "text")
	}
	if n := field.Cached(ring); n != 16 {
		t.Fatalf("%d subkeys are kept, want 16", n)
	}
	if sealed := seal(t, ring, cell(), "text"); sealed[1] != byte(field.XAES256GCM) {
		t.Errorf("the eleventh value is of suite %d", sealed[1])
	}
}

func TestLimitHoldsForAll(t *testing.T) {
	for _, limit := range []uint64{500, 20_000} {
		ring := build(t, field.Config{Keys: []field.Key{keyOf(7, 1, field.Primary)}, MaxSeals: limit})
		var counted atomic.Uint64
		var work sync.WaitGroup
		for range 4 {
			work.Go(func() {
				var buffer []byte
				for range limit/4 + 100 {
					buffer, _ = ring.AppendSeal(buffer[:0], cell(), nil)
					if buffer[1] == byte(field.AES256GCM) {
						counted.Add(1)
					}
				}
			})
		}
		work.Wait()
		if n := counted.Load(); n > limit || n < limit/10 && !racing.Enabled {
			t.Errorf("%d values with a 96-bit nonce, want %d at most", n, limit)
		}
	}
}

func TestColumnInUseStaysCached(t *testing.T) {
	ring := build(t, field.Config{Keys: []field.Key{keyOf(7, 1, field.Primary)}, MaxContexts: 16, MaxSeals: 1 << 20})
	for i := range 300 {
		seal(t, ring, cell(), "text")
		seal(t, ring, field.Bind("customers", fmt.Sprint("column", i), field.Int(1)), "text")
	}
	if !field.IsCached(ring, 7, "customers", "email") {
		t.Error("the column in use made room for those that were used once")
	}
}

func TestAllocations(t *testing.T) {
	for _, suite := range []field.Suite{field.AES256GCM, field.AES256GCMCommit} {
		ring := newRing(t, suite)
		text, row := []byte("ada@example.com"), field.NewRowKey()
		sealed := seal(t, ring, field.Bind("customers", "email", row.Part()), string(text))
		wire, plain := make([]byte, 0, 256), make([]byte, 0, 64)
		for name, call := range map[string]func(){
			"AppendSeal": func() {
				wire, _ = ring.AppendSeal(wire[:0], field.Bind("customers", "email", row.Part()), text)
			},
			"AppendSeal padded, of a tenant": func() {
				wire, _ = ring.AppendSeal(wire[:0], field.Bind("customers", "email", field.Int(7)).Tenant("acme").Pad(32), text)
			},
			"AppendSeal of a row with an id, text and a number": func() {
				wire, _ = ring.AppendSeal(wire[:0], field.Bind("t", "c", field.Bytes(row[:]), field.Str("a"), field.Uint(7)), text)
			},
			"AppendOpen": func() {
				plain, _ = ring.AppendOpen(plain[:0], field.Bind("customers", "email", row.Part()), sealed)
			},
			"Inspect":     func() { _, _ = field.Inspect(sealed) },
			"NeedsReseal": func() { _, _ = ring.NeedsReseal(sealed) },
		} {
			if got := testing.AllocsPerRun(200, call); got != 0 && !racing.Enabled {
				t.Errorf("%v, %s: %v allocations, want 0", suite, name, got)
			}
			if len(wire) > 0 && string(plain) != "" && string(plain) != string(text) {
				t.Errorf("%v, %s: got %q", suite, name, plain)
			}
		}
	}
}

// Columns of the same names' lengths and letters share a memo, as do all after the first 64. None opens another's values.
func TestMemosShared(t *testing.T) {
	ring := newRing(t, 0)
	type columns struct{ a, b *field.Column[string] }
	var all []columns
	var sealed []field.Encrypted[string]
	for i := range 100 {
		c := columns{columnOf(t, ring, fmt.Sprintf("a%03dz", i)), columnOf(t, ring, fmt.Sprintf("b%03dz", i))}
		e, err := c.a.Seal(fmt.Sprint(i), field.Int(7))
		if err != nil {
			t.Fatal(err)
		}
		all, sealed = append(all, c), append(sealed, e)
	}
	for range 2 {
		for i, c := range all {
			if got, err := c.a.Open(sealed[i], field.Int(7)); got != fmt.Sprint(i) || err != nil {
				t.Errorf("column %d: got %q, %v", i, got, err)
			}
			for _, other := range []*field.Column[string]{c.b, all[(i+1)%100].a, all[(i+64)%100].a, c.a.Tenant("acme")} {
				if got, err := other.Open(sealed[i], field.Int(7)); !errors.Is(err, field.ErrOpen) {
					t.Errorf("another column opens what column %d sealed: %q, %v", i, got, err)
				}
			}
		}
	}
}

func columnOf(tb testing.TB, ring *field.Ring, name string) *field.Column[string] {
	tb.Helper()
	c, err := field.NewColumn[string](field.ColumnConfig{Ring: ring, Table: "customers", Name: name})
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// Nonces are counted ahead, but no more of them than were used: neither by a column that is alone, nor by two that put each
// other out of their memo.
func TestNoncesCountedAhead(t *testing.T) {
	const values = 1000
	for name, columns := range map[string][]string{"alone": {"phone"}, "in turns": {"phone", "purse"}} {
		ring := newRing(t, 0)
		for range values {
			for _, column := range columns {
				seal(t, ring, field.Bind("customers", column, field.Int(7)), "text")
			}
		}
		for _, column := range columns {
			got := field.Counted(ring, 7, "customers", column)
			if got < values || got > 2*values && !racing.Enabled {
				t.Errorf("%s, %s: %d values count for %d", name, column, values, got)
			}
		}
	}
}

// What is derived from a column's binding leaves the column as it was.
func TestBindingIsACopy(t *testing.T) {
	ring := newRing(t, 0)
	c := columnOf(t, ring, "email")
	b := c.Binding(field.Int(7))
	theirs, padded := b.Tenant("acme"), b.Pad(64)
	e, err := c.Seal("text", field.Int(7))
	if err != nil {
		t.Fatal(err)
	}
	if info, err := field.Inspect(e.Bytes()); err != nil || info.Padded {
		t.Errorf("the column pads: %+v, %v", info, err)
	}
	for name, tc := range map[string]struct {
		binding field.Binding
		want    error
	}{
		"as it was":   {b, nil},
		"of a tenant": {theirs, field.ErrOpen},
		"padded":      {padded, nil},
	} {
		if got, err := ring.Open(tc.binding, e.Bytes()); !errors.Is(err, tc.want) || err == nil && string(got) != "text" {
			t.Errorf("%s: got %q, %v, want %v", name, got, err, tc.want)
		}
	}
}

// A column remembers its subkey. When that has made room in the cache, there may be another that counts.
func TestLimitOfAForgottenSubkey(t *testing.T) {
	ring := build(t, field.Config{Keys: []field.Key{keyOf(7, 1, field.Primary)}, MaxSeals: 10, MaxContexts: 16})
	c := column[string](t, ring)
	short := 0
	count := func(sealed []byte) {
		if sealed[1] == byte(field.AES256GCM) {
			short++
		}
	}
	for i := range 25 {
		if i == 5 { // opening derives as well, and counts nothing
			forged := seal(t, newRing(t, 0), field.Unbound("test"), "")
			for n := range 500 {
				name := fmt.Sprint(strings.Repeat("x", n%16), n)
				_, _ = ring.Open(field.Bind("customers", name, field.Int(1)), forged)
			}
		}
		e, err := c.Seal("ada", field.Int(7))
		if err != nil {
			t.Fatal(err)
		}
		count(e.Bytes())
		if i >= 5 {
			count(seal(t, ring, cell(), "ada"))
		}
	}
	if short > 10 || short < 5 {
		t.Errorf("%d values with a 96-bit nonce, want 10 at most", short)
	}
}
