package apikey_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/apikey"
	"github.com/gopalisade/palisade/problem"
)

func TestRotate(t *testing.T) {
	const day = 24 * time.Hour
	for _, tc := range []struct {
		name        string
		age, expiry time.Duration // of the old key, from its creation
		overlap     time.Duration
		wantOld     time.Duration // from the rotation
	}{
		{"P5 overlap", day, 30 * day, time.Hour, time.Hour},
		{"P5 no later than it was", 30*day - time.Minute, 30 * day, time.Hour, time.Minute},
		{"no overlap", day, 30 * day, 0, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := newKeys(t, newWatched(), nil)
				old, err := k.Create(t.Context(), apikey.Params{
					Name: "ci", Owner: "alice", Tenant: "acme", Tier: "free", Scopes: []string{"a"}, Expiry: time.Now().Add(tc.expiry),
				})
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(tc.age)
				if _, err := k.Verify(t.Context(), old.Text); err != nil {
					t.Fatal(err)
				}
				at := time.Now()
				c, err := k.Rotate(t.Context(), "alice", old.Key.ID, tc.overlap)
				if err != nil {
					t.Fatal(err)
				}
				want := old.Key
				want.ID, want.CreatedAt, want.ExpiresAt = c.Key.ID, at, at.Add(tc.expiry)
				if fmt.Sprint(c.Key) != fmt.Sprint(want) || c.Key.ID == old.Key.ID {
					t.Errorf("got %+v, want %+v", c.Key, want)
				}
				if p, err := k.Verify(t.Context(), c.Text); err != nil || p.TokenID != c.Key.ID {
					t.Errorf("the new key: got %+v, %v", p, err)
				}
				time.Sleep(tc.wantOld)
				if _, err := k.Verify(t.Context(), old.Text); reason(err) != "expired" {
					t.Errorf("the old key after its end: got %v", err)
				}
			})
		})
	}
}

func TestOverlap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newKeys(t, newWatched(), nil)
		old := create(t, k)
		time.Sleep(time.Minute)
		c, err := k.Rotate(t.Context(), "alice", old.Key.ID, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour - time.Second)
		for _, text := range []string{old.Text, c.Text} {
			if _, err := k.Verify(t.Context(), text); err != nil {
				t.Errorf("within the overlap: %v", err)
			}
		}
		list, err := k.List(t.Context(), "alice")
		if err != nil || len(list) != 2 || list[0].ID != c.Key.ID || list[1].RotatedTo != c.Key.ID {
			t.Errorf("got %+v, %v", list, err)
		}
	})
}

func TestRotateRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newKeys(t, newWatched(), nil)
		revoked, rotated, expired, good := create(t, k), create(t, k), create(t, k), create(t, k)
		rotate := func(c apikey.Created, overlap time.Duration) error {
			_, err := k.Rotate(t.Context(), "alice", c.Key.ID, overlap)
			return err
		}
		err := errors.Join(k.Revoke(t.Context(), "alice", revoked.Key.ID), rotate(rotated, time.Hour), rotate(expired, 0))
		if err != nil {
			t.Fatal(err)
		}
		for _, tc := range []struct {
			name, owner, id string
			overlap         time.Duration
			want            error
			code            string
			status          int
		}{
			{"P5 revoked", "alice", revoked.Key.ID, 0, apikey.ErrEnded, "key_ended", 409},
			{"P5 expired", "alice", expired.Key.ID, time.Hour, apikey.ErrEnded, "key_ended", 409},
			{"rotated", "alice", rotated.Key.ID, time.Hour, apikey.ErrRotated, "key_rotated", 409},
			{"somebody else's", "bob", good.Key.ID, 0, apikey.ErrNotFound, "key_not_found", 404},
			{"nobody's", "alice", "000000000000", 0, apikey.ErrNotFound, "key_not_found", 404},
			{"no id", "alice", "../" + good.Text, 0, apikey.ErrNotFound, "key_not_found", 404},
			{"negative", "alice", good.Key.ID, -1, apikey.ErrParams, "invalid_key_parameters", 422},
			{"long", "alice", good.Key.ID, 31 * 24 * time.Hour, apikey.ErrParams, "invalid_key_parameters", 422},
		} {
			c, err := k.Rotate(t.Context(), tc.owner, tc.id, tc.overlap)
			if p := problem.Of(err); !errors.Is(err, tc.want) || c.Text != "" || p.Code != tc.code || p.Status != tc.status {
				t.Errorf("%s: got %v, %v, want %v", tc.name, c, err, tc.want)
			}
		}
		for _, c := range []apikey.Created{revoked, expired} {
			if _, err := k.Verify(t.Context(), c.Text); !errors.Is(err, auth.ErrInvalid) {
				t.Errorf("P5 a key came back: %v", err)
			}
		}
	})
}

func TestRotateTogether(t *testing.T) {
	k := newKeys(t, newWatched(), nil)
	old := create(t, k)
	var wins atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := k.Rotate(t.Context(), "alice", old.Key.ID, time.Hour); err == nil {
				wins.Add(1)
			} else if !errors.Is(err, apikey.ErrRotated) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if list, err := k.List(t.Context(), "alice"); wins.Load() != 1 || err != nil || len(list) != 2 {
		t.Errorf("got %d new keys, %d in the list, %v; want 1 and 2", wins.Load(), len(list), err)
	}
}

// TestRotationsAreBounded: keys about to end may be many, but not without end.
func TestRotationsAreBounded(t *testing.T) {
	k := newKeys(t, newWatched(), func(cfg *apikey.Config) { cfg.MaxPerOwner = 2 })
	id, made := create(t, k).Key.ID, 1
	for range 10 {
		c, err := k.Rotate(t.Context(), "alice", id, 24*time.Hour)
		if errors.Is(err, apikey.ErrTooMany) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		id, made = c.Key.ID, made+1
	}
	if made != 4 {
		t.Errorf("got %d keys at once, want 4, twice MaxPerOwner", made)
	}
}
