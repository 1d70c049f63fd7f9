package field_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/problem"
)

func TestSealOpen(t *testing.T) {
	for _, suite := range suites {
		ring := newRing(t, suite)
		for _, size := range []int{0, 1, 15, 16, 17, 1000, 70_000} {
			for _, pad := range []int{0, 1, 32, 256} {
				text := bytes.Repeat([]byte{0}, size) // zeros, which padding ends with
				b := cell().Pad(pad)
				sealed, err := ring.Seal(b, text)
				if err != nil {
					t.Fatal(err)
				}
				padded := size
				if pad > 0 {
					padded = (size/pad + 1) * pad
				}
				want := field.Info{Version: 1, Suite: suite, KeyID: 7, Padded: pad > 0, Len: padded}
				if info, err := field.Inspect(sealed); err != nil || info != want {
					t.Errorf("%v, %d bytes: got %+v, %v, want %+v", suite, size, info, err, want)
				}
				if got := sealedLen(padded, suite); got != len(sealed) {
					t.Errorf("%v: sealedLen(%d) = %d, want %d", suite, padded, got, len(sealed))
				}
				got, err := ring.Open(cell(), sealed) // without the policy: the value knows
				if err != nil || got == nil || !bytes.Equal(got, text) {
					t.Errorf("%v, %d bytes, block %d: got %d bytes, %v", suite, size, pad, len(got), err)
				}
				if again := seal(t, ring, b, string(text)); bytes.Equal(again, sealed) {
					t.Errorf("%v: sealed twice alike", suite)
				}
			}
		}
	}
}

// TestSwap is the heart of the room: what was sealed for one cell opens in no other.
func TestSwap(t *testing.T) {
	bindings := map[string]field.Binding{
		"cell":                cell(),
		"other row":           field.Bind("customers", "email", field.Int(8)),
		"other column":        field.Bind("customers", "phone", field.Int(7)),
		"other table":         field.Bind("suppliers", "email", field.Int(7)),
		"tenant":              cell().Tenant("acme"),
		"other tenant":        cell().Tenant("umbrella"),
		"text row":            field.Bind("customers", "email", field.Str("7")),
		"unsigned row":        field.Bind("customers", "email", field.Uint(7)),
		"bytes row":           field.Bind("customers", "email", field.Bytes([]byte("7"))),
		"bytes of the number": field.Bind("customers", "email", field.Bytes([]byte{0, 0, 0, 0, 0, 0, 0, 7})),
		"two parts":           field.Bind("customers", "email", field.Int(7), field.Int(7)),
		"empty part behind":   field.Bind("customers", "email", field.Int(7), field.Str("")),
		"empty part before":   field.Bind("customers", "email", field.Str(""), field.Int(7)),
		"ab c":                field.Bind("customers", "email", field.Str("ab"), field.Str("c")),
		"a bc":                field.Bind("customers", "email", field.Str("a"), field.Str("bc")),
		"c ab":                field.Bind("customers", "email", field.Str("c"), field.Str("ab")),
		"abc":                 field.Bind("customers", "email", field.Str("abc")),
		"same part once":      field.Bind("customers", "email", field.Str("a")),
		"same part twice":     field.Bind("customers", "email", field.Str("a"), field.Str("a")),
		"tenant 5 user 7":     field.Bind("customers", "email", field.Int(5), field.Int(7)),
		"tenant 7 user 5":     field.Bind("customers", "email", field.Int(7), field.Int(5)),
		"negative":            field.Bind("customers", "email", field.Int(-7)),
		"long text":           field.Bind("customers", "email", field.Str(strings.Repeat("k", 17))),
		"long bytes":          field.Bind("customers", "email", field.Bytes([]byte(strings.Repeat("k", 17)))),
		"moved border":        field.Bind("customer", "semail", field.Int(7)),
		"column as table":     field.Bind("email", "customers", field.Int(7)),
		"unbound":             field.Unbound("test"),
		"unbound, tenant":     field.Unbound("test").Tenant("acme"),
	}
	for _, suite := range suites {
		ring := newRing(t, suite)
		for from, sealedFor := range bindings {
			sealed := seal(t, ring, sealedFor, "ada@example.com")
			for to, openedFor := range bindings {
				got, err := ring.Open(openedFor, sealed)
				switch {
				case from == to && (err != nil || string(got) != "ada@example.com"):
					t.Errorf("%v, %s: got %q, %v", suite, from, got, err)
				case from != to && (!errors.Is(err, field.ErrOpen) || got != nil):
					t.Errorf("%v: sealed for %s opens for %s", suite, from, to)
				}
			}
		}
	}
	sealed := seal(t, newRing(t, 0), field.Unbound("test"), "x")
	if got, err := newRing(t, 0).Open(field.Unbound("another reason"), sealed); err != nil {
		t.Errorf("a reason is not bound: got %q, %v", got, err)
	}
}

