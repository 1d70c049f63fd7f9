package storagetest

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/upload/storage"
)

// strange are names that mean something to a file system, a shell, a browser, a terminal or a database. Here they are data.
var strange = []string{
	"", ".", "..", "/", "a/", "/etc/passwd", "../../../../etc/passwd", `..\..\windows\win.ini`, `C:\x\y.php`, "a/../../b",
	"photo.jpg.php", "photo.php.jpg", "photo.pHp", "photo.php.", "photo.php ", "photo.php::$DATA", "photo:ads",
	"CON", "nul.txt", "COM1.txt", ".htaccess", ".user.ini", "web.config", "-rf", "~", "%00", "%2e%2e%2f",
	"gpj.\u202egnp.exe", "a\u2066b\u2069", "zero\u200bwidth", "one\uff0edot", "two\u2024dots",
	"e" + strings.Repeat("\u0301", 60), strings.Repeat("x", 255), strings.Repeat("é", 127),
	"line\nname \"other\"\n", "cr\r\n", "\t\v\x1b[2J\x7f", `"quoted" 'twice' \`, "\xff\xfe\x80 no UTF-8", "\ufffd",
	"<svg onload=alert(1)>.svg", "'; DROP TABLE files; --", "$(reboot)`reboot`", "=?utf-8?q?a.php?=",
	"objects", "quarantine", "lock", "a.meta", "palisade file 1",
}

func describe(t *testing.T, s storage.Store) {
	tx := begin(t, s)
	want := map[string]storage.Meta{}
	for i, name := range strange {
		f := write(t, tx, []byte{byte(i)})
		m := meta([]byte{byte(i)})
		m.Name, m.Type, m.Owner = name, name, strings.Repeat(name, 4)
		if i%2 == 0 {
			m.SHA256, m.Created = [32]byte{31: byte(i)}, time.Time{}
		} else {
			m.Created = created.In(time.FixedZone("", 3601))
		}
		if err := f.SetMeta(m); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		want[f.Key()] = m
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	for key, m := range want {
		_, got, err := read(t.Context(), s, key)
		if err != nil || !same(got, m) {
			t.Errorf("got %+v, %v; want %+v", got, err, m)
		}
	}
}

func refusedNames(t *testing.T, s storage.Store) {
	tx := begin(t, s)
	f := write(t, tx, []byte("data"))
	for _, name := range []string{"\x00", "a.png\x00.php", strings.Repeat("x", 256), strings.Repeat("é", 128)} {
		m := meta([]byte("data"))
		m.Name = name
		if err := f.SetMeta(m); !errors.Is(err, storage.ErrName) {
			t.Errorf("%q: got %v, want ErrName", name, err)
		}
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantData(t, s, f.Key(), []byte("data")) // with the description before
}

// misdescribed is, for one, a client that left before the end: its short file must never be kept.
func misdescribed(t *testing.T, s storage.Store) {
	for _, tc := range []struct {
		name string
		size int64 // negative: no description
	}{{"no description", -1}, {"shorter", 5}, {"longer", 3}, {"empty", 0}} {
		tx := begin(t, s)
		good, bad := write(t, tx, []byte("good")), create(t, tx)
		if _, err := bad.Write([]byte("data")); err != nil {
			t.Fatal(err)
		}
		if tc.size >= 0 {
			m := meta([]byte("data"))
			m.Size = tc.size
			if err := bad.SetMeta(m); err != nil {
				t.Fatal(err)
			}
		}
		if err := tx.Commit(t.Context()); !errors.Is(err, storage.ErrMeta) {
			t.Errorf("%s: got %v, want ErrMeta", tc.name, err)
		}
		wantGone(t, s, tc.name, good.Key(), bad.Key())
	}
}

var textSafe = regexp.MustCompile(`^[0-9A-Za-z]{22,128}$`)

func keys(t *testing.T, s storage.Store) {
	seen := map[string]bool{}
	var before string
	for range 5 {
		tx := begin(t, s)
		for range 10 {
			key := write(t, tx, nil).Key()
			if !textSafe.MatchString(key) {
				t.Errorf("%q is not 22 to 128 letters and digits, which 128 random bits need and every place takes", key)
			}
			if folded := strings.ToLower(key); seen[folded] {
				t.Errorf("%q was given twice", key)
			} else {
				seen[folded] = true
			}
			before = differs(t, before, key)
		}
		if err := tx.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// differs checks that a key does not give away the next one: of two random ones of 22 characters or more few are alike.
func differs(t *testing.T, a, b string) string {
	t.Helper()
	if len(a) == len(b) {
		n := 0
		for i := range len(a) {
			if a[i] != b[i] {
				n++
			}
		}
		if n < 12 {
			t.Errorf("%q and %q differ in %d places", a, b, n)
		}
	}
	return b
}

func hostileKeys(t *testing.T, s storage.Store) {
	key := commit(t, s, []byte("data"))[0]
	hostile := []string{
		"", ".", "..", "/", `\`, "../x", "../" + key, "./" + key, "/" + key, key + "/", key + "/.", "x/../" + key, key + "/../" + key,
		key + "\x00", "\x00", key[:10] + "\x00" + key[11:], key + " ", " " + key, key + "\n", key + ".meta", key + "::$DATA",
		key[:len(key)-1], key + key[:1], key[1:], key + key, strings.Repeat("a", len(key)), strings.Repeat("a", 1<<20),
		strings.Repeat("../", 14), "%2e%2e%2f" + key, "file://" + key, "CON", "nul", key[:10] + "." + key[11:],
		key[:10] + "/" + key[11:], key[:10] + "é" + key[12:], strings.Replace(key, key[:1], "\u212a", 1), "*", "?", key[:5] + "*",
	}
	for _, other := range []string{strings.ToUpper(key), strings.ToLower(key)} {
		if other != key {
			hostile = append(hostile, other)
		}
	}
	for _, k := range hostile {
		if _, _, err := read(t.Context(), s, k); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("Open(%.80q) beside %q: got %v, want ErrNotFound", k, key, err)
		}
		if err := s.Delete(t.Context(), k); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("Delete(%.80q) beside %q: got %v, want ErrNotFound", k, key, err)
		}
	}
	wantData(t, s, key, []byte("data"))
}
