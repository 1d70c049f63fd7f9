package main

import (
	"context"
	"net/http"

	"github.com/gopalisade/palisade/validate"
)

// orderOurs takes an order as a typed handler does.
func orderOurs() http.Handler {
	orders := must(validate.New[order](validate.Config{}))
	mux := http.NewServeMux()
	mux.Handle("POST /orders", must(validate.Handle(orders, func(_ context.Context, in order) (receipt, error) {
		return receipt{in.ID, len(in.Items)}, nil
	})))
	return mux
}
