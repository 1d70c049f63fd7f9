package vault

import (
	"context"
	"fmt"
	"slices"

	"github.com/gopalisade/palisade/monitor/event"
)

// Access is one wish to have the number behind a token. All of it is required.
type Access struct {
	Owner   Owner
	Token   string
	Purpose string // one of Config.Purposes
	Actor   string // id of the user or service that will have the number
}

// Detokenize returns the number behind a token. The purpose must be a known one, Config.Authorize must agree, and the token
// must be a live one of the owner's: in this order, so that nobody learns which tokens there are who may not read them.
//
// The error matches [ErrRefused], [ErrNotFound], [ErrOwner], [ErrUnavailable], or field.ErrOpen where the record was changed
// or its key is gone. Every access and every refusal is an event under the actor's name; what names no owner or actor
// ([ErrOwner]) and a store that fails are none.
func (v *Vault) Detokenize(ctx context.Context, a Access) (PAN, error) {
	if !a.Owner.valid() || !isName(a.Actor) {
		return PAN{}, ErrOwner
	}
	object := a.Token
	if !isToken(object) {
		object = "" // it may be anything, a number too
	}
	if !slices.Contains(v.purposes, a.Purpose) {
		return PAN{}, refuse(ctx, ErrRefused, a.Actor, object, "card_purpose")
	}
	if v.authorize != nil {
		if err := v.authorize(ctx, a); err != nil {
			// The error first, since the first that knows an HTTP status answers.
			return PAN{}, refuse(ctx, fmt.Errorf("%w: %w", err, ErrRefused), a.Actor, object, "card_policy")
		}
	}
	rec, err := v.find(ctx, a.Actor, a.Owner, a.Token)
	if err != nil {
		return PAN{}, err
	}
	pan, err := v.open(&rec)
	if err != nil {
		return PAN{}, v.notOpened(ctx, a.Actor, a.Token, err)
	}
	event.Emit(ctx, event.Event{Code: event.SensitiveRead, Principal: a.Actor, Object: a.Token, Reason: a.Purpose})
	return pan, nil
}