func TestSwapRingAndSuite(t *testing.T) {
	other := build(t, field.Config{Keys: []field.Key{keyOf(7, 9, field.Primary)}})
	for _, suite := range suites {
		sealed := seal(t, newRing(t, suite), cell(), "ada@example.com, who lives far away from here, in 1842")
		if _, err := other.Open(cell(), sealed); !errors.Is(err, field.ErrOpen) {
			t.Errorf("%v: opens in a ring whose key has the same number: %v", suite, err)
		}
		for _, as := range suites {
			if as == suite {
				continue
			}
			moved := slices.Clone(sealed)
			moved[1] = byte(as)
			if _, err := newRing(t, 0).Open(cell(), moved); !errors.Is(err, field.ErrOpen) {
				t.Errorf("%v opens as %v", suite, as)
			}
		}
		ring, swapped := newRing(t, suite), slices.Clone(sealed)
		binary.BigEndian.PutUint32(swapped[2:], 3) // a key that the ring has
		if _, err := ring.Open(cell(), swapped); !errors.Is(err, field.ErrOpen) {
			t.Errorf("%v: opens under another key", suite)
		}
	}
}

func TestEveryByteFlipped(t *testing.T) {
	for _, suite := range suites {
		ring := newRing(t, suite)
		for _, b := range []field.Binding{cell(), cell().Pad(16)} {
			sealed := seal(t, ring, b, "ada@example.com")
			for i := range sealed {
				for bit := range 8 {
					broken := slices.Clone(sealed)
					broken[i] ^= 1 << bit
					got, err := ring.Open(b, broken)
					if !errors.Is(err, field.ErrOpen) || err.Error() != field.ErrOpen.Error() || got != nil {
						t.Errorf("%v: byte %d bit %d flipped: got %q, %v", suite, i, bit, got, err)
					}
				}
			}
			for n := range sealed {
				if got, err := ring.Open(b, sealed[:n]); !errors.Is(err, field.ErrOpen) || got != nil {
					t.Errorf("%v: cut to %d bytes: got %q, %v", suite, n, got, err)
				}
				if _, _, err := ring.Reseal(b, sealed[:n]); !errors.Is(err, field.ErrOpen) {
					t.Errorf("%v: cut to %d bytes and resealed: %v", suite, n, err)
				}
			}
			for c := range 256 {
				if _, err := ring.Open(b, append(slices.Clone(sealed), byte(c))); !errors.Is(err, field.ErrOpen) {
					t.Errorf("%v: byte %d appended: %v", suite, c, err)
				}
			}
		}
	}
}

