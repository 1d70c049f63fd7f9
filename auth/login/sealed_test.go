package login_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/login"
	"github.com/gopalisade/palisade/crypto/password"
	"github.com/gopalisade/palisade/monitor/event"
)

// envelope marks hashes instead of encrypting them. Its key is a name.
type envelope struct{ key *string }

var errForeign = errors.New("sealed for somebody else")

func (e envelope) Seal(subject string, hash []byte) (string, error) {
	return *e.key + " for " + subject + ": " + string(hash), nil
}

func (e envelope) Open(subject, sealed string) (hash []byte, stale bool, err error) {
	front, text, ok := strings.Cut(sealed, ": ")
	key, of, _ := strings.Cut(front, " for ")
	if !ok || of != subject {
		return nil, false, errForeign
	}
	return []byte(text), key != *e.key, nil
}

// naming is a Verifier that somebody wrote around a Hasher.
type naming struct {
	login.Verifier
	hasher *password.Hasher
	asked  []string
}

func (n *naming) For(subject string) login.Verifier {
	n.asked = append(n.asked, subject)
	return n.hasher.For(subject)
}

// TestSealed: a Hasher with a Sealer is asked for the account, and nothing else has to be told.
func TestSealed(t *testing.T) {
	key := "k1"
	cfg := small()
	cfg.Sealer = envelope{&key}
	hasher := newHasher(t, cfg)
	stored, err := hasher.For("id-alice").Hash(t.Context(), right)
	if err != nil {
		t.Fatal(err)
	}
	wrapper := &naming{Verifier: hasher, hasher: hasher}
	for _, tc := range []struct {
		name, id, password, key string
		passwords               login.Verifier
		upgraded                string // begins with
		want                    error
		reason                  string
	}{
		{"right", "id-alice", right, "k1", hasher, "", nil, ""},
		{"right, around a Hasher", "id-alice", right, "k1", wrapper, "", nil, ""},
		{"wrong", "id-alice", "wrong", "k1", hasher, "", login.ErrInvalidLogin, "wrong"},
		{"hash of another account", "id-mallory", right, "k1", hasher, "", login.ErrInvalidLogin, "damaged_hash"},
		{"hash of another account, wrong", "id-mallory", "wrong", "k1", wrapper, "", login.ErrInvalidLogin, "damaged_hash"},
		{"older key", "id-alice", right, "k2", hasher, "k2 for id-alice: $argon2id$", nil, ""},
		{"older key, around a Hasher", "id-alice", right, "k2", wrapper, "k2 for id-alice: $argon2id$", nil, ""},
		{"older key, wrong", "id-alice", "wrong", "k2", hasher, "", login.ErrInvalidLogin, "wrong"},
		{"around a Hasher, without For", "id-alice", right, "k1", &counting{Verifier: hasher}, "", auth.ErrUnavailable, "password"},
		{"account without id", "", right, "k1", hasher, "", auth.ErrUnavailable, "password"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			key = tc.key
			upgraded := ""
			h := newHouse(t, func(c *login.Config) {
				c.Passwords = tc.passwords
				c.Find = func(context.Context, string) (login.Account, error) {
					return login.Account{Principal: auth.Principal{ID: tc.id}, Hash: stored}, nil
				}
				c.Upgrade = func(_ context.Context, p *auth.Principal, was, is string) error {
					if p.ID != tc.id || was != stored {
						t.Errorf("upgrade of %s from %q", p.ID, was)
					}
					upgraded = is
					return nil
				}
			})
			_, err := h.Check(h.recording(t.Context()), login.Attempt{Login: "alice", Password: tc.password, Addr: home})
			if !errors.Is(err, tc.want) || (upgraded != "") != (tc.upgraded != "") || !strings.HasPrefix(upgraded, tc.upgraded) {
				t.Errorf("got %v and %q, want %v and %q", err, upgraded, tc.want, tc.upgraded)
			}
			last := h.events[len(h.events)-1]
			if (last.Code == event.AuthnLoginFail) != (tc.want != nil) || last.Reason != tc.reason {
				t.Errorf("got %+v, want %q", last, tc.reason)
			}
			if tc.reason == "damaged_hash" && !errors.Is(last.Err, errForeign) {
				t.Errorf("got %+v, want the log to learn why", last)
			}
		})
	}
	// Verify of three logins, and Hash of the one that was upgraded.
	want := []string{"id-alice", "id-mallory", "id-alice", "id-alice"}
	if !slices.Equal(wrapper.asked, want) {
		t.Errorf("asked for %q, want %q", wrapper.asked, want)
	}
}

// TestSealedUnknown: an account that does not exist costs a hash, too, and says the same.
func TestSealedUnknown(t *testing.T) {
	key := "k1"
	cfg := small()
	cfg.Sealer = envelope{&key}
	h := newHouse(t, func(c *login.Config) { c.Passwords = newHasher(t, cfg) })
	_, err := h.Check(h.recording(t.Context()), login.Attempt{Login: "nobody", Password: right})
	if !errors.Is(err, login.ErrInvalidLogin) || answer(err) != answer(login.ErrInvalidLogin) || h.events[0].Reason != "unknown" {
		t.Errorf("got %v, %+v", err, h.events)
	}
}
