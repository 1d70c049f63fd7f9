package main

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/crypto/secret"
	"github.com/gopalisade/palisade/examples/internal/shop"
	"github.com/gopalisade/palisade/problem"
	"github.com/gopalisade/palisade/validate"
)

// newUser is what may be said about a new account. Role and tier are for whoever may write users: from a stranger they are
// unknown members, and nobody makes an administrator of himself.
//
// Passwords are asked for length, which helps, and for no composition, which does not (NIST SP 800-63B section 3.1.1.2).
type newUser struct {
	Email     string        `json:"email"      norm:"trim,nfc,email,lower" validate:"required,email,max=254"`
	Password  secret.String `json:"password"   validate:"required,min=8,maxbytes=1024"`
	FirstName string        `json:"first_name" norm:"nfc,collapse" validate:"max=100,line"`
	LastName  string        `json:"last_name"  norm:"nfc,collapse" validate:"max=100,line"`
	Bio       string        `json:"bio"        norm:"trim,nfc,text" validate:"max=1000,text"`
	Role      string        `json:"role"       default:"customer" validate:"oneof=customer manager admin" access:"write=write:users"`
	Tier      string        `json:"tier"       default:"free" validate:"oneof=free premium enterprise" access:"write=write:users"`
}

// credentials are the body of a login. They are compared, not judged: an old password may break today's rules.
type credentials struct {
	Email    string        `json:"email"    validate:"required,maxbytes=1024"`
	Password secret.String `json:"password" validate:"required,maxbytes=1024"`
}

// userQuery finds the account of an address, which the database cannot read.
type userQuery struct {
	Email validate.Opt[string] `query:"email" norm:"trim,nfc,email,lower" validate:"email,max=254"`
}

// orderQuery is all that a list of orders can be asked for.
type orderQuery struct {
	Limit  int                  `query:"limit"  default:"20" validate:"min=1,max=100"`
	Offset int                  `query:"offset" default:"0"  validate:"min=0,max=2147483647"`
	Status validate.Opt[string] `query:"status" validate:"oneof=pending processing shipped delivered cancelled"`
}

type newOrder = shop.NewOrder // the same rules by REST and by GraphQL

// byID names one thing in the path.
type byID struct {
	ID string `path:"id" validate:"max=64,printascii"`
}

// byToken names one card in the path.
type byToken struct {
	Token string `path:"token" validate:"max=64,printascii"`
}

type newKey struct {
	Name   string   `json:"name"   norm:"trim,nfc" validate:"required,max=100,line"`
	Scopes []string `json:"scopes" validate:"omitempty,max=32,dive,max=64"`
}

// inputs are the types that requests are bound to.
type inputs struct {
	user   *validate.Schema[newUser]
	login  *validate.Schema[credentials]
	users  *validate.Schema[userQuery]
	orders *validate.Schema[orderQuery]
	order  *validate.Schema[newOrder]
	key    *validate.Schema[newKey]
	card   *validate.Schema[newCard]
	token  *validate.Schema[byToken]
	id     *validate.Schema[byID]
	none   *validate.Schema[struct{}] // neither a query nor a body
}

// newInputs compiles them. A permission that the model does not know would make its fields nobody's, so it stops the start.
func (a *app) newInputs() error {
	cfg := validate.Config{
		Limits: validate.Limits{Body: 64 << 10},
		Can: func(ctx context.Context, permission string) bool {
			p, _ := auth.From(ctx)
			return a.model.Can(p, permission)
		},
		Deny: a.refuse,
	}
	var err error
	if a.in.user, err = validate.New[newUser](cfg); err != nil {
		return err
	}
	if a.in.login, err = validate.New[credentials](cfg); err != nil {
		return err
	}
	if a.in.users, err = validate.New[userQuery](cfg); err != nil {
		return err
	}
	if a.in.orders, err = validate.New[orderQuery](cfg); err != nil {
		return err
	}
	if a.in.order, err = validate.New[newOrder](cfg); err != nil {
		return err
	}
	if a.in.key, err = validate.New[newKey](cfg); err != nil {
		return err
	}
	if a.in.card, err = validate.New[newCard](cfg); err != nil {
		return err
	}
	if a.in.token, err = validate.New[byToken](cfg); err != nil {
		return err
	}
	if a.in.id, err = validate.New[byID](cfg); err != nil {
		return err
	}
	if a.in.none, err = validate.New[struct{}](cfg); err != nil {
		return err
	}
	return a.model.Validate(a.in.user.Permissions()...)
}

// refuse turns an error into a problem. What nobody foresaw is logged, and the client learns nothing of it.
func (a *app) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if p := problem.Of(err); p.Status >= http.StatusInternalServerError {
		a.log.ErrorContext(r.Context(), "request failed", "route", r.Pattern, "err", err)
	}
	problem.Write(w, r, err)
}

func writeJSON(w http.ResponseWriter, status int, body any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(b, '\n')) // the client is gone: nobody is left to tell
	return nil
}

// page is a list with the number of all items, of which it may show a part.
type page[T any] struct {
	Items []T `json:"items"`
	Total int `json:"total"`
}

// listed answers a page, with the total in the header too.
func listed[T any](items []T, total int) validate.Response[page[T]] {
	return validate.Response[page[T]]{
		Header: http.Header{"X-Total-Count": {strconv.Itoa(total)}}, Body: page[T]{Items: items, Total: total},
	}
}

// created answers 201.
func created[T any](body T) validate.Response[T] {
	return validate.Response[T]{Status: http.StatusCreated, Body: body}
}
