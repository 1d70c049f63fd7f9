package storage_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/internal/conf"
	"github.com/gopalisade/palisade/problem"
	"github.com/gopalisade/palisade/upload/storage"
	"github.com/gopalisade/palisade/upload/storage/storagetest"
)

func TestDirectoryConformance(t *testing.T) {
	for _, noSync := range []bool{false, true} {
		storagetest.Run(t, func(t *testing.T) storage.Store {
			d, err := storage.NewDirectory(storage.DirectoryConfig{Path: t.TempDir(), NoSync: noSync})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := d.Close(); err != nil {
					t.Error(err)
				}
			})
			return d
		})
	}
}

func open(t testing.TB, path string) *storage.Directory {
	t.Helper()
	d, err := storage.NewDirectory(storage.DirectoryConfig{Path: path, Interval: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func begin(t testing.TB, s storage.Store) storage.Tx {
	t.Helper()
	tx, err := s.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return tx
}

// put writes a file that can be committed.
func put(t testing.TB, tx storage.Tx, data string) storage.File {
	t.Helper()
	f, err := tx.Create(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(f, data); err != nil {
		t.Fatal(err)
	}
	if err := f.SetMeta(storage.Meta{Name: "a.txt", Size: int64(len(data))}); err != nil {
		t.Fatal(err)
	}
	return f
}

func commit(t testing.TB, s storage.Store, files ...string) (keys []string) {
	t.Helper()
	tx := begin(t, s)
	for _, data := range files {
		keys = append(keys, put(t, tx, data).Key())
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	return keys
}

func content(t testing.TB, s storage.Store, key string) (string, error) {
	t.Helper()
	o, err := s.Open(t.Context(), key)
	if err != nil {
		return "", err
	}
	data, err := io.ReadAll(o)
	return string(data), errors.Join(err, o.Close())
}

// pathless fails where an error would tell a path or a key.
func pathless(t testing.TB, err error, words ...string) {
	t.Helper()
	for _, word := range append(words, "/", "quarantine", "objects", ".meta") {
		if err != nil && strings.Contains(err.Error(), word) {
			t.Errorf("%q tells %q", err, word)
		}
	}
}

func TestConfigFaults(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	write(t, file, "")
	planted := func(name string, make func(path string) error) string {
		path := t.TempDir()
		if err := make(filepath.Join(path, name)); err != nil {
			t.Fatal(err)
		}
		return path
	}
	link := func(path string) error { return os.Symlink(dir, path) }
	open := func(mode fs.FileMode) func(string) error {
		return func(path string) error { return errors.Join(os.MkdirAll(path, 0o700), os.Chmod(path, mode)) }
	}
	for _, tc := range []struct {
		name string
		cfg  storage.DirectoryConfig
		want []string
	}{
		{"nothing", storage.DirectoryConfig{}, []string{"Path"}},
		{"not there", storage.DirectoryConfig{Path: dir + "/none"}, []string{"Path"}},
		{"a file", storage.DirectoryConfig{Path: file}, []string{"Path"}},
		{"writable for everybody", storage.DirectoryConfig{Path: planted("", open(0o777))}, []string{"Path"}},
		{"so with the sticky bit", storage.DirectoryConfig{Path: planted("", open(0o777|fs.ModeSticky))}, []string{"Path"}},
		{"quarantine is a link", storage.DirectoryConfig{Path: planted("quarantine", link)}, []string{"Path"}},
		{"objects are a link", storage.DirectoryConfig{Path: planted("objects", link)}, []string{"Path"}},
		{"objects are writable for a group", storage.DirectoryConfig{Path: planted("objects", open(0o770))}, []string{"Path"}},
		{"every fault", storage.DirectoryConfig{MaxAge: 1, Interval: 1}, []string{"MaxAge", "Interval", "Path"}},
	} {
		d, err := storage.NewDirectory(tc.cfg)
		var got []string
		for _, f := range conf.All(err) {
			got = append(got, f.Field)
		}
		if d != nil || !slices.Equal(got, tc.want) {
			t.Errorf("%s: got %v, %v; want %v", tc.name, got, err, tc.want)
		}
	}
	if len(tree(t, dir)) != 1 {
		t.Error("a refused configuration left something behind a link")
	}
	again := t.TempDir()
	_, err := storage.NewDirectory(storage.DirectoryConfig{Path: again, MaxAge: 1})
	if err == nil || entries(t, again, "quarantine") != 0 {
		t.Errorf("a refused configuration keeps its part of quarantine: %v", err)
	}
}

func write(t testing.TB, path, data string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestLayout holds the modes, and what is where.
func TestLayout(t *testing.T) {
	dir := t.TempDir()
	d := open(t, dir)
	tx := begin(t, d)
	put(t, tx, "in quarantine")
	commit(t, d, "one", "two")
	dirs, files := 0, 0
	for name, mode := range tree(t, dir) {
		if mode.IsDir() {
			dirs++
		} else {
			files++
		}
		if mode != 0o600 && mode != fs.ModeDir|0o700 {
			t.Errorf("%s has mode %v", name, mode)
		}
		if strings.Contains(name, "a.txt") {
			t.Errorf("%s: a display name became part of a path", name)
		}
	}
	if dirs != 6 || files != 6 {
		t.Errorf("got %d directories, %d files: %v", dirs, files, tree(t, dir))
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := len(tree(t, filepath.Join(dir, "quarantine"))); got != 2 {
		t.Errorf("after rollback quarantine holds %d, want a process with its lock", got)
	}
}

// TestDeleteLeavesNothing holds for the description too, which has a person's words, and for the directories of a transaction.
func TestDeleteLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	d := open(t, dir)
	for _, key := range commit(t, d, "one", "two") {
		if err := d.Delete(t.Context(), key); err != nil {
			t.Fatal(err)
		}
	}
	if got := tree(t, filepath.Join(dir, "objects")); len(got) != 1 {
		t.Errorf("got %v, want one of the shared directories", got)
	}
	// A Delete that was killed between the two.
	key := commit(t, d, "one")[0]
	place, name := storage.Place(key)
	if err := os.Remove(filepath.Join(dir, place, name)); err != nil {
		t.Fatal(err)
	}
	if _, err := content(t, d, key); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
	if err := d.Delete(t.Context(), key); !errors.Is(err, storage.ErrNotFound) || entries(t, dir, place) != 0 {
		t.Errorf("got %v, want ErrNotFound and no description", err)
	}
}

func TestReopen(t *testing.T) {
	dir := t.TempDir()
	d := open(t, dir)
	key := commit(t, d, "kept")[0]
	tx := begin(t, d)
	f := put(t, tx, "lost")
	o, err := d.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if data, err := io.ReadAll(o); string(data) != "kept" || err != nil {
		t.Errorf("what was open: got %q, %v", data, err)
	}
	_, errWrite := f.Write(nil)
	_, errBegin := d.Begin(t.Context())
	_, errOpen := d.Open(t.Context(), key)
	_, errClean := d.Clean(t.Context())
	for what, err := range map[string]error{
		"Write": errWrite, "Begin": errBegin, "Open": errOpen, "Clean": errClean, "Commit": tx.Commit(t.Context()),
		"Delete": d.Delete(t.Context(), key),
	} {
		if !errors.Is(err, storage.ErrDone) {
			t.Errorf("%s after Close: got %v, want ErrDone", what, err)
		}
	}
	if n := entries(t, dir, "quarantine"); n != 0 {
		t.Errorf("Close left %d in quarantine", n)
	}
	d = open(t, dir)
	if data, err := content(t, d, key); data != "kept" || err != nil {
		t.Errorf("after a restart: got %q, %v", data, err)
	}
}

func TestErrors(t *testing.T) {
	for _, tc := range []struct {
		err    error
		status int
		code   string
	}{
		{storage.ErrNotFound, http.StatusNotFound, "file_not_found"},
		{storage.ErrFull, http.StatusInsufficientStorage, "insufficient_storage"},
		{storage.ErrName, http.StatusUnprocessableEntity, "invalid_file_name"},
		{fmt.Errorf("%w: %w", storage.ErrUnavailable, fs.ErrPermission), http.StatusServiceUnavailable, "storage_unavailable"},
		{storage.ErrDone, http.StatusInternalServerError, "internal_server_error"},
		{storage.ErrMeta, http.StatusInternalServerError, "internal_server_error"},
		{storage.ErrDamaged, http.StatusInternalServerError, "internal_server_error"},
	} {
		p := problem.Of(tc.err)
		if p.Status != tc.status || p.Code != tc.code || strings.Contains(p.Detail, tc.err.Error()) {
			t.Errorf("%v: got %+v, want %d %s", tc.err, p, tc.status, tc.code)
		}
	}
}
