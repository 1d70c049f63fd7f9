package apikey_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/apikey"
	"github.com/gopalisade/palisade/auth/apikey/apikeytest"
)

func TestMemory(t *testing.T) {
	apikeytest.Run(t, func(*testing.T) apikey.Store { return apikey.NewMemory(0) })
}

func TestMemoryIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newKeys(t, apikey.NewMemory(2), nil)
		params := apikey.Params{Name: "n", Owner: "alice", Expiry: time.Now().Add(time.Minute)}
		first, err := k.Create(t.Context(), params)
		if err != nil {
			t.Fatal(err)
		}
		params.Owner = "bob"
		if _, err := k.Create(t.Context(), params); err != nil {
			t.Fatal(err)
		}
		if _, err := k.Create(t.Context(), params); !errors.Is(err, apikey.ErrFull) || !errors.Is(err, auth.ErrUnavailable) {
			t.Errorf("got %v, want ErrFull", err)
		}
		if _, err := k.Rotate(t.Context(), "alice", first.Key.ID, 0); !errors.Is(err, apikey.ErrFull) {
			t.Errorf("rotation: got %v, want ErrFull", err)
		}
		if _, err := k.Verify(t.Context(), first.Text); err != nil {
			t.Errorf("a live key made room: %v", err)
		}
		time.Sleep(time.Minute)
		params.Expiry = time.Time{}
		if _, err := k.Create(t.Context(), params); err != nil {
			t.Errorf("keys that have ended did not make room: %v", err)
		}
	})
}
