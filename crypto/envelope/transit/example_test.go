package transit_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/gopalisade/palisade/crypto/envelope"
	"github.com/gopalisade/palisade/crypto/envelope/transit"
	"github.com/gopalisade/palisade/crypto/field"
)

func Example() {
	v := exampleVault()
	defer v.Close()
	kms, err := transit.New(transit.Config{
		Address: v.URL, Key: "orders", Token: token(goodToken), // transit.File("/run/vault/token")
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	store := envelope.NewMemory(0) // or Store.DataKeys of adapters/sqlstore
	keys, err := envelope.New(envelope.Config{Wrapper: kms, Store: store})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer keys.Close()

	for n := range 3 {
		ring, err := keys.Ring(context.Background(), "customer-7")
		if err != nil {
			fmt.Println(err)
			return
		}
		if _, err := ring.Seal(field.Bind("notes", "text", field.Int(int64(n+1))), []byte("a note")); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println("requests to Vault:", len(v.requests))
	// Output:
	// requests to Vault: 1
}

// Wrong: a token that nobody renews. It looks like a refusal, because it is one, and a ring that is refused is closed at
// once: unlike an outage, it is not waited for.
func ExampleNew_expiredToken() {
	v := exampleVault()
	defer v.Close()
	kms, err := transit.New(transit.Config{Address: v.URL, Key: "orders", Token: token("hvs.expired")})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = kms.Wrap(context.Background(), make([]byte, 32), nil)
	fmt.Println(err)
	fmt.Println(errors.Is(err, envelope.ErrRefused), errors.Is(err, envelope.ErrUnavailable))
	// Output:
	// envelope: key was refused (wrap): status 403
	// true false
}
