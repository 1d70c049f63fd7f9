package field_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/secret"
	"github.com/gopalisade/palisade/internal/conf"
)

func TestNewFaults(t *testing.T) {
	good := keyOf(1, 1, field.Primary)
	counted := make([]byte, 32)
	for i := range counted {
		counted[i] = byte(3 * i)
	}
	raw := func(b []byte) field.Config {
		return field.Config{Keys: []field.Key{{ID: 1, Secret: secret.New(b), State: field.Primary}}}
	}
	for _, tc := range []struct {
		name string
		cfg  field.Config
		want string // fields at fault
	}{
		{"zero", field.Config{}, "Keys"},
		{"no primary", field.Config{Keys: []field.Key{keyOf(1, 1, field.Active)}}, "Keys"},
		{"two primaries", field.Config{Keys: []field.Key{good, keyOf(2, 2, field.Primary)}}, "Keys"},
		{"id 0", field.Config{Keys: []field.Key{keyOf(0, 1, field.Primary)}}, "Keys[0].ID"},
		{"same id", field.Config{Keys: []field.Key{good, keyOf(1, 2, field.Active)}}, "Keys[1].ID"},
		{"same bytes", field.Config{Keys: []field.Key{good, keyOf(2, 1, field.Active)}}, "Keys[1].Secret"},
		{"unknown state", field.Config{Keys: []field.Key{good, keyOf(2, 2, 9)}}, "Keys[1].State"},
		{"no bytes", raw(nil), "Keys[0].Secret"},
		{"16 bytes", raw(fixed(1)[:16]), "Keys[0].Secret"},
		{"33 bytes", raw(append(fixed(1), 1)), "Keys[0].Secret"},
		{"zeros", raw(make([]byte, 32)), "Keys[0].Secret"},
		{"few bytes", raw(bytes.Repeat([]byte{1, 200, 3, 77}, 8)), "Keys[0].Secret"},
		{"counted up", raw(counted), "Keys[0].Secret"},
		{"hex text", raw([]byte("0123456789abcdef0123456789abcdef")), "Keys[0].Secret"},
		{"words", raw([]byte("Correct-Horse-Battery-Staple-9!?")), "Keys[0].Secret"},
		{"suite", field.Config{Keys: []field.Key{good}, Suite: 4}, "Suite"},
		{"also opens nothing", field.Config{Keys: []field.Key{good}, AlsoOpen: []field.Suite{field.XAES256GCM}}, "AlsoOpen[0]"},
		{"also opens unknown", field.Config{Keys: []field.Key{good}, Suite: 3, AlsoOpen: []field.Suite{9}}, "AlsoOpen[0]"},
		{"negative size", field.Config{Keys: []field.Key{good}, MaxPlaintext: -1}, "MaxPlaintext"},
		{"size", field.Config{Keys: []field.Key{good}, MaxPlaintext: 16<<20 + 1}, "MaxPlaintext"},
		{"contexts", field.Config{Keys: []field.Key{good}, MaxContexts: 15}, "MaxContexts"},
		{"too many contexts", field.Config{Keys: []field.Key{good}, MaxContexts: 1<<20 + 1}, "MaxContexts"},
		{"seals", field.Config{Keys: []field.Key{good}, MaxSeals: 1<<32 + 1}, "MaxSeals"},
		{"all at once", field.Config{Keys: []field.Key{keyOf(0, 1, field.Active)}, Suite: 9}, "Keys[0].ID Keys Suite"},
	} {
		ring, err := field.New(tc.cfg)
		var got []string
		for _, fault := range conf.All(err) {
			got = append(got, fault.Field)
		}
		if ring != nil || strings.Join(got, " ") != tc.want {
			t.Errorf("%s: got faults %v, want %s", tc.name, got, tc.want)
		}
	}
	many := field.Config{Keys: []field.Key{good}}
	for i := range 256 {
		many.Keys = append(many.Keys, field.Key{ID: field.KeyID(i + 2), Secret: secret.New(newKey())})
	}
	if _, err := field.New(many); err == nil || !strings.Contains(err.Error(), "256") {
		t.Errorf("257 keys: got %v", err)
	}
}

