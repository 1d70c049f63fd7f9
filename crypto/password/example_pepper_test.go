package password_test

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/password"
	"github.com/gopalisade/palisade/crypto/secret"
)

// The key comes from a secret store, and never from the database that holds the hashes.
func Example_pepper() {
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	ring, err := field.New(field.Config{Keys: []field.Key{{ID: 1, Secret: secret.New(key), State: field.Primary}}})
	if err != nil {
		panic(err)
	}
	pepper, err := field.NewSealer(field.SealerConfig{Ring: ring, Table: "users", Name: "password"})
	if err != nil {
		panic(err)
	}
	hasher, err := password.New(password.Config{Sealer: pepper})
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	stored, err := hasher.For("user-7").Hash(ctx, "correct horse battery staple")
	if err != nil {
		panic(err)
	}
	fmt.Println("stored:", stored[:5])
	_, err = hasher.For("user-7").Verify(ctx, "correct horse battery staple", stored)
	fmt.Println("owner:", err)
	_, err = hasher.For("user-8").Verify(ctx, "correct horse battery staple", stored)
	fmt.Println("copied to another account:", err)
	// Output:
	// stored: enc1.
	// owner: <nil>
	// copied to another account: password: stored hash cannot be read: field: sealed value cannot be opened
}
