package envelope_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/gopalisade/palisade/crypto/envelope"
	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/secret"
	"github.com/gopalisade/palisade/problem"
)

// Every customer has a key, and loses it when they leave.
func Example() {
	kek := secret.New(random()) // 32 bytes from a secret store; package transit has HashiCorp Vault instead
	kms, err := envelope.NewLocal(envelope.LocalConfig{Keys: []field.Key{{ID: 1, Secret: kek, State: field.Primary}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	keys, err := envelope.New(envelope.Config{Wrapper: kms, Store: envelope.NewMemory(0)}) // a database, outside of tests
	if err != nil {
		fmt.Println(err)
		return
	}
	defer keys.Close()

	ctx := context.Background()
	cell := field.Bind("notes", "text", field.Int(1))
	ring, err := keys.Ring(ctx, "customer-7")
	if err != nil {
		fmt.Println(err)
		return
	}
	sealed, err := ring.Seal(cell, []byte("allergic to nuts"))
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := ring.Open(cell, sealed)
	fmt.Println(string(text), err)

	fmt.Println(keys.Shred(ctx, "customer-7"))
	_, err = keys.Ring(ctx, "customer-7")
	fmt.Println(err)
	_, err = ring.Open(cell, sealed)
	fmt.Println(errors.Is(err, field.ErrClosed))
	// Output:
	// allergic to nuts <nil>
	// <nil>
	// envelope: subject was shredded (list)
	// true
}

// A handler passes the error on: an outage is 503 with Retry-After, data that was shredded is 410.
func ExampleKeys_Ring() {
	keys := exampleKeys(envelope.NewMemory(0))
	defer keys.Close()
	_ = keys.Shred(context.Background(), "customer-7")
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ring, err := keys.Ring(r.Context(), "customer-7") // of the session
		if err != nil {
			problem.Write(w, r, err)
			return
		}
		fmt.Fprintln(w, len(ring.Keys()))
	})
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/notes", http.NoBody))
	fmt.Println(w.Code, problem.Of(&envelope.Error{Kind: envelope.ErrShredded}).Code)
	// Output:
	// 410 data_shredded
}

// Wrong: a ring that is kept. It works, until the subject is shredded, or the key was not confirmed for HardTTL; then it is
// closed for ever, though Ring would have another one.
func ExampleKeys_Ring_kept() {
	store := envelope.NewMemory(0)
	keys := exampleKeys(store)
	kept, _ := keys.Ring(context.Background(), "app")
	cell := field.Bind("settings", "smtp_password", field.Int(1))
	_ = keys.Close() // or an hour without the service

	_, err := kept.Seal(cell, []byte("hunter2"))
	fmt.Println(err)

	keys = exampleKeys(store)
	defer keys.Close()
	ring, _ := keys.Ring(context.Background(), "app") // in every request
	_, err = ring.Seal(cell, []byte("hunter2"))
	fmt.Println(err)
	// Output:
	// field: ring is closed
	// <nil>
}

func ExampleKeys_Rewrap() {
	first := field.Key{ID: 1, Secret: secret.New(random()), State: field.Primary}
	second := field.Key{ID: 2, Secret: secret.New(random()), State: field.Primary}
	store := envelope.NewMemory(0)
	open := func(keks ...field.Key) *envelope.Keys {
		kms, err := envelope.NewLocal(envelope.LocalConfig{Keys: keks})
		if err != nil {
			fmt.Println(err)
		}
		keys, err := envelope.New(envelope.Config{Wrapper: kms, Store: store})
		if err != nil {
			fmt.Println(err)
		}
		return keys
	}
	ctx := context.Background()
	keys := open(first)
	_, err := keys.Ring(ctx, "customer-7")
	fmt.Println(err)

	first.State = field.Active // the second key wraps, and the first unwraps what is left
	keys = open(second, first)
	for _, subject := range []string{"customer-7"} { // all that there are
		fmt.Println(keys.Rewrap(ctx, subject))
	}
	_, err = open(second).Ring(ctx, "customer-7") // without the first
	fmt.Println(err)
	// Output:
	// <nil>
	// <nil>
	// <nil>
}

var exampleKEK = field.Key{ID: 1, Secret: secret.New(random()), State: field.Primary}

func exampleKeys(store envelope.Store) *envelope.Keys {
	kms, err := envelope.NewLocal(envelope.LocalConfig{Keys: []field.Key{exampleKEK}})
	if err != nil {
		fmt.Println(err)
	}
	keys, err := envelope.New(envelope.Config{Wrapper: kms, Store: store})
	if err != nil {
		fmt.Println(err)
	}
	return keys
}
