package sessiontest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/gopalisade/palisade/auth/session"
)

func createTwice(t *testing.T, s session.Store) {
	f := create(t, s, family("a", alice))
	if err := s.Create(t.Context(), family("a", bob)); !errors.Is(err, session.ErrExists) {
		t.Errorf("got %v, want ErrExists", err)
	}
	wantStored(t, s, f)
	if all, err := s.List(t.Context(), bob, now()); err != nil || len(all) != 0 {
		t.Errorf("got %v, %v for a user whose session was refused, want none", all, err)
	}
}

func rotate(t *testing.T, s session.Store) {
	f, other := create(t, s, family("a", alice)), create(t, s, family("b", alice))
	for from := range uint64(3) {
		f.Generation, f.RotatedAt, f.IdleUntil = from+2, now(), now().Add(90*time.Minute)
		got, rotated, err := s.Rotate(t.Context(), "a", from+1, f.RotatedAt, f.IdleUntil)
		if err != nil || !rotated {
			t.Fatalf("from %d: got %t, %v, want true", from+1, rotated, err)
		}
		wantSame(t, got, f)
		wantStored(t, s, f)
	}
	wantStored(t, s, other)
	_, rotated, err := s.Rotate(t.Context(), "c", 1, now(), now().Add(time.Hour))
	if rotated || !errors.Is(err, session.ErrNotFound) {
		t.Errorf("an unknown session: got %t, %v, want ErrNotFound", rotated, err)
	}
}

func rotateAnother(t *testing.T, s session.Store) {
	f := create(t, s, family("a", alice), func(f *session.Family) { f.Generation = 7 })
	for _, from := range []uint64{0, 1, 6, 8, 1<<53 + 7, math.MaxInt64, math.MaxUint64} {
		wantRefused(t, s, f, from, now())
	}
	// Beyond what a float64 tells apart.
	f = create(t, s, family("b", alice), func(f *session.Family) { f.Generation = 1<<53 + 1 })
	wantRefused(t, s, f, 1<<53, now())
	got, rotated, err := s.Rotate(t.Context(), "b", 1<<53+1, f.RotatedAt, f.IdleUntil)
	f.Generation++
	if err != nil || !rotated {
		t.Errorf("from 2^53+1: got %t, %v, want true", rotated, err)
	}
	wantSame(t, got, f)
}

// wantRefused wants a rotation that changes nothing, and tells the session as it is.
func wantRefused(t *testing.T, s session.Store, f session.Family, from uint64, at time.Time) {
	t.Helper()
	got, rotated, err := s.Rotate(t.Context(), f.ID, from, at, at.Add(time.Hour))
	if err != nil || rotated {
		t.Errorf("from %d: got %t, %v, want false", from, rotated, err)
		return
	}
	wantSame(t, got, f)
	wantStored(t, s, f)
}

func rotateOver(t *testing.T, s session.Store) {
	at := now()
	for _, tc := range []struct {
		name   string
		change func(*session.Family)
		want   bool
	}{
		{"idle in a microsecond", func(f *session.Family) { f.IdleUntil = at.Add(time.Microsecond) }, true},
		{"idle", func(f *session.Family) { f.IdleUntil = at }, false},
		{"idle long ago", func(f *session.Family) { f.IdleUntil = at.Add(-time.Minute) }, false},
		{"expires in a microsecond", func(f *session.Family) { f.ExpiresAt = at.Add(time.Microsecond) }, true},
		{"expired", func(f *session.Family) { f.ExpiresAt = at }, false},
		{"revoked", func(f *session.Family) { f.RevokedAt = at.Add(-time.Second) }, false},
		{"revoked in the future", func(f *session.Family) { f.RevokedAt = at.Add(time.Minute) }, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := create(t, s, family(tc.name, alice), tc.change)
			if !tc.want {
				wantRefused(t, s, f, 1, at)
			} else if _, rotated, err := s.Rotate(t.Context(), f.ID, 1, at, at.Add(time.Hour)); err != nil || !rotated {
				t.Errorf("got %t, %v, want true", rotated, err)
			}
		})
	}
}

