package password_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/password"
)

func Example() {
	ctx := context.Background()
	hasher, err := password.New(password.Config{})
	if err != nil {
		panic(err)
	}
	stored, err := hasher.Hash(ctx, "correct horse battery staple")
	if err != nil {
		panic(err)
	}
	_, err = hasher.Verify(ctx, "correct horse battery staple", stored)
	fmt.Println("right:", err)
	_, err = hasher.Verify(ctx, "Tr0ub4dor&3", stored)
	fmt.Println("wrong:", err)
	fmt.Println("nobody:", hasher.VerifyUnknown(ctx, "Tr0ub4dor&3"))
	// Output:
	// right: <nil>
	// wrong: password: does not match
	// nobody: password: does not match
}

// A new key takes over: every stored hash is sealed again, in a job of its own, and then the old key can go.
func ExampleAccount_Reseal() {
	ring, hasher := examplePepper()
	ctx := context.Background()
	stored, err := hasher.For("user-7").Hash(ctx, "correct horse battery staple")
	if err != nil {
		panic(err)
	}
	if err := ring.Add(ringKey(2, field.Primary)); err != nil {
		panic(err)
	}
	stored, changed, err := hasher.For("user-7").Reseal(stored)
	fmt.Println(changed, err)
	fmt.Println(ring.Disable(1))
	rehash, err := hasher.For("user-7").Verify(ctx, "correct horse battery staple", stored)
	fmt.Println(rehash, err)
	// Output:
	// true <nil>
	// <nil>
	// false <nil>
}

// Wrong: the subject is an e-mail address. Its owner moves to another one, and cannot log in any more.
func ExampleHasher_For_subjectThatChanges() {
	_, hasher := examplePepper()
	ctx := context.Background()
	stored, err := hasher.For("ada@example.com").Hash(ctx, "correct horse battery staple")
	if err != nil {
		panic(err)
	}
	_, err = hasher.For("ada@example.org").Verify(ctx, "correct horse battery staple", stored)
	fmt.Println(err)
	fmt.Println(errors.Is(err, password.ErrMismatch), errors.Is(err, password.ErrMalformed))
	// Output:
	// password: stored hash cannot be read: field: sealed value cannot be opened
	// false true
}

// Wrong: a Sealer is configured, and the account is not named. Nothing is hashed, and nobody is let in.
func ExampleHasher_Verify_noSubject() {
	_, hasher := examplePepper()
	_, err := hasher.Hash(context.Background(), "correct horse battery staple")
	fmt.Println(err)
	// Output:
	// password: no account named: a Sealer needs Hasher.For
}

// New hashes for FIPS 140-3.
func ExampleConfig_iterations() {
	hasher, err := password.New(password.Config{Iterations: 600_000})
	if err != nil {
		panic(err)
	}
	stored, err := hasher.Hash(context.Background(), "correct horse battery staple")
	fmt.Println(stored[:24], err)
	_, err = password.New(password.Config{Iterations: 1000})
	fmt.Println(err)
	// Output:
	// $pbkdf2-sha256$i=600000$ <nil>
	// password: Iterations 1000 must be at least 600000
}

func examplePepper() (*field.Ring, *password.Hasher) {
	ring, err := field.New(field.Config{Keys: []field.Key{ringKey(1, field.Primary)}})
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
	return ring, hasher
}
