package main

import (
	"context"
	"net/http"
	"strings"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/crypto/vault"
	"github.com/gopalisade/palisade/validate"
)

// newCard has a number that nothing prints. A verification code is an unknown member, and refused as such.
type newCard struct {
	Number vault.PAN `json:"number" validate:"required"`
}

// newCharge is what the billing service asks for.
type newCharge struct {
	Customer string `json:"customer" validate:"required,max=64,printascii"`
	Token    string `json:"token"    validate:"required,max=64,printascii"`
	Cents    int    `json:"cents"    validate:"min=1,max=1000000"`
}

// card is what people see of one.
type card struct {
	Token  string `json:"token"`
	Brand  string `json:"brand"`
	Masked string `json:"masked"`
}

func (s *shop) keep(ctx context.Context, in newCard) (validate.Response[card], error) {
	p, _ := auth.From(ctx)
	c, err := s.cards.Tokenize(ctx, vault.Owner{ID: p.ID}, in.Number)
	return validate.Response[card]{Status: http.StatusCreated, Body: card{c.Token, c.Brand, c.Masked}}, err
}

func (s *shop) list(ctx context.Context, _ struct{}) ([]card, error) {
	p, _ := auth.From(ctx)
	found, err := s.cards.List(ctx, vault.Owner{ID: p.ID}, "")
	all := make([]card, len(found))
	for i, c := range found {
		all[i] = card{c.Token, c.Brand, c.Masked}
	}
	return all, err
}

// pay is the one place where a number is in clear, for as long as it takes to hand it on.
func (s *shop) pay(ctx context.Context, in newCharge) (map[string]string, error) {
	p, _ := auth.From(ctx)
	number, err := s.cards.Detokenize(ctx, vault.Access{
		Owner: vault.Owner{ID: in.Customer}, Token: in.Token, Purpose: "charge", Actor: p.ID,
	})
	if err != nil {
		return nil, err
	}
	s.charge(number.Reveal(), in.Cents)
	return map[string]string{"charged": strings.TrimSpace(number.Brand() + " " + number.Masked())}, nil
}