func revoke(t *testing.T, s session.Store) {
	f, other := create(t, s, family("a", alice)), create(t, s, family("b", alice))
	f.RevokedAt = now()
	for i, at := range []time.Time{f.RevokedAt, f.RevokedAt.Add(time.Second), f.RevokedAt.Add(-time.Second)} {
		if err := s.Revoke(t.Context(), "a", at); err != nil {
			t.Errorf("call %d: got %v", i+1, err)
		}
		wantStored(t, s, f)
	}
	wantRefused(t, s, f, 1, now())
	wantStored(t, s, other)
	if err := s.Revoke(t.Context(), "c", now()); err != nil {
		t.Errorf("an unknown session: got %v, want nil", err)
	}
	if f, err := s.Get(t.Context(), "c"); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("a session that was never there: got %+v, %v, want ErrNotFound", f, err)
	}
}

func revokeUser(t *testing.T, s session.Store) {
	at := now()
	kept := create(t, s, family("kept", alice))
	revoked := create(t, s, family("revoked", alice), func(f *session.Family) { f.RevokedAt = at.Add(-time.Minute) })
	var ended []session.Family
	for i, change := range []func(*session.Family){
		func(*session.Family) {}, func(*session.Family) {}, func(f *session.Family) { f.IdleUntil = at.Add(-time.Minute) },
	} {
		ended = append(ended, create(t, s, family(fmt.Sprint(i), alice), change))
	}
	others := []session.Family{
		create(t, s, family("bob", bob)),
		create(t, s, family("elsewhere", session.User{Issuer: "https://elsewhere.example", ID: "alice"})),
		create(t, s, family("shifted", session.User{Issuer: alice.Issuer + "a", ID: "lice"})),
		create(t, s, family("nobody's", session.User{})),
	}
	for _, want := range []int{2, 0} { // an idle one is revoked too, but was not live
		if n, err := s.RevokeUser(t.Context(), alice, "kept", at); err != nil || n != want {
			t.Errorf("got %d, %v, want %d", n, err, want)
		}
	}
	for _, f := range ended {
		f.RevokedAt = at
		wantStored(t, s, f)
	}
	for _, f := range append(others, kept, revoked) {
		wantStored(t, s, f)
	}
	if n, err := s.RevokeUser(t.Context(), alice, "", at); err != nil || n != 1 {
		t.Errorf("without exception: got %d, %v, want 1", n, err)
	}
	if n, err := s.RevokeUser(t.Context(), session.User{ID: "alice"}, "", at); err != nil || n != 0 {
		t.Errorf("an unknown user: got %d, %v, want 0", n, err)
	}
}

func list(t *testing.T, s session.Store) {
	at := now()
	age := func(d time.Duration) func(*session.Family) {
		return func(f *session.Family) { f.CreatedAt = at.Add(-d) }
	}
	old, young := create(t, s, family("old", alice), age(time.Hour)), create(t, s, family("young", alice), age(time.Microsecond))
	middle := create(t, s, family("middle", alice), age(time.Minute))
	create(t, s, family("idle", alice), func(f *session.Family) { f.IdleUntil = at })
	create(t, s, family("expired", alice), func(f *session.Family) { f.ExpiresAt = at })
	create(t, s, family("revoked", alice), func(f *session.Family) { f.RevokedAt = at })
	create(t, s, family("bob", bob))
	want := []session.Family{young, middle, old}
	all, err := s.List(t.Context(), alice, at)
	if err != nil || len(all) != len(want) {
		t.Fatalf("got %d sessions, %v, want %d", len(all), err, len(want))
	}
	for i := range want {
		wantSame(t, all[i], want[i])
	}
	if all, err := s.List(t.Context(), session.User{ID: "alice"}, at); err != nil || len(all) != 0 {
		t.Errorf("an unknown user: got %v, %v, want none", all, err)
	}
}

func listBounded(t *testing.T, s session.Store) {
	at := now()
	for i := range session.MaxList + 2 {
		create(t, s, family(fmt.Sprint(i), alice), func(f *session.Family) {
			f.CreatedAt = at.Add(time.Duration(i) * time.Millisecond)
		})
	}
	all, err := s.List(t.Context(), alice, at)
	if err != nil || len(all) != session.MaxList {
		t.Fatalf("got %d sessions, %v, want %d", len(all), err, session.MaxList)
	}
	for _, i := range []int{0, session.MaxList - 1} {
		if want := fmt.Sprint(session.MaxList + 1 - i); all[i].ID != want {
			t.Errorf("session %d is %q, want %q", i, all[i].ID, want)
		}
	}
	if n, err := s.RevokeUser(t.Context(), alice, "", at); err != nil || n != session.MaxList+2 {
		t.Errorf("RevokeUser: got %d, %v, want all %d", n, err, session.MaxList+2)
	}
}

