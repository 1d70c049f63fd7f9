package storage_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/gopalisade/palisade/upload/storage"
)

// TestMany opens one of many in as many steps as one of few: every step is counted by what is on its way.
func TestMany(t *testing.T) {
	dir, err := os.MkdirTemp("/dev/shm", "palisade") // 20 000 files would keep a disk busy
	if err != nil {
		dir = t.TempDir()
	}
	d, err := storage.NewDirectory(storage.DirectoryConfig{Path: dir, NoSync: true, Interval: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = errors.Join(d.Close(), os.RemoveAll(dir)) })
	first := commit(t, d, "first")[0]
	few := testing.AllocsPerRun(20, func() { _, _ = content(t, d, first) })
	var keys []string
	for range 2000 {
		keys = append(keys, commit(t, d, "a", "b", "c", "d", "e")...)
	}
	for _, key := range []string{first, keys[0], keys[5000], keys[9999]} {
		if many := testing.AllocsPerRun(20, func() { _, _ = content(t, d, key) }); many > few+1 {
			t.Errorf("one of 10 000: %v allocations, one of one: %v", many, few)
		}
	}
	fans, err := os.ReadDir(filepath.Join(dir, "objects"))
	if err != nil {
		t.Fatal(err)
	}
	most := 0
	for _, fan := range fans {
		most = max(most, entries(t, dir, "objects", fan.Name()))
	}
	if len(fans) < 600 || most > 16 { // 2000 over 1024: 878 of them, and 9 in the fullest, as a rule
		t.Errorf("%d directories share 2000 transactions, the fullest has %d", len(fans), most)
	}
}
