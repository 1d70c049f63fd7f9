package password_test

import (
	"context"
	"fmt"

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
