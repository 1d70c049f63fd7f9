// Package shop is the GraphQL schema of the examples, with resolvers over a store that is the program's own.
package shop

import (
	"context"
	"errors"
)

// The runtime's version is in go.mod, the generator's in the tools' module: raise them together.
//go:generate env GOWORK=off go tool -modfile=../../../tools/go.mod gqlgen generate

// User is an account.
type User struct{ ID, Email, Role, Tier string }

// Order belongs to one user.
type Order struct {
	ID       string
	Item     string
	Quantity int
	Status   string
	UserID   string
}

// The states of an order.
const (
	Pending    = "pending"
	Processing = "processing"
	Shipped    = "shipped"
	Delivered  = "delivered"
	Cancelled  = "cancelled"
)

// OrderPage is a part of a user's orders.
type OrderPage struct {
	Items []Order
	Total int
}

// NewOrder is what may be said about a new order, whichever way it comes.
type NewOrder struct {
	Item     string `json:"item"     norm:"trim,nfc" validate:"required,max=200,line"`
	Quantity int    `json:"quantity" validate:"min=1,max=1000"`
}

// slice says which part of a list is wanted. The guard knows what it costs; that there is a limit is the list's own rule.
type slice struct {
	First  int `json:"first"  validate:"min=1,max=100"`
	Offset int `json:"offset" validate:"min=0,max=2147483647"`
}

// ErrNotFound says that a store does not have what was asked for, or that it is another's.
var ErrNotFound = errors.New("shop: not found")

// Store keeps what the schema shows. Whose orders are meant is always said.
type Store interface {
	User(ctx context.Context, id string) (User, error)
	Orders(ctx context.Context, owner, status string, limit, offset int) ([]Order, int, error) // an empty status means any
	Order(ctx context.Context, owner, id string) (Order, error)
	AddOrder(ctx context.Context, o Order) error // ErrNotFound where the owner is gone
}
