package storage_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/gopalisade/palisade/upload/storage"
)

// plant puts something instead of what is at a path.
func plant(t testing.TB, path string, with func(string) error) {
	t.Helper()
	if err := errors.Join(os.RemoveAll(path), with(path)); err != nil {
		t.Fatal(err)
	}
}

func linkTo(target string) func(string) error {
	return func(path string) error { return os.Symlink(target, path) }
}

// outside is a directory that nothing may touch, laid out like objects, with one file.
func outside(t testing.TB, key string) (dir string, check func()) {
	dir = t.TempDir()
	_, name := storage.Place(key)
	write(t, filepath.Join(dir, name), "secret")
	write(t, filepath.Join(dir, name+".meta"), string(storage.Encode(storage.Meta{Size: 6})))
	return dir, func() {
		t.Helper()
		if got := tree(t, dir); len(got) != 2 {
			t.Errorf("outside is now %v", got)
		}
	}
}

// TestPlantedInObjects has links and other things where committed files were.
func TestPlantedInObjects(t *testing.T) {
	for _, tc := range []struct {
		name  string
		plant func(t *testing.T, dir, place, file, out string)
	}{
		{"the file is a link out", func(t *testing.T, dir, place, file, out string) {
			plant(t, filepath.Join(dir, place, file), linkTo(filepath.Join(out, file)))
		}},
		{"the description is a link out", func(t *testing.T, dir, place, file, out string) {
			plant(t, filepath.Join(dir, place, file+".meta"), linkTo(filepath.Join(out, file+".meta")))
		}},
		{"the transaction is a link out", func(t *testing.T, dir, place, _, out string) {
			plant(t, filepath.Join(dir, place), linkTo(out))
		}},
		{"the transaction is a relative link out", func(t *testing.T, dir, place, _, out string) {
			rel, err := filepath.Rel(filepath.Dir(filepath.Join(dir, place)), out)
			if err != nil {
				t.Fatal(err)
			}
			plant(t, filepath.Join(dir, place), linkTo(rel))
		}},
		{"its parent is a link out", func(t *testing.T, dir, place, _, out string) {
			plant(t, filepath.Dir(filepath.Join(dir, place)), linkTo(filepath.Dir(out)))
		}},
		{"the file is a link to another", func(t *testing.T, dir, place, file, _ string) {
			write(t, filepath.Join(dir, place, "other"), "secret")
			plant(t, filepath.Join(dir, place, file), linkTo("other"))
		}},
		{"the file is a directory", func(t *testing.T, dir, place, file, _ string) {
			plant(t, filepath.Join(dir, place, file), func(p string) error { return os.Mkdir(p, 0o700) })
		}},
		{"the transaction is a file", func(t *testing.T, dir, place, _, _ string) {
			plant(t, filepath.Join(dir, place), func(p string) error { return os.WriteFile(p, nil, 0o600) })
		}},
		{"the file is shorter", func(t *testing.T, dir, place, file, _ string) {
			write(t, filepath.Join(dir, place, file), "dat")
		}},
		{"the description is cut", func(t *testing.T, dir, place, file, _ string) {
			if err := os.Truncate(filepath.Join(dir, place, file+".meta"), 10); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := t.TempDir()
			d := open(t, dir)
			key := commit(t, d, "data")[0]
			place, file := storage.Place(key)
			out, check := outside(t, key)
			tc.plant(t, dir, place, file, out)
			data, err := content(t, d, key)
			if err == nil || data != "" {
				t.Errorf("Open: got %q, %v", data, err)
			}
			pathless(t, err, key[:16], out)
			pathless(t, d.Delete(t.Context(), key), key[:16], out)
			check()
		})
	}
}

