package apikey_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/auth/apikey"
)

func TestPeppers(t *testing.T) {
	s := newWatched()
	keys := func(peppers ...[]byte) *apikey.Keys {
		return newKeys(t, s, func(cfg *apikey.Config) { cfg.Peppers = peppers })
	}
	plain, a := create(t, keys()), create(t, keys(pepper('a')))
	for _, tc := range []struct {
		name string
		keys *apikey.Keys
		text string
		want string
	}{
		{"the same", keys(pepper('a')), a.Text, "ok"},
		{"an older one", keys(pepper('b'), pepper('a')), a.Text, "ok"},
		{"gone", keys(pepper('b')), a.Text, "secret"},
		{"none any more", keys(), a.Text, "secret"},
		{"none yet", keys(pepper('a')), plain.Text, "secret"},
		{"never any", keys(), plain.Text, "ok"},
	} {
		for range 2 { // the second time with a hash that was used before
			if _, err := tc.keys.Verify(t.Context(), tc.text); reason(err) != tc.want {
				t.Errorf("%s: got %v, want %s", tc.name, err, tc.want)
			}
		}
	}
	rec, err := s.Memory.Get(t.Context(), a.Key.ID)
	if err != nil || len(rec.Pepper) != 16 || strings.Contains(rec.Pepper, "aaaa") {
		t.Errorf("got %+v, %v, want a pepper's id that is not the pepper", rec, err)
	}
}

func TestNothingSecretIsPrinted(t *testing.T) {
	s := newWatched()
	k := newKeys(t, s, nil)
	c := create(t, k)
	rec, err := s.Memory.Get(t.Context(), c.Key.ID)
	if err != nil {
		t.Fatal(err)
	}
	list, err := k.List(t.Context(), "alice")
	if err != nil {
		t.Fatal(err)
	}
	secret := c.Text[21:]
	hash := rec.Hash[:]
	forbidden := []string{
		secret, fmt.Sprintf("%x", secret), fmt.Sprintf("%x", hash),
		strings.Trim(fmt.Sprint(hash), "[]"), strings.Trim(fmt.Sprintf("%#v", hash), "[]byte{}"),
	}
	for _, v := range []any{
		c, &c, rec, &rec, rec.Hash, list, struct{ C apikey.Created }{c}, []apikey.Created{c}, map[string]apikey.Record{"r": rec},
	} {
		var log, text bytes.Buffer
		slog.New(slog.NewTextHandler(&text, nil)).Info("m", "v", v)
		slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "v", v)
		asJSON, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		all := fmt.Sprintf("%v %+v %#v %s %q %x", v, v, v, v, v, v) + text.String() + log.String() + string(asJSON)
		for _, f := range forbidden {
			if strings.Contains(all, f) {
				t.Errorf("P8: %T prints %q", v, f)
			}
		}
	}
	if got, want := c.String(), "pk_live_"+c.Key.ID+"_[redacted]"; got != want {
		t.Errorf("P8: got %s, want %s", got, want)
	}
	if got := (apikey.Created{}).String(); got != "[redacted]" {
		t.Errorf("got %s", got)
	}
}

// TestStoreHoldsNoSecret wants a record from which no part of the secret can be read.
func TestStoreHoldsNoSecret(t *testing.T) {
	s := newWatched()
	c := create(t, newKeys(t, s, nil))
	rec, err := s.Memory.Get(t.Context(), c.Key.ID)
	if err != nil {
		t.Fatal(err)
	}
	type bare [32]byte
	whole := fmt.Sprintf("%+v %x %s", rec.Key, bare(rec.Hash), rec.Hash[:])
	if strings.Contains(whole, c.Text[21:31]) || rec.Hash == (apikey.Hash{}) {
		t.Errorf("got %s", whole)
	}
}