func TestFaultsShowNoKey(t *testing.T) {
	word := "Correct-Horse-Battery-Staple-9!?"
	cfg := field.Config{Keys: []field.Key{{ID: 1, Secret: secret.New([]byte(word))}, {ID: 1, Secret: secret.New([]byte(word))}}}
	_, err := field.New(cfg)
	for _, text := range []string{err.Error(), fmt.Sprintf("%+v %#v", cfg, cfg), fmt.Sprintf("%v", cfg.Keys[0])} {
		if strings.Contains(text, "Correct") || strings.Contains(text, "67, 111") || strings.Contains(text, "67 111") {
			t.Errorf("shows the key: %s", text)
		}
	}
}

func TestRandomKeysAreAccepted(t *testing.T) {
	for range 10_000 {
		if key := newKey(); field.Guessable(key) {
			t.Fatalf("a key of crypto/rand was refused: %x", key)
		}
	}
}

func TestRotation(t *testing.T) {
	ring := newRing(t, 0)
	old := seal(t, ring, cell(), "ada@example.com")
	if err := ring.Add(keyOf(9, 3, field.Active)); err != nil {
		t.Fatal(err)
	}
	if err := ring.SetPrimary(9); err != nil {
		t.Fatal(err)
	}
	want := []field.KeyInfo{{ID: 7, State: field.Active}, {ID: 3, State: field.Active}, {ID: 9, State: field.Primary}}
	if got := ring.Keys(); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if stale, err := ring.NeedsReseal(old); !stale || err != nil {
		t.Errorf("old value: stale %t, %v", stale, err)
	}
	fresh, changed, err := ring.Reseal(cell(), old)
	if err != nil || !changed {
		t.Fatalf("got %t, %v", changed, err)
	}
	if info, _ := field.Inspect(fresh); info.KeyID != 9 {
		t.Errorf("resealed under key %d, want 9", info.KeyID)
	}
	if again, changed, err := ring.Reseal(cell(), fresh); err != nil || changed || !bytes.Equal(again, fresh) {
		t.Errorf("second run is not a no-op: %t, %v", changed, err)
	}
	if err := ring.Disable(7); err != nil {
		t.Fatal(err)
	}
	if _, err := ring.Open(cell(), old); !errors.Is(err, field.ErrKeyDisabled) {
		t.Errorf("disabled key: got %v", err)
	}
	if got, err := ring.Open(cell(), fresh); err != nil || string(got) != "ada@example.com" {
		t.Errorf("got %q, %v", got, err)
	}
	if err := ring.Add(keyOf(11, 4, field.Primary)); err != nil {
		t.Fatal(err)
	}
	if info, _ := field.Inspect(seal(t, ring, cell(), "x")); info.KeyID != 11 {
		t.Errorf("sealed under key %d, want 11", info.KeyID)
	}
	if err := ring.Add(keyOf(12, 5, field.Disabled)); err != nil {
		t.Fatal(err)
	}
	if err := ring.SetPrimary(12); !errors.Is(err, field.ErrKeyDisabled) {
		t.Errorf("disabled key as primary: got %v", err)
	}
}

func TestChangeFaults(t *testing.T) {
	ring := newRing(t, 0)
	for _, tc := range []struct {
		name string
		err  error
		want error
	}{
		{"unknown primary", ring.SetPrimary(8), field.ErrUnknownKey},
		{"disable unknown", ring.Disable(8), field.ErrUnknownKey},
		{"disable primary", ring.Disable(7), field.ErrPrimary},
		{"disable", ring.Disable(3), nil},
		{"disabled primary", ring.SetPrimary(3), field.ErrKeyDisabled},
	} {
		if !errors.Is(tc.err, tc.want) {
			t.Errorf("%s: got %v, want %v", tc.name, tc.err, tc.want)
		}
	}
	for name, key := range map[string]field.Key{
		"same id":        keyOf(7, 9, field.Active),
		"same bytes":     keyOf(8, 1, field.Active),
		"disabled bytes": keyOf(8, 2, field.Active),
		"id 0":           keyOf(0, 9, field.Active),
		"short":          {ID: 8, Secret: secret.New(fixed(9)[:31])},
	} {
		if err := ring.Add(key); len(conf.All(err)) != 1 {
			t.Errorf("%s: got %v, want one fault", name, err)
		}
	}
	if got := ring.Keys(); len(got) != 2 {
		t.Errorf("a refused change left %v", got)
	}
	for id := field.KeyID(100); id < 100+254; id++ {
		if err := ring.Add(field.Key{ID: id, Secret: secret.New(newKey())}); err != nil {
			t.Fatal(err)
		}
	}
	if err := ring.Add(field.Key{ID: 999, Secret: secret.New(newKey())}); err == nil {
		t.Error("the ring took 257 keys")
	}
}