func TestOneOutwardError(t *testing.T) {
	ring := newRing(t, 0)
	good := seal(t, ring, cell(), "text")
	unknown := slices.Clone(good)
	unknown[5]++
	forged := slices.Clone(good)
	forged[len(forged)-1]++
	if err := ring.SetPrimary(3); err != nil {
		t.Fatal(err)
	}
	disabled := newRing(t, 0)
	if err := errors.Join(disabled.SetPrimary(3), disabled.Disable(7)); err != nil {
		t.Fatal(err)
	}
	closed := newRing(t, 0)
	_ = closed.Close()
	for _, tc := range []struct {
		name   string
		ring   *field.Ring
		b      field.Binding
		sealed []byte
		id     field.KeyID
		want   error
	}{
		{"forged", ring, cell(), forged, 7, nil},
		{"other cell", ring, field.Bind("a", "b", field.Int(1)), good, 7, nil},
		{"unknown key", ring, cell(), unknown, 8, field.ErrUnknownKey},
		{"disabled key", disabled, cell(), good, 7, field.ErrKeyDisabled},
		{"plaintext", ring, cell(), []byte("ada@example.com"), 0, field.ErrFormat},
		{"empty", ring, cell(), nil, 0, field.ErrFormat},
		{"no binding", ring, field.Binding{}, good, 7, field.ErrBinding},
		{"closed", closed, cell(), good, 0, field.ErrClosed},
	} {
		_, err := tc.ring.Open(tc.b, tc.sealed)
		var detail *field.OpenError
		if !errors.As(err, &detail) {
			t.Fatalf("%s: got %v", tc.name, err)
		}
		if !errors.Is(err, field.ErrOpen) || err.Error() != field.ErrOpen.Error() {
			t.Errorf("%s: shows %q", tc.name, err)
		}
		if detail.KeyID != tc.id || !errors.Is(detail.Cause, tc.want) {
			t.Errorf("%s: got key %d, cause %v, want %d, %v", tc.name, detail.KeyID, detail.Cause, tc.id, tc.want)
		}
		var known interface {
			HTTPStatus() int
			Code() string
		}
		if !errors.As(err, &known) || known.HTTPStatus() != 500 || known.Code() != "field_unreadable" {
			t.Errorf("%s: got %v", tc.name, known)
		}
		if p := problem.Of(err); p.Status != 500 || strings.Contains(fmt.Sprint(p), "key") {
			t.Errorf("%s: a client sees %+v", tc.name, p)
		}
	}
	var log bytes.Buffer
	_, err := ring.Open(cell(), unknown)
	slog.New(slog.NewTextHandler(&log, nil)).Error("x", "err", err)
	_, err = ring.Open(cell(), forged)
	slog.New(slog.NewTextHandler(&log, nil)).Error("x", "err", err)
	for _, want := range []string{"err.key=8", "not in the ring", "err.key=7", "not authentic"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("log has no %q: %s", want, log.String())
		}
	}
}

// A key that the value does not name is never tried, though it would open it.
func TestNoTrialDecryption(t *testing.T) {
	sealed := seal(t, build(t, field.Config{Keys: []field.Key{keyOf(7, 1, field.Primary)}}), cell(), "text")
	renumbered := build(t, field.Config{Keys: []field.Key{keyOf(8, 1, field.Primary)}})
	if _, err := renumbered.Open(cell(), sealed); !errors.Is(err, field.ErrUnknownKey) {
		t.Errorf("got %v, want ErrUnknownKey", err)
	}
	stale, err := renumbered.NeedsReseal(sealed)
	if stale || !errors.Is(err, field.ErrUnknownKey) || !errors.Is(err, field.ErrOpen) {
		t.Errorf("got %t, %v", stale, err)
	}
}

