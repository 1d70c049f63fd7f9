package main

import (
	"context"
	"errors"
	"net/http"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/vault"
	"github.com/gopalisade/palisade/problem"
	"github.com/gopalisade/palisade/validate"
)

// newCard takes a number that nothing prints, and nothing else: there is no field that a verification code could go to.
type newCard struct {
	Number vault.PAN `json:"number" validate:"required"`
}

// cardView is what an owner sees of a card.
type cardView struct {
	Token  string `json:"token"`
	Masked string `json:"masked"`
	Brand  string `json:"brand,omitempty"`
}

func viewCard(c vault.Card) cardView { return cardView{c.Token, c.Masked, c.Brand} }

// newVault names no purpose, since nothing here charges a card: no number leaves it.
func newVault(ring *field.Ring, st *store) (*vault.Vault, error) {
	return vault.New(vault.Config{Ring: ring, Store: st.rooms.Cards(), Dedupe: true})
}

func cardOwner(ctx context.Context) vault.Owner { return vault.Owner{ID: principalID(ctx)} }

// maxCards is how many an account may have. Some more may come at the same moment.
const maxCards = 50

func (a *app) keepCard(ctx context.Context, in newCard) (validate.Response[cardView], error) {
	switch have, err := a.cards.List(ctx, cardOwner(ctx), ""); {
	case err != nil:
		return validate.Response[cardView]{}, err
	case len(have) >= maxCards:
		return validate.Response[cardView]{}, &problem.Problem{Status: http.StatusConflict, Code: "too_many_cards"}
	}
	c, err := a.cards.Tokenize(ctx, cardOwner(ctx), in.Number)
	return created(viewCard(c)), err
}

// getCard answers 404 for another's card, as for none.
func (a *app) getCard(ctx context.Context, in byToken) (cardView, error) {
	c, err := a.cards.Card(ctx, cardOwner(ctx), in.Token)
	return viewCard(c), err
}

// forgetCards deletes all cards of an account that goes.
func (a *app) forgetCards(ctx context.Context, owner vault.Owner) error {
	for after := ""; ; {
		cards, err := a.cards.List(ctx, owner, after)
		if err != nil || len(cards) == 0 {
			return err
		}
		for _, c := range cards {
			if err := a.cards.Delete(ctx, owner, c.Token); err != nil && !errors.Is(err, vault.ErrNotFound) {
				return err
			}
		}
		after = cards[len(cards)-1].Token
	}
}
