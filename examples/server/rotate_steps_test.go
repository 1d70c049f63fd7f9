package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/vault"
)

// machine is what one process of the server has open.
type machine struct {
	data *dataKeys
	*app
}

func startMachine(t *testing.T, dir string) machine {
	t.Helper()
	cfg, err := parseConfig([]string{"-data", dir}, func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	m := machine{openKeys(t, dir), &app{log: slog.New(slog.DiscardHandler)}}
	if m.store, err = openStore(t.Context(), cfg, m.data.ring); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.store.db.Close() })
	if m.passwords, err = newPasswords(m.data.ring); err != nil {
		t.Fatal(err)
	}
	if m.cards, err = newVault(m.data.ring, m.store); err != nil {
		t.Fatal(err)
	}
	if m.chain, err = newChain(cfg, &shared{}); err != nil {
		t.Fatal(err)
	}
	if err := m.newInputs(); err != nil {
		t.Fatal(err)
	}
	return m
}

func (m machine) add(t *testing.T, email string) user {
	t.Helper()
	u := user{ID: "id-" + email, Email: email, Role: "customer", Tier: "free"}
	var err error
	if u.Password, err = m.passwords.For(u.ID).Hash(t.Context(), "password-1"); err != nil {
		t.Fatal(err)
	}
	if err := m.store.addUser(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	return u
}

// rotation returns one that does not wait.
func (m machine) rotation(t *testing.T) *rotation {
	t.Helper()
	r, err := newRotation(m.store, m.data)
	if err != nil {
		t.Fatal(err)
	}
	r.pause, r.grace = 0, 0
	return r
}

// TestTwoRotations: several -rotate-keys at once lose nothing, whoever overtakes whom.
func TestTwoRotations(t *testing.T) {
	dir := t.TempDir()
	server := startMachine(t, dir)
	ann := server.add(t, "ann@example.com")
	pan, err := vault.ParsePAN("4111111111111111")
	if err != nil {
		t.Fatal(err)
	}
	card, err := server.cards.Tokenize(t.Context(), vault.Owner{ID: ann.ID}, pan)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		var wg sync.WaitGroup
		for range 3 {
			r := startMachine(t, dir).rotation(t)
			wg.Go(func() {
				if err := r.run(t.Context(), io.Discard); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if err := errors.Join(server.data.follow(), server.data.check(t.Context(), server.store)); err != nil {
			t.Fatal(err)
		}
		u, err := server.store.userByEmail(t.Context(), "ann@example.com")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := server.passwords.For(u.ID).Verify(t.Context(), "password-1", u.Password); err != nil {
			t.Errorf("Ann's password: %v", err)
		}
		again, err := server.cards.Tokenize(t.Context(), vault.Owner{ID: ann.ID}, pan)
		if err != nil || again.Token != card.Token {
			t.Errorf("Ann's card has the token %q, %v, want that of before", again.Token, err)
		}
	}
}

// TestStoppedInTheMiddle: a process that was stopped across a rotation, between sealing and storing, stores what others can open.
func TestStoppedInTheMiddle(t *testing.T) {
	dir := t.TempDir()
	server, stopped := startMachine(t, dir), startMachine(t, dir)
	server.add(t, "ann@example.com")
	for i := range 3 {
		if err := startMachine(t, dir).rotation(t).run(t.Context(), io.Discard); err != nil {
			t.Fatal(err)
		}
		stopped.add(t, fmt.Sprintf("u%d@example.com", i))
		if err := errors.Join(server.data.follow(), stopped.data.follow()); err != nil {
			t.Fatal(err)
		}
		if list, err := server.store.users(t.Context()); err != nil || len(list) != 2+i {
			t.Errorf("got %d accounts, %v, want %d", len(list), err, 2+i)
		}
	}
}

// TestSameAddressWhileKeysChange: two servers, of which one has not seen the new primary yet, make one account.
func TestSameAddressWhileKeysChange(t *testing.T) {
	dir := t.TempDir()
	before, after := startMachine(t, dir), startMachine(t, dir)
	id, _, err := after.rotation(t).announce(t.Context())
	if err == nil {
		err = before.data.follow()
	}
	if err == nil {
		err = after.data.change(func(list []dataKey) []dataKey { return withPrimary(list, id) })
	}
	if err != nil {
		t.Fatal(err)
	}
	for i := range 40 {
		var wg sync.WaitGroup
		for n, m := range []machine{before, after} {
			wg.Go(func() {
				err := m.store.addUser(t.Context(), user{ID: fmt.Sprintf("%d-%d", i, n), Email: fmt.Sprintf("u%d@example.com", i), Password: "-"})
				if err != nil && !errors.Is(err, errTaken) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
	if n, err := after.store.count(t.Context(), "users"); err != nil || n != 40 {
		t.Errorf("got %d accounts, %v, want 40", n, err)
	}
}

// TestKeysLost: a server whose keys are not those of its database does not start, and one that lacks a new key does not answer.
func TestKeysLost(t *testing.T) {
	dir := t.TempDir()
	m := startMachine(t, dir)
	for range 2 {
		if err := m.data.check(t.Context(), m.store); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.store.addDataKey(t.Context(), 4711); err != nil { // of a list that has not come here
		t.Fatal(err)
	}
	if err := m.data.check(t.Context(), m.store); err == nil || !m.data.behind.Load() {
		t.Errorf("got %v, want a server that waits for key 4711", err)
	}
	if err := m.store.deleteDataKey(t.Context(), 4711); err != nil {
		t.Fatal(err)
	}
	if err := m.data.check(t.Context(), m.store); err != nil || m.data.behind.Load() {
		t.Errorf("got %v, want a server that goes on", err)
	}
	if err := os.Remove(filepath.Join(dir, "data-keys-1.json")); err != nil {
		t.Fatal(err)
	}
	var stderr strings.Builder
	if code := run(t.Context(), []string{"-data", dir, "-addr", "127.0.0.1:0"}, func(string) string { return "" }, io.Discard, &stderr); code != 1 ||
		!strings.Contains(stderr.String(), "another server") {
		t.Errorf("got %d %s, want 1", code, &stderr)
	}
}

// TestManyRotations: the list that no ring can be made of is not written.
func TestManyRotations(t *testing.T) {
	dir := t.TempDir()
	d := openKeys(t, dir)
	var err error
	for range 300 {
		if err = d.change(func(list []dataKey) []dataKey { return append(list, newDataKey(field.Disabled)) }); err != nil {
			break
		}
	}
	if err == nil || len(openKeys(t, dir).ring.Keys()) != 256 {
		t.Errorf("got %v, want an error for the 257th key", err)
	}
	r := startMachine(t, t.TempDir()).rotation(t)
	r.grace = time.Hour
	first, _, err1 := r.announce(t.Context())
	second, old, err2 := r.announce(t.Context()) // after it was killed
	if first != second || len(old) != 0 || err1 != nil || err2 != nil {
		t.Errorf("got keys %d and %d, %v, %v, want one that is used", first, second, err1, err2)
	}
	if err := r.data.change(func(list []dataKey) []dataKey { return withPrimary(list, first) }); err != nil {
		t.Fatal(err)
	}
	if _, old, err := r.announce(t.Context()); err != nil || len(old) != 0 {
		t.Errorf("got %v, %v, want no key that was replaced this minute", old, err)
	}
	r.grace = 0
	if _, old, err := r.announce(t.Context()); err != nil || len(old) != 1 {
		t.Errorf("got %v, %v, want the key that was replaced", old, err)
	}
}

func TestOneUnreadableAccount(t *testing.T) {
	m := startMachine(t, t.TempDir())
	ann, bob := m.add(t, "ann@example.com"), m.add(t, "bob@example.com")
	for _, statement := range []string{
		"UPDATE users SET first_name = (SELECT last_name FROM users WHERE id = '" + ann.ID + "') WHERE id = '" + bob.ID + "'",
		"UPDATE users SET first_name = x'00' WHERE id = '" + bob.ID + "'",
	} {
		if _, err := m.store.db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
		if list, err := m.store.users(t.Context()); err != nil || len(list) != 1 || list[0].ID != ann.ID {
			t.Errorf("got %v, %v, want Ann", list, err)
		}
		if _, err := m.store.userByID(t.Context(), bob.ID); err == nil || !strings.Contains(err.Error(), bob.ID) {
			t.Errorf("got %v, want an error that names Bob's row", err)
		}
	}
}

func TestLoginByTheAddressThatWasTyped(t *testing.T) {
	c := client{t, start(t, t.TempDir()), "192.0.2.61"}
	for _, email := range []string{"ann@bücher.de", " bob@example.com ", "Dan@Example.COM"} {
		c.want(201, "POST", "/api/auth/register", `{"email":"`+email+`","password":"password-1"}`)
		c.login(email, "password-1")
	}
	c.want(401, "POST", "/api/auth/login", `{"email":"no address","password":"password-1"}`)
}

func TestForgetCards(t *testing.T) {
	m := startMachine(t, t.TempDir())
	owner := vault.Owner{ID: "u"}
	for _, number := range []string{"4111111111111111", "5555555555554444"} {
		pan, err := vault.ParsePAN(number)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.cards.Tokenize(t.Context(), owner, pan); err != nil {
			t.Fatal(err)
		}
	}
	// One token that somebody has changed is no reason to go round for ever.
	_, err := m.store.db.ExecContext(t.Context(), "UPDATE palisade_cards SET token = token || 'x' WHERE token = (SELECT max(token) FROM palisade_cards)")
	if err != nil {
		t.Fatal(err)
	}
	_ = m.forgetCards(t.Context(), owner)
	if list, err := m.cards.List(t.Context(), owner, ""); err != nil || len(list) != 1 {
		t.Errorf("got %v, %v, want the one that cannot be named", list, err)
	}
}
