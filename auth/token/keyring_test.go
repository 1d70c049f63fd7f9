package token_test

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/token"
	"github.com/gopalisade/palisade/internal/conf"
)

func TestKeyring(t *testing.T) {
	hs, es, ed := newKey(t, token.HS256), newKey(t, token.ES256), newKey(t, token.EdDSA)
	many := make([]*token.Key, 65)
	for i := range many {
		k, err := token.NewHMACKey(fmt.Sprint(i), token.HS256, secret(32))
		must(t, err)
		many[i] = k
	}
	for _, tc := range []struct {
		name   string
		keys   []*token.Key
		faults int
	}{
		{"one", []*token.Key{es}, 0},
		{"two", []*token.Key{es, ed}, 0},
		{"K2 mixed", []*token.Key{es, hs}, 1},
		{"K10 twice", []*token.Key{es, es}, 1},
		{"nil", []*token.Key{nil}, 1},
		{"all wrong", []*token.Key{es, hs, es, nil}, 3},
		{"64", many[:64], 0},
		{"too many", many, 1},
	} {
		_, err := token.NewKeyring(tc.keys[0], tc.keys[1:]...)
		if got := len(conf.All(err)); got != tc.faults {
			t.Errorf("%s: got %d faults (%v), want %d", tc.name, got, err, tc.faults)
		}
	}
	// A retired key still verifies; with two keys a token must name its own.
	old, _ := pair(t, es)
	_, both := pair(t, ed, es)
	tok, err := old.Issue(auth.Principal{ID: "u"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := both.Verify(t.Context(), tok.Value); err != nil {
		t.Errorf("retired key: %v", err)
	}
	_, other := pair(t, ed)
	if _, err := other.Verify(t.Context(), tok.Value); !errors.Is(err, token.ErrUnknownKey) {
		t.Errorf("got %v, want ErrUnknownKey", err)
	}
}

// A key that could be made signs tokens that can be read.
func TestKeyIDs(t *testing.T) {
	for _, tc := range []struct {
		name, id string
		want     bool
	}{
		{"plain", "2026-01", true},
		{"longest", strings.Repeat("k", 256), true},
		{"too long", strings.Repeat("k", 257), false},
		{"quotes", strings.Repeat(`"`, 256), true},
		{"umlauts", strings.Repeat("ä", 128), true},
		{"not UTF-8", "k\xff", false},
		{"control character", "k\x01", true},
		{"too long in JSON", strings.Repeat("\x01", 256), false},
		{"too long in HTML's JSON", strings.Repeat("<", 256), false},
	} {
		k, err := token.GenerateKey(tc.id, token.EdDSA)
		if (err == nil) != tc.want || err != nil && !errors.Is(err, token.ErrKey) {
			t.Errorf("%s: got %v, want accepted = %t", tc.name, err, tc.want)
		}
		if err != nil {
			continue
		}
		is, v := pair(t, k, newKey(t, token.EdDSA))
		if _, err := v.Verify(t.Context(), issue(t, is, "u")); err != nil {
			t.Errorf("%s: got %v", tc.name, err)
		}
	}
}

func TestRotation(t *testing.T) {
	old, next := newKey(t, token.EdDSA), newKey(t, token.ES256)
	ring := ringOfKeys(t, old)
	is, v := cached(t, ring, 0)
	published := func() (ids []string) {
		h, err := token.JWKS(ring)
		must(t, err)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		keys, err := token.ParseJWKS(w.Body.Bytes())
		must(t, err)
		for _, k := range keys {
			ids = append(ids, k.ID())
		}
		return ids
	}
	first := issue(t, is, "u")
	for _, step := range []struct {
		name      string
		do        func() error
		signs     *token.Key
		firstGood bool
		published []*token.Key
	}{
		{"begin", func() error { return nil }, old, true, []*token.Key{old}},
		{"publish the next key", func() error { return ring.Replace(old, next) }, old, true, []*token.Key{old, next}},
		{"sign with it", func() error { return ring.Rotate(next) }, next, true, []*token.Key{next, old}},
		{"once more", func() error { return ring.Rotate(next) }, next, true, []*token.Key{next, old}},
		{"drop the old one", func() error { return ring.Replace(next) }, next, false, []*token.Key{next}},
	} {
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if ring.Active() != step.signs {
			t.Errorf("%s: %v signs, want %v", step.name, ring.Active(), step.signs)
		}
		if _, err := v.Verify(t.Context(), issue(t, is, "u")); err != nil {
			t.Errorf("%s: a new token: %v", step.name, err)
		}
		if _, err := v.Verify(t.Context(), first); (err == nil) != step.firstGood {
			t.Errorf("%s: the first token: got %v", step.name, err)
		}
		ids := []string{}
		for _, k := range step.published {
			ids = append(ids, k.ID())
		}
		if got := published(); fmt.Sprint(got) != fmt.Sprint(ids) {
			t.Errorf("%s: published %v, want %v", step.name, got, ids)
		}
	}
}

// The handler follows the ring.
func TestJWKSFollowsTheRing(t *testing.T) {
	old, next := newKey(t, token.EdDSA), newKey(t, token.EdDSA)
	ring := ringOfKeys(t, old)
	h, err := token.JWKS(ring)
	must(t, err)
	for _, want := range []*token.Key{old, old, next, next} {
		if want == next {
			must(t, ring.Replace(next))
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		keys, err := token.ParseJWKS(w.Body.Bytes())
		if err != nil || len(keys) != 1 || keys[0].ID() != want.ID() {
			t.Errorf("got %v, %v; want %v", keys, err, want)
		}
	}
}

func TestReplaceRefuses(t *testing.T) {
	es, ed, hs := newKey(t, token.ES256), newKey(t, token.EdDSA), newKey(t, token.HS256)
	_, private, err := ed25519.GenerateKey(nil)
	must(t, err)
	public, err := token.NewPublicKey("", token.EdDSA, private.Public())
	must(t, err)
	ring := ringOfKeys(t, es)
	for _, tc := range []struct {
		name   string
		do     func() error
		faults int
	}{
		{"nothing", func() error { return ring.Replace(nil) }, 1},
		{"nothing to rotate to", func() error { return ring.Rotate(nil) }, 1},
		{"of the other kind", func() error { return ring.Replace(hs) }, 1},
		{"beside the other kind", func() error { return ring.Rotate(hs) }, 2},
		{"K10 twice", func() error { return ring.Replace(ed, ed) }, 1},
		{"cannot sign", func() error { return ring.Rotate(public) }, 1},
	} {
		err := tc.do()
		if got := len(conf.All(err)); got != tc.faults {
			t.Errorf("%s: got %d faults (%v), want %d", tc.name, got, err, tc.faults)
		}
		if ring.Active() != es {
			t.Errorf("%s: the ring has changed", tc.name)
		}
	}
}
