package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/internal/servertest"
)

// TestRotateKeys changes the key beside a server that goes on working, and then forgets the old one: nothing needed it.
func TestRotateKeys(t *testing.T) {
	for _, tc := range []struct {
		name  string
		flags func(t *testing.T) []string
	}{
		{"SQLite", func(*testing.T) []string { return nil }},
		{"PostgreSQL", func(t *testing.T) []string { return []string{"-postgres", servertest.StartPostgres(t)} }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel() // most of it is waiting
			dir := t.TempDir()
			args := append([]string{"-data", dir}, tc.flags(t)...)
			p := startProcess(t, args...)
			p.must(t, 201, "POST", "/api/auth/register", annBody, "")
			access := text(p.must(t, 200, "POST", "/api/auth/login", annBody, ""), "access_token")
			card := text(p.must(t, 201, "POST", "/api/cards", `{"number":"4111111111111111"}`, access), "token")
			admin := text(p.must(t, 200, "POST", "/api/auth/login", adminLogin, ""), "access_token")

			people := 2   // Ann and the administrator
			for range 2 { // the second retires the key that the first replaced, once that is long ago
				backdate(t, dir)
				people += rotateBeside(t, p, args, func(i int) {
					p.must(t, 201, "POST", "/api/users", fmt.Sprintf(`{"email":"u%d@example.com","password":"password-1"}`, people+i), admin)
					p.must(t, 200, "GET", "/api/cards/"+card, "", access)
					p.must(t, 409, "POST", "/api/users", annBody, admin)
				})
			}
			p.must(t, 200, "GET", "/api/cards/"+card, "", access)
			p.kill()

			forgetDisabled(t, dir)
			p = startProcess(t, args...)
			access = text(p.must(t, 200, "POST", "/api/auth/login", annBody, ""), "access_token")
			if again := p.must(t, 201, "POST", "/api/cards", `{"number":"4111111111111111"}`, access); text(again, "token") != card {
				t.Errorf("the card has another token after the rotation: %v", again)
			}
			admin = text(p.must(t, 200, "POST", "/api/auth/login", adminLogin, ""), "access_token")
			if list := p.must(t, 200, "GET", "/api/users", "", admin); list["total"] != float64(people) {
				t.Errorf("got %v accounts, want %d", list["total"], people)
			}
		})
	}
}

// rotateBeside runs -rotate-keys, and work until it has ended, and returns how often.
func rotateBeside(t *testing.T, p *process, args []string, work func(i int)) int {
	t.Helper()
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	out := make(chan string, 1)
	cmd := exec.Command(path, append(args, "-rotate-keys")...)
	go func() {
		said, err := cmd.CombinedOutput()
		out <- fmt.Sprint(string(said), err)
	}()
	for n := 0; ; n++ {
		select {
		case said := <-out:
			if !strings.Contains(said, "1 cards sealed again") || !strings.HasSuffix(said, "<nil>") {
				t.Fatalf("got %s", said)
			}
			return n
		default:
			work(n)
		}
	}
}

// backdate lets all keys be replaced an hour ago.
func backdate(t *testing.T, dir string) {
	t.Helper()
	err := openKeys(t, dir).change(func(list []dataKey) []dataKey {
		for i := range list {
			list[i].Replaced = list[i].Replaced.Add(-time.Hour)
		}
		return list
	})
	if err != nil {
		t.Fatal(err)
	}
}

// forgetDisabled removes the keys that were retired, as nobody should who has backups.
func forgetDisabled(t *testing.T, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "data-keys-*.json"))
	if err != nil || len(files) != 9 { // one at the start, then for each rotation one that backdates, and three steps
		t.Fatalf("got %v, %v, want nine lists of keys", files, err)
	}
	data, err := os.ReadFile(files[8])
	if err != nil {
		t.Fatal(err)
	}
	var list []dataKey
	if err := json.Unmarshal(data, &list); err != nil || len(list) != 3 {
		t.Fatalf("got %d keys, %v, want 3", len(list), err)
	}
	list = slices.DeleteFunc(list, func(k dataKey) bool { return k.State == field.Disabled.String() })
	if data, err = json.Marshal(list); err != nil || len(list) != 2 {
		t.Fatalf("got %d keys, %v, want 2 that are not disabled", len(list), err)
	}
	for _, file := range files {
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
