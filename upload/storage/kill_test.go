package storage_test

import (
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/upload/storage"
)

// TestKilled ends a process at a moment that it cannot choose, in the middle of requests of five files.
func TestKilled(t *testing.T) {
	rounds := 20
	if os.Getenv("PALISADE_SOAK") == "1" {
		rounds = 500
	}
	dir := t.TempDir()
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	whole, none := 0, 0
	for range rounds {
		h := start(t, "loop", dir)
		txs := h.killAfter(1 + r.IntN(40))
		for i, tx := range txs {
			found := present(t, dir, tx.keys)
			if found != 0 && found != 5 || tx.confirmed && found == 0 || i < len(txs)-1 && !tx.confirmed {
				t.Fatalf("%d of a transaction's 5 files are there; confirmed: %t", found, tx.confirmed)
			}
			if found == 5 {
				whole++
			} else {
				none++
			}
		}
	}
	t.Logf("%d transactions whole, %d of them not at all", whole, none)
	age(t, filepath.Join(dir, "quarantine"))
	d := open(t, dir)
	if _, err := d.Clean(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := entries(t, dir, "quarantine"); n != 1 { // this process
		t.Errorf("quarantine holds what %d processes left, want none", n-1)
	}
	wholeOnly(t, dir)
}

type told struct {
	keys      []string
	confirmed bool
}

// killAfter reads so many lines, kills the process, and reads what it had still said.
func (h *helper) killAfter(lines int) (txs []told) {
	for n := 0; ; n++ {
		if n == lines {
			h.kill()
		}
		line := h.next()
		keys, commit := strings.CutPrefix(line, "commit ")
		switch {
		case line == "":
			_ = h.cmd.Wait()
			return txs
		case commit && strings.Count(keys, " ") == 4:
			txs = append(txs, told{keys: strings.Fields(keys)})
		case line == "done":
			txs[len(txs)-1].confirmed = true
		}
	}
}

// present opens as another process does: after a restart, before Clean.
func present(t *testing.T, dir string, keys []string) (found int) {
	t.Helper()
	d, err := storage.NewDirectory(storage.DirectoryConfig{Path: dir, Interval: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	for i, key := range keys {
		o, err := d.Open(t.Context(), key)
		if errors.Is(err, storage.ErrNotFound) {
			continue
		} else if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(o)
		if err != nil || string(data) != strings.Repeat(key, 1000*i) || o.Meta().Name != "a.png" {
			t.Errorf("got %d bytes, %v", len(data), err)
		}
		_ = o.Close()
		found++
	}
	return found
}

// wholeOnly checks that every directory of the objects has five files with their descriptions.
func wholeOnly(t *testing.T, dir string) {
	t.Helper()
	files := map[string]int{}
	for name, mode := range tree(t, filepath.Join(dir, "objects")) {
		if mode.IsRegular() {
			files[path.Dir(name)]++
		}
	}
	for name, n := range files {
		if n != 10 {
			t.Errorf("%s has %d files, want 10", name, n)
		}
	}
}

// TestProcesses has several at work in one directory while another cleans it.
func TestProcesses(t *testing.T) {
	dir := t.TempDir()
	d := open(t, dir)
	holder, killed := start(t, "hold", dir), start(t, "hold", dir)
	held, lost := holder.keys(), killed.keys()
	some := []*helper{start(t, "some", dir), start(t, "some", dir)}
	committed := [][]string{held, some[0].keys(), some[1].keys()} // each has its lock by now
	age(t, filepath.Join(dir, "quarantine"))
	if n, err := d.Clean(t.Context()); n != 0 || err != nil {
		t.Errorf("of processes that live: got %d, %v; want none removed", n, err)
	}
	killed.kill()
	_ = killed.cmd.Wait()
	if n, err := d.Clean(t.Context()); n != 1 || err != nil {
		t.Errorf("of one that was killed: got %d, %v; want its transaction removed", n, err)
	}
	_ = holder.stdin.Close()
	for _, h := range append(some, holder) {
		for line := h.next(); line != ""; line = h.next() {
			if keys, ok := strings.CutPrefix(line, "commit "); ok {
				committed = append(committed, strings.Fields(keys))
			}
		}
		if err := h.cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
	if len(committed) != 21 {
		t.Errorf("got %d transactions, want 21", len(committed))
	}
	for _, keys := range committed {
		if n := present(t, dir, keys); n != 5 {
			t.Errorf("%d of 5 files are there", n)
		}
	}
	if n := present(t, dir, lost); n != 0 {
		t.Errorf("%d files of the process that was killed are there", n)
	}
	if n := entries(t, dir, "quarantine"); n != 1 {
		t.Errorf("quarantine has %d entries, want only this process's", n)
	}
	wholeOnly(t, dir)
}
