package vault_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/crypto/vault"
	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/problem"
)

func TestPurposes(t *testing.T) {
	v := newVault(t, vault.NewMemory(0), nil)
	token := tokenize(t, v, alice).Token
	for _, tc := range []struct {
		purpose string
		want    error
	}{
		{"charge", nil},
		{"refund", nil},
		{"", vault.ErrRefused},
		{"Charge", vault.ErrRefused},
		{"charge ", vault.ErrRefused},
		{"charge,refund", vault.ErrRefused},
		{"marketing", vault.ErrRefused},
		{number, vault.ErrRefused},
	} {
		ctx, log := listen(t)
		a := charge(alice, token)
		a.Purpose = tc.purpose
		pan, err := v.Detokenize(ctx, a)
		if !errors.Is(err, tc.want) || pan.IsZero() != (tc.want != nil) {
			t.Errorf("%q: got %v, %v, want %v", tc.purpose, pan, err, tc.want)
		}
		want := event.Event{Code: event.SensitiveRead, Principal: "billing", Object: token, Reason: tc.purpose}
		if tc.want != nil {
			want.Code, want.Reason = event.AuthzFail, "card_purpose"
			if p := problem.Of(err); p.Status != 403 || p.Code != "card_access_refused" {
				t.Errorf("%q: got %+v, want 403", tc.purpose, p)
			}
		}
		log.want(tc.purpose, want)
	}
	closed := newVault(t, vault.NewMemory(0), func(cfg *vault.Config) { cfg.Purposes = nil })
	token = tokenize(t, closed, alice).Token
	if _, err := closed.Detokenize(t.Context(), charge(alice, token)); !errors.Is(err, vault.ErrRefused) {
		t.Errorf("a vault without purposes: got %v, want ErrRefused", err)
	}
}

func TestActor(t *testing.T) {
	v := newVault(t, vault.NewMemory(0), nil)
	a := charge(alice, tokenize(t, v, alice).Token)
	for _, actor := range []string{"", "a\n", strings.Repeat("x", 256), "\xff"} {
		a.Actor = actor
		if pan, err := v.Detokenize(t.Context(), a); !errors.Is(err, vault.ErrOwner) || !pan.IsZero() {
			t.Errorf("%.9q: got %v, %v, want ErrOwner: nobody would be named in the log", actor, pan, err)
		}
	}
}

// tooMany is what a limiter answers.
type tooMany struct{ error }

func (tooMany) HTTPStatus() int { return 429 }
func (tooMany) Code() string    { return "rate_limit_exceeded" }

func TestAuthorize(t *testing.T) {
	store := newShaky()
	var asked []vault.Access
	var answer error
	v := newVault(t, store, func(cfg *vault.Config) {
		cfg.Authorize = func(_ context.Context, a vault.Access) error {
			asked = append(asked, a)
			return answer
		}
	})
	a := charge(alice, tokenize(t, v, alice).Token)
	wantNumber(t, v, alice, a.Token)
	if len(asked) != 1 || asked[0] != a {
		t.Errorf("asked about %+v, want %+v", asked, a)
	}
	for _, tc := range []struct {
		name   string
		answer error
		status int
		code   string
	}{
		{"no", errors.New("not on Sundays"), 403, "card_access_refused"},
		{"too often", tooMany{errors.New("slow down")}, 429, "rate_limit_exceeded"},
		{"wrapped", fmt.Errorf("limit: %w", tooMany{errors.New("slow down")}), 429, "rate_limit_exceeded"},
		{"policy is down", &problem.Problem{Status: 503, Code: "policy_unavailable"}, 503, "policy_unavailable"},
	} {
		ctx, log := listen(t)
		answer = tc.answer
		pan, err := v.Detokenize(ctx, a)
		p := problem.Of(err)
		if !errors.Is(err, vault.ErrRefused) || !errors.Is(err, tc.answer) || !pan.IsZero() ||
			p.Status != tc.status || p.Code != tc.code {
			t.Errorf("%s: got %v, %v, %+v, want %d %s", tc.name, pan, err, p, tc.status, tc.code)
		}
		log.want(tc.name, event.Event{Code: event.AuthzFail, Principal: "billing", Object: a.Token, Reason: "card_policy"})
	}
	// Who may not read learns neither which tokens there are, nor whether the store works.
	ctx, log := listen(t)
	store.down = true
	a.Token = "tok_nonsense"
	if _, err := v.Detokenize(ctx, a); !errors.Is(err, vault.ErrRefused) {
		t.Errorf("got %v, want ErrRefused before the store is asked", err)
	}
	log.want("nonsense", event.Event{Code: event.AuthzFail, Principal: "billing", Reason: "card_policy"})
	asked, a.Purpose = nil, "marketing"
	if _, err := v.Detokenize(ctx, a); !errors.Is(err, vault.ErrRefused) || len(asked) != 0 {
		t.Errorf("got %v, and the policy was asked %d times about an unknown purpose", err, len(asked))
	}
}
