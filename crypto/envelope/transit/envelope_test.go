package transit_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/gopalisade/palisade/crypto/envelope"
	"github.com/gopalisade/palisade/crypto/field"
)

// TestEnvelope has a whole life: a first key, a restart, a rotation in Vault, an outage of a new process.
func TestEnvelope(t *testing.T) {
	v := startVault(t)
	store := envelope.NewMemory(0)
	open := func() *envelope.Keys {
		k, err := envelope.New(envelope.Config{Wrapper: newWrapper(t, v, nil), Store: store})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = k.Close() })
		return k
	}
	cell := field.Bind("notes", "text", field.Int(1))
	first := open()
	ring, err := first.Ring(t.Context(), "customer-7")
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := ring.Seal(cell, []byte("a note"))
	if err != nil {
		t.Fatal(err)
	}
	wantOpen := func() {
		t.Helper()
		ring, err := open().Ring(t.Context(), "customer-7")
		if err != nil {
			t.Fatal(err)
		}
		if text, err := ring.Open(cell, sealed); err != nil || string(text) != "a note" {
			t.Errorf("got %q, %v", text, err)
		}
	}
	wantOpen()
	v.rotate()
	if err := first.Rewrap(t.Context(), "customer-7"); err != nil {
		t.Fatal(err)
	}
	v.mu.Lock()
	v.min = 2 // the old version may go
	v.mu.Unlock()
	wantOpen()
	v.answerWith(func(w http.ResponseWriter, _ *http.Request) { fail(w, 503, "Vault is sealed") })
	if _, err := open().Ring(t.Context(), "customer-7"); !errors.Is(err, envelope.ErrUnavailable) {
		t.Errorf("sealed: got %v, want ErrUnavailable", err)
	}
	v.answerWith(nil)
	wantOpen()
}

// TestForgetfulVault is older than associated_data, and ignores it without a word.
func TestForgetfulVault(t *testing.T) {
	v := startVault(t)
	v.forgetful = true
	store := envelope.NewMemory(0)
	k, err := envelope.New(envelope.Config{Wrapper: newWrapper(t, v, nil), Store: store})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = k.Close() }()
	if _, err := k.Ring(t.Context(), "customer-7"); err != nil {
		t.Fatal(err)
	}
	stolen, err := store.List(t.Context(), "customer-7")
	if err != nil || len(stolen) != 1 {
		t.Fatalf("got %v, %v", stolen, err)
	}
	stolen[0].Subject = "mallory"
	if err := store.Add(t.Context(), stolen[0]); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Ring(t.Context(), "mallory"); !errors.Is(err, envelope.ErrForged) {
		t.Errorf("a record of somebody else's: got %v, want ErrForged", err)
	}
}
