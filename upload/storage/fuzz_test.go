package storage_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/upload/storage"
)

// FuzzOpen asks for keys beside one that is there, with files around that must not be found by any of them.
func FuzzOpen(f *testing.F) {
	dir := f.TempDir()
	path := filepath.Join(dir, "store")
	if err := os.Mkdir(path, 0o700); err != nil {
		f.Fatal(err)
	}
	d := open(f, path)
	key := commit(f, d, "mine")[0]
	place, name := storage.Place(key)
	around := map[string]string{}
	for _, p := range []string{".", "store", "store/quarantine", "store/objects", "store/" + place} {
		p = filepath.Join(dir, p)
		for _, n := range []string{"secret", key[:16], strings.Repeat("a", 26)} {
			if _, err := os.Lstat(filepath.Join(p, n)); err == nil {
				continue
			}
			write(f, filepath.Join(p, n), "secret")
			write(f, filepath.Join(p, n+".meta"), string(storage.Encode(storage.Meta{Size: 6})))
			around[filepath.Join(p, n)] = "secret"
		}
	}
	sibling := key[:16] + strings.Repeat("a", 26) // as good as committed
	for _, seed := range []string{
		key, sibling, "", "../secret", key[:16] + "/secret", key + ".meta", strings.ToUpper(key), key + "\x00", "../../" + name,
		key[:2] + "/" + key[:16] + "/" + name[:20], strings.Repeat("../", 14), key[:41] + "1",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, k string) {
		data, err := content(t, d, k)
		switch {
		case k == key:
			if data != "mine" || err != nil {
				t.Errorf("the committed file: got %q, %v", data, err)
			}
		case k == sibling:
		case !errors.Is(err, storage.ErrNotFound):
			t.Errorf("Open(%q) must be ErrNotFound, for it is no key of ours: got %q, %v", k, data, err)
		}
		if k != key && k != sibling {
			if err := d.Delete(t.Context(), k); !errors.Is(err, storage.ErrNotFound) {
				t.Errorf("Delete(%q) must be ErrNotFound, for it is no key of ours: got %v", k, err)
			}
		}
		for p, want := range around {
			if got, err := os.ReadFile(p); string(got) != want {
				t.Errorf("after key %q a file around is %q, %v", k, got, err)
			}
		}
	})
}

// FuzzMeta keeps any text verbatim, and reads nothing but its own writing.
func FuzzMeta(f *testing.F) {
	f.Add("a.png", "image/png", "alice", int64(4), []byte("palisade file 1\n"))
	f.Add("\xff\n\"", "\u2028", "\\", int64(1)<<62, storage.Encode(storage.Meta{Name: "x", Size: 9}))
	f.Fuzz(func(t *testing.T, name, typ, owner string, size int64, text []byte) {
		m := storage.Meta{Name: name, Type: typ, Owner: owner, Size: size}
		if m.Check() == nil {
			if got, err := storage.Decode(storage.Encode(m)); err != nil || got != m {
				t.Errorf("a description must come back verbatim: got %+v, %v; want %+v", got, err, m)
			}
		}
		if got, err := storage.Decode(text); err == nil && !bytes.Equal(storage.Encode(got), text) {
			t.Errorf("a second spelling is accepted: %q", text)
		} else if err != nil && !errors.Is(err, storage.ErrDamaged) {
			t.Errorf("got %v, want ErrDamaged", err)
		}
	})
}
