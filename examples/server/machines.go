package main

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/apikey"
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
func (a *app) createKey(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Name   string   `json:"name"`
		Scopes []string `json:"scopes"`
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	p, _ := auth.From(r.Context())
	own := a.model.Permissions(p)
	var f faults
	f.check(in.Name != "", "name", "required")
	f.checkText("name", in.Name, 100, false)
	f.check(len(in.Scopes) <= len(own) && !slices.ContainsFunc(in.Scopes, func(s string) bool { return !slices.Contains(own, s) }),
		"scopes", "oneof")
	if err := f.err(); err != nil {
		return err
	}
	made, err := a.keys.Create(r.Context(), apikey.Params{Name: in.Name, Owner: p.ID, Tenant: p.Tenant, Tier: p.Tier, Scopes: in.Scopes})
	if err != nil {
		return err
	}
	view := viewKey(made.Key)
	view.Secret = made.Text
	return writeJSON(w, http.StatusCreated, view)
}

func (a *app) listKeys(w http.ResponseWriter, r *http.Request) error {
	all, err := a.keys.List(r.Context(), principalID(r))
	if err != nil {
		return err
	}
	out := page[keyView]{Items: make([]keyView, len(all)), Total: len(all)}
	for i, k := range all {
		out.Items[i] = viewKey(k)
	}
	w.Header().Set("X-Total-Count", strconv.Itoa(out.Total))
	return writeJSON(w, http.StatusOK, out)
}

func (a *app) revokeKey(w http.ResponseWriter, r *http.Request) error {
	if err := a.keys.Revoke(r.Context(), principalID(r), r.PathValue("id")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
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
