package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gopalisade/palisade/crypto/field"
)

// openKeys opens a folder that may not be there, and whose name may be anything.
func openKeys(t *testing.T, dir string) *dataKeys {
	t.Helper()
	d, err := openDataKeys(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.ring.Close() })
	return d
}

// TestDataKeysOfManyProcesses: whoever changes the list at the same time as others loses none of their keys.
func TestDataKeysOfManyProcesses(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	var mu sync.Mutex
	drawn := map[field.KeyID]bool{}
	for range 6 {
		wg.Go(func() {
			d := openKeys(t, dir)
			for range 5 {
				fresh := newDataKey(field.Active)
				if err := d.change(func(list []dataKey) []dataKey { return withPrimary(append(list, fresh), fresh.ID) }); err != nil {
					t.Error(err)
				}
				mu.Lock()
				drawn[fresh.ID] = true
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	d := openKeys(t, dir)
	primaries := 0
	for _, info := range d.ring.Keys() {
		delete(drawn, info.ID)
		if info.State == field.Primary {
			primaries++
		}
	}
	if len(drawn) != 0 || len(d.ring.Keys()) != 31 || primaries != 1 {
		t.Errorf("got %d keys, %d of them primary; lost %v", len(d.ring.Keys()), primaries, drawn)
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "*")); len(files) != 31 {
		t.Errorf("got %v, want a file for each change", files)
	}
}

// TestDataKeysFollow: a running process seals with what another has made the primary, and opens what it could before.
func TestDataKeysFollow(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data[1]")
	a, b := openKeys(t, dir), openKeys(t, dir)
	cell := field.Bind("t", "c", field.Int(1))
	old, err := a.ring.Seal(cell, []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	fresh := newDataKey(field.Active)
	if err := b.change(func(list []dataKey) []dataKey { return withPrimary(append(list, fresh), fresh.ID) }); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time there is nothing to do
		if err := a.follow(); err != nil {
			t.Fatal(err)
		}
	}
	sealed, err := a.ring.Seal(cell, []byte("x"))
	if info, _ := field.Inspect(sealed); err != nil || info.KeyID != fresh.ID {
		t.Errorf("got %+v, %v, want key %d", info, err, fresh.ID)
	}
	if _, err := b.ring.Open(cell, old); err != nil {
		t.Errorf("the key of before: %v", err)
	}
	err = b.change(func(list []dataKey) []dataKey { list[0].State = field.Disabled.String(); return list })
	if err := a.follow(); err != nil {
		t.Fatal(err)
	}
	if _, open := a.ring.Open(cell, old); err != nil || open == nil {
		t.Errorf("a key that was disabled opens: %v, %v", err, open)
	}
}

func TestDataKeysDamaged(t *testing.T) {
	for name, text := range map[string]string{
		"half":       `[{"id":1,`,
		"no list":    `{}`,
		"no keys":    `[]`,
		"short":      `[{"id":1,"state":"primary","secret":"c2hvcnQ="}]`,
		"no primary": `[{"id":1,"state":"active","secret":"8mB1oN3T0G0m3sV0n0cX6t0j4K9q2w5e7r8t9y0u1iA="}]`,
		"no state":   `[{"id":1,"state":"x","secret":"8mB1oN3T0G0m3sV0n0cX6t0j4K9q2w5e7r8t9y0u1iA="}]`,
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "data-keys-3.json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := openDataKeys(dir, slog.New(slog.DiscardHandler))
		if err == nil || strings.Contains(err.Error(), "8mB1") {
			t.Errorf("%s: got %v, want an error without the key", name, err)
		}
	}
}
