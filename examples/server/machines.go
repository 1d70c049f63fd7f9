package main

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/apikey"
	"github.com/gopalisade/palisade/problem"
	"github.com/gopalisade/palisade/validate"
)

// keyView is what an owner sees of a key. Secret is there once, when the key is made.
type keyView struct {
	ID        string    `json:"id"`
	Secret    string    `json:"key,omitempty"`
	Name      string    `json:"name"`
	Scopes    []string  `json:"scopes"`
	CreatedAt time.Time `json:"created_at"`
	ExpiresAt time.Time `json:"expires_at"`
	UsedAt    time.Time `json:"used_at,omitzero"`
}

func viewKey(k apikey.Key) keyView {
	return keyView{
		ID: k.ID, Name: k.Name, Scopes: append([]string{}, k.Scopes...),
		CreatedAt: k.CreatedAt.UTC(), ExpiresAt: k.ExpiresAt.UTC(), UsedAt: k.UsedAt,
	}
}

// createKey gives a key no more rights than its owner has, and none that he did not ask for.
func (a *app) createKey(ctx context.Context, in newKey) (validate.Response[keyView], error) {
	p, _ := auth.From(ctx)
	own := a.model.Permissions(p)
	if slices.ContainsFunc(in.Scopes, func(s string) bool { return !slices.Contains(own, s) }) {
		return validate.Response[keyView]{}, &problem.Problem{
			Status: http.StatusUnprocessableEntity, Code: validate.CodeInvalidInput,
			Errors: []problem.Field{{In: "body", Pointer: "/scopes", Code: "oneof"}},
		}
	}
	made, err := a.keys.Create(ctx, apikey.Params{Name: in.Name, Owner: p.ID, Tenant: p.Tenant, Tier: p.Tier, Scopes: in.Scopes})
	if err != nil {
		return validate.Response[keyView]{}, err
	}
	view := viewKey(made.Key)
	view.Secret = made.Text
	return created(view), nil
}

func (a *app) listKeys(ctx context.Context, _ struct{}) (validate.Response[page[keyView]], error) {
	all, err := a.keys.List(ctx, principalID(ctx))
	items := make([]keyView, len(all))
	for i, k := range all {
		items[i] = viewKey(k)
	}
	return listed(items, len(all)), err
}

func (a *app) revokeKey(ctx context.Context, in byID) (struct{}, error) {
	return struct{}{}, a.keys.Revoke(ctx, principalID(ctx), in.ID)
}

// keyOwner is asked at every use of a key: it can never do more than its owner may do now.
func (a *app) keyOwner(ctx context.Context, k apikey.Key) (*auth.Principal, error) {
	u, err := a.store.userByID(ctx, k.Owner)
	if errors.Is(err, errNotFound) {
		return nil, apikey.ErrNoOwner
	}
	if err != nil {
		return nil, err
	}
	p := u.principal()
	p.Permissions = a.model.Permissions(p)
	return p, nil
}