func TestBindingFaults(t *testing.T) {
	long := strings.Repeat("x", 256)
	parts := make([]field.Part, 17)
	for i := range parts {
		parts[i] = field.Int(1)
	}
	ring := newRing(t, 0)
	for _, tc := range []struct {
		name string
		b    field.Binding
		want error
	}{
		{"cell", cell(), nil},
		{"zero", field.Binding{}, field.ErrBinding},
		{"zero with tenant", field.Binding{}.Tenant("acme").Pad(8), field.ErrBinding},
		{"no table", field.Bind("", "email", field.Int(7)), field.ErrBinding},
		{"no column", field.Bind("customers", "", field.Int(7)), field.ErrBinding},
		{"no row", field.Bind("customers", "email"), field.ErrBinding},
		{"row not inserted yet", field.Bind("customers", "email", field.Int(0)), field.ErrBinding},
		{"unsigned zero", field.Bind("customers", "email", field.Uint(0)), field.ErrBinding},
		{"empty text", field.Bind("customers", "email", field.Str("")), field.ErrBinding},
		{"empty bytes", field.Bind("customers", "email", field.Bytes(nil)), field.ErrBinding},
		{"zero row key", field.Bind("customers", "email", field.RowKey{}.Part()), field.ErrBinding},
		{"all zero", field.Bind("customers", "email", field.Int(0), field.Str("")), field.ErrBinding},
		{"one of two", field.Bind("customers", "email", field.Int(0), field.Str("x")), nil},
		{"zero part", field.Bind("customers", "email", field.Int(1), field.Part{}), field.ErrBinding},
		{"16 parts", field.Bind("customers", "email", parts[:16]...), nil},
		{"17 parts", field.Bind("customers", "email", parts...), field.ErrBinding},
		{"long table", field.Bind(long, "email", field.Int(7)), field.ErrBinding},
		{"long column", field.Bind("customers", long, field.Int(7)), field.ErrBinding},
		{"longest names", field.Bind(long[1:], long[1:], field.Int(7)).Tenant(long[1:]), nil},
		{"long part", field.Bind("customers", "email", field.Str(strings.Repeat("x", 4097))), field.ErrBinding},
		{"long zeros", field.Bind("customers", "email", field.Bytes(make([]byte, 32))), field.ErrBinding},
		{"long bytes", field.Bind("customers", "email", field.Bytes(make([]byte, 4097))), field.ErrBinding},
		{"longest part", field.Bind("customers", "email", field.Str(strings.Repeat("x", 4096))), nil},
		{"empty tenant", cell().Tenant(""), field.ErrBinding},
		{"long tenant", cell().Tenant(long), field.ErrBinding},
		{"negative padding", cell().Pad(-1), field.ErrBinding},
		{"large padding", cell().Pad(1<<16 + 1), field.ErrBinding},
		{"largest padding", cell().Pad(1 << 16), nil},
		{"unbound", field.Unbound("a reason"), nil},
		{"unbound without reason", field.Unbound(""), field.ErrBinding},
	} {
		sealed, err := ring.Seal(tc.b, []byte("text"))
		if !errors.Is(err, tc.want) || (err != nil) != (sealed == nil) {
			t.Errorf("%s: got %v, want %v", tc.name, err, tc.want)
		}
		if tc.want == nil {
			if got, err := ring.Open(tc.b, sealed); err != nil || string(got) != "text" {
				t.Errorf("%s: got %q, %v", tc.name, got, err)
			}
		}
	}
}

func TestAAD(t *testing.T) {
	got := field.AAD(field.Bind("ab", "c", field.Int(-2), field.Bytes([]byte{9}), field.Str("xyz"), field.Uint(1)))
	want := "fld1\x06" + "s\x00\x00\x00\x02ab" + "s\x00\x00\x00\x01c" + "i\x00\x00\x00\x08\xff\xff\xff\xff\xff\xff\xff\xfe" +
		"b\x00\x00\x00\x01\x09" + "s\x00\x00\x00\x03xyz" + "u\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00\x01"
	if string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := field.AAD(field.Unbound("x")); string(got) != "fld1\x00" {
		t.Errorf("unbound: got %q", got)
	}
}

func TestAppend(t *testing.T) {
	for _, suite := range suites {
		ring := newRing(t, suite)
		for _, b := range []field.Binding{cell(), cell().Pad(32)} {
			dst, err := ring.AppendSeal([]byte("before"), b, []byte("text"))
			if err != nil || !bytes.HasPrefix(dst, []byte("before\xf9")) {
				t.Fatalf("got %q, %v", dst, err)
			}
			got, err := ring.AppendOpen([]byte("before"), b, dst[6:])
			if err != nil || string(got) != "beforetext" {
				t.Errorf("got %q, %v", got, err)
			}
			buffer := make([]byte, 4, 200) // the text and what is sealed share it, in every way
			copy(buffer, "text")
			for _, at := range []int{0, 2, 4} {
				copy(buffer, "text")
				sealed, err := ring.AppendSeal(buffer[:at], b, buffer[:4:4])
				if err != nil {
					t.Fatal(err)
				}
				got, err := ring.AppendOpen(sealed[:at], b, sealed[at:])
				if err != nil || string(got[at:]) != "text" {
					t.Errorf("%v at %d: got %q, %v", suite, at, got, err)
				}
			}
			arena := seal(t, ring, b, "text")
			n := len(arena)
			if arena, err = ring.AppendOpen(arena, b, arena); err != nil || string(arena[n:]) != "text" {
				t.Errorf("opened behind itself: got %q, %v", arena, err)
			}
		}
	}
}