func TestKeysAreCopied(t *testing.T) {
	raw := fixed(1)
	ring := build(t, field.Config{Keys: []field.Key{{ID: 7, Secret: secret.New(raw), State: field.Primary}}})
	sealed := seal(t, ring, cell(), "text")
	clear(raw)
	if got, err := newRing(t, 0).Open(cell(), sealed); err != nil || string(got) != "text" {
		t.Errorf("got %q, %v", got, err)
	}
	if got := seal(t, ring, field.Bind("other", "column", field.Int(1)), "text"); len(got) == 0 {
		t.Error("nothing sealed")
	}
}

func TestClose(t *testing.T) {
	ring := newRing(t, 0)
	sealed := seal(t, ring, cell(), "text")
	own := field.KeyBytes(ring)
	if len(own) != 2 || bytes.Equal(own[0], make([]byte, 32)) {
		t.Fatalf("got %x", own)
	}
	for range 2 {
		if err := ring.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for _, b := range own {
		if !bytes.Equal(b, make([]byte, 32)) {
			t.Errorf("key bytes are left: %x", b)
		}
	}
	if n := field.Cached(ring); n != 0 {
		t.Errorf("%d subkeys are left", n)
	}
	for name, r := range map[string]*field.Ring{"closed": ring, "nil": nil, "zero": {}} {
		_, sealErr := r.Seal(cell(), nil)
		_, openErr := r.Open(cell(), sealed)
		_, needsErr := r.NeedsReseal(sealed)
		_, _, resealErr := r.Reseal(cell(), sealed)
		_, _, deriveErr := r.Derive("files", 0)
		for call, err := range map[string]error{
			"Seal": sealErr, "Open": openErr, "NeedsReseal": needsErr, "Reseal": resealErr, "Derive": deriveErr,
			"SetPrimary": r.SetPrimary(7), "Disable": r.Disable(3), "Add": r.Add(keyOf(9, 9, field.Active)),
		} {
			if !errors.Is(err, field.ErrClosed) {
				t.Errorf("%s ring, %s: got %v, want ErrClosed", name, call, err)
			}
		}
		if r.Keys() != nil {
			t.Errorf("%s ring lists keys", name)
		}
		if r != ring && r.Close() != nil {
			t.Errorf("%s ring does not close", name)
		}
	}
}

func TestDerive(t *testing.T) {
	ring := newRing(t, 0)
	derive := func(purpose string, id field.KeyID, context ...string) string {
		var parts [][]byte
		for _, c := range context {
			parts = append(parts, []byte(c))
		}
		_, key, err := ring.Derive(purpose, id, parts...)
		if err != nil || len(key) != 32 {
			t.Fatalf("got %x, %v", key, err)
		}
		return string(key)
	}
	seen := map[string]string{}
	put := func(name, key string) {
		if other := seen[key]; other != "" {
			t.Errorf("%s and %s share a key", name, other)
		}
		seen[key] = name
	}
	put("files", derive("files", 0))
	put("file", derive("file", 0))
	put("files, key 3", derive("files", 3))
	put("files, empty", derive("files", 0, ""))
	put("files, s", derive("file", 0, "s"))
	put("a bc", derive("files", 0, "a", "bc"))
	put("ab c", derive("files", 0, "ab", "c"))
	put("abc", derive("files", 0, "abc"))
	put("field", derive("field", 0, "customers", "email", ""))
	put("field with suite", derive("field\x01", 0, "customers", "email", ""))
	put("bidx", derive("bidx", 0))
	for _, suite := range append(suites, 0) { // the keys of columns and of an index
		okm := field.FieldKey(fixed(1), suite, "customers", "email", "")
		put(suite.String(), string(okm[:32]))
		put(suite.String()+" commitment", string(okm[32:]))
	}
	if derive("files", 0, "a") != derive("files", 7, "a") {
		t.Error("id 0 is not the primary")
	}
	for _, tc := range []struct {
		name    string
		purpose string
		id      field.KeyID
		want    error
	}{
		{"no purpose", "", 0, field.ErrBinding},
		{"unknown", "files", 8, field.ErrUnknownKey},
		{"disabled", "files", 3, field.ErrKeyDisabled},
	} {
		_ = ring.Disable(3)
		if _, key, err := ring.Derive(tc.purpose, tc.id); !errors.Is(err, tc.want) || key != nil {
			t.Errorf("%s: got %x, %v, want %v", tc.name, key, err, tc.want)
		}
	}
	if id, _, _ := ring.Derive("files", 0); id != 7 {
		t.Errorf("got id %d, want 7", id)
	}
}

// The ring is changed while it is used: every value must open, whichever key sealed it.
func TestConcurrent(t *testing.T) {
	ring := build(t, field.Config{Keys: []field.Key{keyOf(1, 1, field.Primary)}, MaxContexts: 16})
	var work sync.WaitGroup
	for g := range 4 {
		work.Go(func() {
			for i := range 200 {
				b := field.Bind("customers", fmt.Sprint("column", i%30), field.Int(int64(g+1))).Tenant(fmt.Sprint(i % 7))
				sealed, err := ring.Seal(b, []byte("text"))
				if err != nil {
					t.Error(err)
					return
				}
				out, _, err := ring.Reseal(b, sealed)
				if err != nil {
					t.Error(err)
				}
				if got, err := ring.Open(b, out); err != nil || string(got) != "text" {
					t.Errorf("got %q, %v", got, err)
				}
			}
		})
	}
	work.Go(func() {
		for id := field.KeyID(2); id < 40; id++ {
			if err := errors.Join(ring.Add(keyOf(id, byte(id), field.Active)), ring.SetPrimary(id)); err != nil {
				t.Error(err)
			}
			primaries := 0
			for _, k := range ring.Keys() {
				if k.State == field.Primary {
					primaries++
				}
			}
			if primaries != 1 {
				t.Errorf("%d primaries", primaries)
			}
		}
	})
	work.Wait()
	if n := field.Cached(ring); n > 16 {
		t.Errorf("%d subkeys are kept, want 16 at most", n)
	}
}

func TestConcurrentClose(t *testing.T) {
	ring := newRing(t, 0)
	var work sync.WaitGroup
	for range 4 {
		work.Go(func() {
			for i := range 2000 {
				b := field.Bind("customers", fmt.Sprint(i), field.Int(7))
				sealed, err := ring.Seal(b, []byte("text"))
				if err != nil {
					if !errors.Is(err, field.ErrClosed) {
						t.Error(err)
					}
					return
				}
				if got, err := ring.Open(b, sealed); err == nil && string(got) != "text" || err != nil && !errors.Is(err, field.ErrClosed) {
					t.Errorf("got %q, %v", got, err)
				}
			}
		})
	}
	work.Go(func() { _ = ring.Close() })
	work.Wait()
	if n := field.Cached(ring); n != 0 {
		t.Errorf("%d subkeys came after Close", n)
	}
}

func TestNames(t *testing.T) {
	for _, tc := range []struct{ got, want string }{
		{field.Active.String(), "active"},
		{field.Primary.String(), "primary"},
		{field.Disabled.String(), "disabled"},
		{field.State(9).String(), "State(9)"},
		{field.AES256GCM.String(), "AES-256-GCM"},
		{field.XAES256GCM.String(), "XAES-256-GCM"},
		{field.AES256GCMCommit.String(), "AES-256-GCM with key commitment"},
		{field.Suite(9).String(), "Suite(9)"},
	} {
		if tc.got != tc.want {
			t.Errorf("got %q, want %q", tc.got, tc.want)
		}
	}
}

func TestCloseWhileDeriving(t *testing.T) {
	ring := newRing(t, 0)
	if err := field.LateSubkey(ring); !errors.Is(err, field.ErrClosed) {
		t.Errorf("a subkey was derived from zeros: %v", err)
	}
}

func TestScratchIsCleared(t *testing.T) {
	ring := newRing(t, 0)
	c, err := field.NewColumn[string](field.ColumnConfig{Ring: ring, Table: "customers", Name: "email", Pad: 64})
	if err != nil {
		t.Fatal(err)
	}
	e, err := c.Seal("ada@example.com", field.Int(7))
	if err != nil {
		t.Fatal(err)
	}
	if left := field.Leftover(ring); bytes.Contains(left, []byte("ada")) {
		t.Errorf("sealing leaves %q", left)
	}
	if _, err := c.Open(e, field.Int(7)); err != nil {
		t.Fatal(err)
	}
	if left := field.Leftover(ring); bytes.Contains(left, []byte("ada")) {
		t.Errorf("opening leaves %q", left)
	}
}
