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

			out, done := make(chan string, 1), false
			path, _ := built()
			cmd := exec.Command(path, append(args, "-rotate-keys")...)
			go func() {
				said, err := cmd.CombinedOutput()
				out <- fmt.Sprint(string(said), err)
			}()
			people := 2 // Ann and the administrator
			for said := ""; !done; people++ {
				p.must(t, 201, "POST", "/api/users", fmt.Sprintf(`{"email":"u%d@example.com","password":"password-1"}`, people), admin)
				p.must(t, 200, "GET", "/api/cards/"+card, "", access)
				p.must(t, 409, "POST", "/api/users", annBody, admin)
				select {
				case said = <-out:
					if done = true; !strings.Contains(said, "1 cards sealed again") || !strings.HasSuffix(said, "<nil>") {
						t.Fatalf("got %s", said)
					}
				default:
				}
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

// forgetDisabled removes the keys that were retired, as nobody should who has backups.
func forgetDisabled(t *testing.T, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "data-keys-*.json"))
	if err != nil || len(files) != 4 { // one at the start, then three steps
		t.Fatalf("got %v, %v, want four lists of keys", files, err)
	}
	data, err := os.ReadFile(files[3])
	if err != nil {
		t.Fatal(err)
	}
	var list []dataKey
	if err := json.Unmarshal(data, &list); err != nil || len(list) != 2 {
		t.Fatalf("got %d keys, %v, want 2", len(list), err)
	}
	list = slices.DeleteFunc(list, func(k dataKey) bool { return k.State == field.Disabled.String() })
	if data, err = json.Marshal(list); err != nil || len(list) != 1 {
		t.Fatalf("got %d keys, %v, want 1 that is not disabled", len(list), err)
	}
	for _, file := range files {
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
