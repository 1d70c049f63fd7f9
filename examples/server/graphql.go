package main

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/examples/internal/guarded"
	"github.com/gopalisade/palisade/examples/internal/shop"
	"github.com/gopalisade/palisade/ratelimit"
	"github.com/gopalisade/palisade/validate/graphql"
)

// graph is the shop over GraphQL: a guard, a limiter that charges what the guard found, and what executes.
type graph struct {
	guard *graphql.Guard
	costs *ratelimit.Limiter
	run   http.Handler
}

func (a *app) newGraph(sh *shared) error {
	schema, err := shop.Shop{Store: shelf{a.store}, Model: a.model, NewOrder: a.in.order}.Schema()
	if err != nil {
		return err
	}
	a.graph.run = guarded.New(schema, a.log)
	a.graph.guard, err = graphql.New(graphql.Config{
		Schema: schema.Schema(),
		Introspection: func(r *http.Request) bool {
			p, _ := auth.From(r.Context())
			return a.model.Can(p, accessAdmin)
		},
		Deny: a.refuse, // as every other route of this server does
	})
	if err != nil {
		return err
	}
	a.graph.costs, err = ratelimit.New(ratelimit.Config{
		Key:  ratelimit.ByPrincipal(func(r *http.Request) string { return principalID(r.Context()) }, ratelimit.ByAddr),
		Tier: principalTier,
		Tiers: map[string][]ratelimit.Policy{
			"free":       {{Name: "cost-free", Limit: 1_000, Window: time.Minute}},
			"premium":    {{Name: "cost-premium", Limit: 10_000, Window: time.Minute}},
			"enterprise": {{Name: "cost-enterprise", Limit: 100_000, Window: time.Minute}},
		},
		Cost:  graphql.Cost,
		Store: sh.limits(), Secret: sh.limitKey,
	})
	return err
}

// onlyKnown is all that the route itself asks for.
func onlyKnown(r *http.Request) error {
	if _, ok := auth.From(r.Context()); !ok {
		return &auth.Error{Kind: auth.ErrNoCredentials, Scheme: "Bearer"}
	}
	return nil
}

// shelf is the store as the resolvers see it.
type shelf struct{ store *store }

func (s shelf) User(ctx context.Context, id string) (shop.User, error) {
	u, err := s.store.userByID(ctx, id)
	return shop.User(u.profile()), missing(err)
}

func (s shelf) Orders(ctx context.Context, owner, status string, limit, offset int) ([]shop.Order, int, error) {
	page, total, err := s.store.orders(ctx, owner, status, limit, offset)
	all := make([]shop.Order, len(page))
	for i, o := range page {
		all[i] = shop.Order(o)
	}
	return all, total, err
}

func (s shelf) Order(ctx context.Context, owner, id string) (shop.Order, error) {
	o, err := s.store.order(ctx, id, owner)
	return shop.Order(o), missing(err)
}

func (s shelf) AddOrder(ctx context.Context, o shop.Order) error {
	return missing(s.store.addOrder(ctx, order(o)))
}

// missing says it in the shop's words.
func missing(err error) error {
	if errors.Is(err, errNotFound) {
		return shop.ErrNotFound
	}
	return err
}