func TestCeilings(t *testing.T) {
	ring := newRing(t, 0)
	large := make([]byte, 16<<20+1)
	if _, err := ring.Seal(cell(), large); !errors.Is(err, field.ErrTooLarge) {
		t.Errorf("got %v, want ErrTooLarge", err)
	}
	sealed, err := ring.Seal(cell().Pad(1<<16), large[1:])
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ring.Open(cell(), sealed); err != nil || len(got) != 16<<20 {
		t.Errorf("got %d bytes, %v", len(got), err)
	}
	if _, err := field.Inspect(append(sealed, make([]byte, 1<<17)...)); !errors.Is(err, field.ErrFormat) {
		t.Errorf("too large to be sealed: got %v", err)
	}
	small := build(t, field.Config{Keys: []field.Key{keyOf(7, 1, field.Primary)}, MaxPlaintext: 10})
	if _, err := small.Seal(cell(), make([]byte, 11)); !errors.Is(err, field.ErrTooLarge) {
		t.Errorf("got %v, want ErrTooLarge", err)
	}
	if got, err := small.Open(cell(), seal(t, ring, cell(), "longer than ten bytes")); err != nil || len(got) != 21 {
		t.Errorf("a limit of new values hides old ones: %q, %v", got, err)
	}
}

// A broken padding can only come from somebody who has the key.
func TestPaddingOpensWhole(t *testing.T) {
	for _, tc := range []struct {
		name, padded string
		want         int
		ok           bool
	}{
		{"mark", "text\x80", 4, true},
		{"zeros", "text\x80\x00\x00", 4, true},
		{"mark in text", "te\x80xt\x80\x00", 5, true},
		{"empty text", "\x80\x00", 0, true},
		{"no mark", "text\x00\x00", 0, false},
		{"zeros only", "\x00\x00", 0, false},
		{"nothing", "", 0, false},
	} {
		n, ok := field.Unpad([]byte(tc.padded))
		if ok != tc.ok || ok && n != tc.want {
			t.Errorf("%s: got %d, %t, want %d, %t", tc.name, n, ok, tc.want, tc.ok)
		}
	}
	ring := newRing(t, 0)
	aead := field.NewGCM(field.FieldKey(fixed(1), field.AES256GCM, "customers", "email", "")[:32])
	header := []byte{0xF9, 0x81, 0, 0, 0, 7}
	sealed := aead.Seal(slices.Clone(header), nil, []byte("no mark"), append(header, field.AAD(cell())...))
	if got, err := ring.Open(cell(), sealed); !errors.Is(err, field.ErrFormat) || !errors.Is(err, field.ErrOpen) || got != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestPaddingHidesLength(t *testing.T) {
	ring := newRing(t, 0)
	b := field.Bind("payments", "result", field.Int(1)).Pad(16)
	if a, b := seal(t, ring, b, "fail"), seal(t, ring, b, "clear"); len(a) != len(b) {
		t.Errorf("got %d and %d bytes", len(a), len(b))
	}
}

func TestResealKeepsPadding(t *testing.T) {
	for _, suite := range suites {
		ring := newRing(t, suite)
		sealed := seal(t, ring, cell().Pad(64), "text")
		if err := ring.SetPrimary(3); err != nil {
			t.Fatal(err)
		}
		out, changed, err := ring.Reseal(cell(), sealed)
		info, _ := field.Inspect(out)
		if err != nil || !changed || !info.Padded || info.Len != 64 || info.KeyID != 3 {
			t.Errorf("%v: got %+v, %t, %v", suite, info, changed, err)
		}
		if got, err := ring.Open(cell(), out); err != nil || string(got) != "text" {
			t.Errorf("%v: got %q, %v", suite, got, err)
		}
		elsewhere := field.Bind("customers", "email", field.Int(8))
		if _, changed, err := ring.Reseal(elsewhere, sealed); changed || !errors.Is(err, field.ErrOpen) {
			t.Errorf("%v: resealed for another row: %t, %v", suite, changed, err)
		}
		if _, changed, err := ring.Reseal(elsewhere, out); changed || !errors.Is(err, field.ErrOpen) {
			t.Errorf("%v: a fresh value was not opened: %t, %v", suite, changed, err)
		}
	}
}

func TestResealExhausted(t *testing.T) {
	from := newRing(t, field.AES256GCMCommit)
	sealed := seal(t, from, cell(), "text")
	ring := build(t, field.Config{
		Keys:  []field.Key{keyOf(7, 1, field.Active), keyOf(3, 2, field.Primary)},
		Suite: field.AES256GCMCommit, MaxSeals: 1,
	})
	for i, want := range []error{nil, field.ErrExhausted} {
		out, changed, err := ring.Reseal(cell(), sealed)
		if !errors.Is(err, want) || changed != (want == nil) || (out == nil) != (want != nil) {
			t.Errorf("%d: got %t, %v, want %v", i, changed, err, want)
		}
	}
}

func TestNeedsReseal(t *testing.T) {
	gcm, xaes := newRing(t, field.AES256GCM), newRing(t, field.XAES256GCM)
	commit := newRing(t, field.AES256GCMCommit)
	moving := build(t, field.Config{
		Keys:  []field.Key{keyOf(7, 1, field.Primary), keyOf(3, 2, field.Disabled)},
		Suite: field.AES256GCMCommit, AlsoOpen: []field.Suite{field.AES256GCM},
	})
	if err := gcm.SetPrimary(3); err != nil {
		t.Fatal(err)
	}
	third := seal(t, gcm, cell(), "x")
	if err := gcm.SetPrimary(7); err != nil {
		t.Fatal(err)
	}
	s1, s2, s3 := seal(t, gcm, cell(), "x"), seal(t, xaes, cell(), "x"), seal(t, commit, cell(), "x")
	for _, tc := range []struct {
		name   string
		ring   *field.Ring
		sealed []byte
		stale  bool
		want   error
	}{
		{"fresh", gcm, s1, false, nil},
		{"old key", gcm, third, true, nil},
		{"GCM keeps XAES", gcm, s2, false, nil},
		{"GCM keeps commitments", gcm, s3, false, nil},
		{"XAES replaces GCM", xaes, s1, true, nil},
		{"XAES keeps itself", xaes, s2, false, nil},
		{"commitment keeps itself", commit, s3, false, nil},
		{"commitment refuses GCM", commit, s1, false, field.ErrFormat},
		{"commitment replaces GCM", moving, s1, true, nil},
		{"commitment refuses XAES", moving, s2, false, field.ErrFormat},
		{"disabled", moving, third, false, field.ErrFormat},
		{"damaged", gcm, s1[:20], false, field.ErrFormat},
	} {
		if tc.name == "disabled" { // of the suite that it opens
			tc.sealed = slices.Clone(third)
			tc.want = field.ErrKeyDisabled
		}
		stale, err := tc.ring.NeedsReseal(tc.sealed)
		if stale != tc.stale || !errors.Is(err, tc.want) || err != nil && !errors.Is(err, field.ErrOpen) {
			t.Errorf("%s: got %t, %v, want %t, %v", tc.name, stale, err, tc.stale, tc.want)
		}
	}
	if out, changed, err := moving.Reseal(cell(), s1); err != nil || !changed || out[1] != byte(field.AES256GCMCommit) {
		t.Errorf("got %x, %t, %v", out, changed, err)
	}
}