// TestPlantedInQuarantine has them where files are being written.
func TestPlantedInQuarantine(t *testing.T) {
	for _, tc := range []struct {
		name  string
		plant func(t *testing.T, tx, file, out string)
		want  error
	}{
		{"the transaction is a link out", func(t *testing.T, tx, _, out string) { plant(t, tx, linkTo(out)) }, nil},
		{"its parent is a link out", func(t *testing.T, tx, _, out string) {
			plant(t, filepath.Dir(tx), linkTo(filepath.Dir(out)))
		}, nil},
		{"the file is a link out", func(t *testing.T, tx, file, out string) {
			plant(t, filepath.Join(tx, file), linkTo(filepath.Join(out, file)))
		}, storage.ErrDamaged},
		{"the file is another", func(t *testing.T, tx, file, _ string) {
			plant(t, filepath.Join(tx, file), func(p string) error { return os.WriteFile(p, []byte("evil"), 0o600) })
		}, storage.ErrDamaged},
		{"somebody else wrote to it", func(t *testing.T, tx, file, _ string) {
			write(t, filepath.Join(tx, file), "evil data")
		}, storage.ErrDamaged},
		{"the file is gone", func(t *testing.T, tx, file, _ string) {
			plant(t, filepath.Join(tx, file), nothing)
		}, fs.ErrNotExist},
		{"the description is a link out", func(t *testing.T, tx, file, out string) {
			plant(t, filepath.Join(tx, file+".meta"), linkTo(filepath.Join(out, "new")))
		}, fs.ErrExist},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := t.TempDir()
			d := open(t, dir)
			tx := begin(t, d)
			f := put(t, tx, "data")
			key := f.Key()
			out, check := outside(t, key)
			_, file := storage.Place(key)
			at, err := filepath.Glob(filepath.Join(dir, "quarantine", "*", key[:16]))
			if err != nil || len(at) != 1 {
				t.Fatal(at, err)
			}
			tc.plant(t, at[0], file, out)
			if _, err := tx.Create(t.Context()); err != nil {
				pathless(t, err, key[:16], out)
			}
			err = tx.Commit(t.Context())
			if err == nil || tc.want != nil && !errors.Is(err, tc.want) {
				t.Errorf("Commit: got %v, want %v", err, tc.want)
			}
			pathless(t, err, key[:16], out)
			if data, err := content(t, d, key); !errors.Is(err, storage.ErrNotFound) {
				t.Errorf("Open: got %q, %v; want ErrNotFound", data, err)
			}
			check()
		})
	}
}

// TestCommitTarget has something where a transaction is to go: it stays as it was.
func TestCommitTarget(t *testing.T) {
	for _, tc := range []struct {
		name string
		make func(place string) error
	}{
		{"an empty directory", func(p string) error { return os.MkdirAll(p, 0o700) }},
		{"a file", func(p string) error {
			return errors.Join(os.MkdirAll(filepath.Dir(p), 0o700), os.WriteFile(p, []byte("old"), 0o600))
		}},
		{"a file above it", func(p string) error { return os.WriteFile(filepath.Dir(p), []byte("old"), 0o600) }},
	} {
		dir := t.TempDir()
		d := open(t, dir)
		tx := begin(t, d)
		key := put(t, tx, "data").Key()
		place, _ := storage.Place(key)
		if err := tc.make(filepath.Join(dir, place)); err != nil {
			t.Fatal(err)
		}
		before := len(tree(t, filepath.Join(dir, "objects")))
		err := tx.Commit(t.Context())
		if err == nil || len(tree(t, filepath.Join(dir, "objects"))) != before {
			t.Errorf("%s: got %v, and %v", tc.name, err, tree(t, dir))
		}
		pathless(t, err, key[:16])
	}
}

// TestUnconfirmed is a disk that fails when the files are in their place already: then they must go again.
func TestUnconfirmed(t *testing.T) {
	dir := t.TempDir()
	d := open(t, dir)
	tx := begin(t, d)
	key := put(t, tx, "data").Key()
	storage.LoseOwn(d)
	if err := tx.Commit(context.Background()); err == nil {
		t.Error("got no error")
	}
	if data, err := content(t, d, key); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("got %q, %v; want ErrNotFound", data, err)
	}
	place, _ := storage.Place(key)
	if _, err := os.Lstat(filepath.Join(dir, place)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want nothing there", err)
	}
}