func anyText(t *testing.T, s session.Store) {
	for _, text := range []string{
		"Žofie 🔐 \u202e", "quote ' \" ` -- ; \\ % _ $1 ?", "{brace}:{brace}", " space ", "\r\n\t", "\x7f",
		"UPPER upper", "upper UPPER",
	} {
		f := create(t, s, family(text, session.User{Issuer: text, ID: text}), func(f *session.Family) {
			f.Tenant, f.Client, f.Method, f.ACR, f.KeyID = text, text, text, text, text
		})
		wantStored(t, s, f)
		if all, err := s.List(t.Context(), f.User, now()); err != nil || len(all) != 1 {
			t.Errorf("List for %q: got %d, %v, want 1", text, len(all), err)
		}
		wantDenied(t, s, f.ID, text, now(), false)
		if err := s.Deny(t.Context(), session.Denial{Key: text, Before: now(), Until: now().Add(time.Hour)}); err != nil {
			t.Errorf("Deny %q: %v", text, err)
		}
		wantDenied(t, s, f.ID, text, now().Add(-time.Second), true)
	}
	// What some databases cannot hold is somebody's spelling of a session that does not exist, and no fault.
	for _, id := range []string{"zero\x00byte", "\xff\xfe", ""} {
		if f, err := s.Get(t.Context(), id); !errors.Is(err, session.ErrNotFound) {
			t.Errorf("Get %q: got %+v, %v, want ErrNotFound", id, f, err)
		}
		if _, _, err := s.Rotate(t.Context(), id, 1, now(), now()); !errors.Is(err, session.ErrNotFound) {
			t.Errorf("Rotate %q: got %v, want ErrNotFound", id, err)
		}
		if err := s.Revoke(t.Context(), id, now()); err != nil {
			t.Errorf("Revoke %q: got %v, want nil", id, err)
		}
		wantDenied(t, s, id, id, now(), id != "")
	}
	create(t, s, family("last", alice))
	if n, err := s.RevokeUser(t.Context(), alice, "zero\x00byte", now()); err != nil || n != 1 {
		t.Errorf("all but a session that does not exist: got %d, %v, want 1", n, err)
	}
}

// contextOver wants no success that did not happen: a store may fail, or may not care.
func contextOver(t *testing.T, s session.Store) {
	live, at := create(t, s, family("live", alice)), now()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if f := family("new", alice); s.Create(ctx, f) == nil {
		wantStored(t, s, f)
	}
	if f, err := s.Get(ctx, "live"); err == nil {
		wantSame(t, f, live)
	} else if errors.Is(err, session.ErrNotFound) {
		t.Error("Get: a session that is there was not found")
	}
	if all, err := s.List(ctx, alice, at); err == nil && len(all) == 0 {
		t.Error("List: a session that is there was left out")
	}
	if is, err := s.Denied(ctx, "unknown", nil, at, at); err == nil && !is {
		t.Error("Denied: an unknown session was let pass")
	}
	if s.Deny(ctx, session.Denial{Key: "k", Before: at, Until: at.Add(time.Hour)}) == nil {
		wantDenied(t, s, "", "k", at, true)
	}
	if _, rotated, err := s.Rotate(ctx, "live", 1, at, at.Add(time.Hour)); err == nil && !rotated {
		t.Error("Rotate: got false without an error")
	} else if errors.Is(err, session.ErrNotFound) {
		t.Error("Rotate: a session that is there was not found")
	}
	if s.Revoke(ctx, "live", at) == nil {
		wantDenied(t, s, "live", "", at, true)
	}
	create(t, s, family("another", bob))
	if _, err := s.RevokeUser(ctx, bob, "", at); err == nil {
		wantDenied(t, s, "another", "", at, true)
	}
}
