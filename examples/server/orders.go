package main

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/problem"
	"github.com/gopalisade/palisade/validate"
)

func (a *app) listOrders(ctx context.Context, q orderQuery) (validate.Response[page[order]], error) {
	status, _ := q.Status.Get() // "" is any
	items, total, err := a.store.orders(ctx, principalID(ctx), status, q.Limit, q.Offset)
	return listed(items, total), err
}

func (a *app) createOrder(ctx context.Context, in newOrder) (validate.Response[order], error) {
	o := order{ID: rand.Text(), Item: in.Item, Quantity: in.Quantity, Status: "pending", UserID: principalID(ctx)}
	err := a.store.addOrder(ctx, o)
	if errors.Is(err, errNotFound) { // deleted since the token was issued
		err = &auth.Error{Kind: auth.ErrInvalid, Reason: "user_gone", Scheme: "Bearer"}
	}
	return created(o), err
}

// getOrder answers 404 for another's order, as for none: whether it exists is the owner's business.
func (a *app) getOrder(ctx context.Context, in byID) (order, error) {
	o, err := a.store.order(ctx, in.ID, principalID(ctx))
	if errors.Is(err, errNotFound) {
		err = &problem.Problem{Status: http.StatusNotFound}
	}
	return o, err
}
