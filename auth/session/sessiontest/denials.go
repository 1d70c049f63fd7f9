package sessiontest

import (
	"errors"
	"testing"
	"time"

	"github.com/gopalisade/palisade/auth/session"
)

// wantDenied asks about a token of a session, "" for none, with one key, "" for none.
func wantDenied(t *testing.T, s session.Store, id, key string, issued time.Time, want bool) {
	t.Helper()
	keys := []string{key}
	if key == "" {
		keys = nil
	}
	if got, err := s.Denied(t.Context(), id, keys, issued, now()); err != nil || got != want {
		t.Errorf("session %q, key %q, issued %v: got %t, %v, want %t", id, key, issued, got, err, want)
	}
}

func deny(t *testing.T, s session.Store) {
	at := now().Truncate(time.Second)
	create(t, s, family("a", alice))
	wantDenied(t, s, "a", "k", at, false)
	if err := s.Deny(t.Context(), session.Denial{Key: "k", Before: at, Until: at.Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name   string
		id     string
		keys   []string
		issued time.Time
		want   bool
	}{
		{"issued before", "a", []string{"k"}, at.Add(-time.Hour), true},
		{"issued then", "a", []string{"k"}, at, true},
		{"issued after", "a", []string{"k"}, at.Add(time.Second), false},
		{"issued at no known time", "a", []string{"k"}, time.Time{}, true},
		{"second key", "a", []string{"j", "k"}, at, true},
		{"first key", "a", []string{"k", "j", "l"}, at, true},
		{"other keys", "a", []string{"K", "k ", "kk"}, at, false},
		{"no keys", "a", nil, at, false},
		{"no session", "", []string{"k"}, at, true},
		{"nothing to ask about", "", nil, at, false},
	} {
		if got, err := s.Denied(t.Context(), tc.id, tc.keys, tc.issued, at); err != nil || got != tc.want {
			t.Errorf("%s: got %t, %v, want %t", tc.name, got, err, tc.want)
		}
	}
}

func laterDenial(t *testing.T, s session.Store) {
	at := now().Truncate(time.Second)
	end := time.Unix(1<<40, 0) // later than a float64 tells microseconds apart
	for _, tc := range []struct {
		name          string
		before, until time.Time
		issued        time.Time // of the youngest token that is refused
	}{
		{"first", at, at.Add(time.Hour), at},
		{"earlier in all", at.Add(-time.Minute), at.Add(-30 * time.Minute), at},
		{"later until only", at.Add(-time.Minute), at.Add(2 * time.Hour), at},
		{"later before only", at.Add(time.Minute), at.Add(-time.Hour), at.Add(time.Minute)},
		{"end of time", end, at.Add(time.Hour), end},
		{"earlier again", at, at.Add(time.Hour), end},
	} {
		if err := s.Deny(t.Context(), session.Denial{Key: "k", Before: tc.before, Until: tc.until}); err != nil {
			t.Fatal(err)
		}
		wantDenied(t, s, "", "k", tc.issued, true)
		wantDenied(t, s, "", "k", tc.issued.Add(time.Second), false)
	}
	if _, err := s.DeleteExpired(t.Context(), at.Add(90*time.Minute)); err != nil {
		t.Fatal(err)
	}
	wantDenied(t, s, "", "k", at, true) // until two hours from now
}

func deniedBySession(t *testing.T, s session.Store) {
	at := now()
	for _, tc := range []struct {
		name   string
		change func(*session.Family)
		want   bool
	}{
		{"live", func(*session.Family) {}, false},
		// Its access token has an end of its own, and was issued while the session was in use.
		{"idle", func(f *session.Family) { f.IdleUntil = at.Add(-time.Minute) }, false},
		{"expires in a microsecond", func(f *session.Family) { f.ExpiresAt = at.Add(time.Microsecond) }, false},
		{"expired", func(f *session.Family) { f.ExpiresAt = at }, true},
		{"revoked", func(f *session.Family) { f.RevokedAt = at }, true},
	} {
		create(t, s, family(tc.name, alice), tc.change)
		if got, err := s.Denied(t.Context(), tc.name, []string{"k"}, at, at); err != nil || got != tc.want {
			t.Errorf("%s: got %t, %v, want %t", tc.name, got, err, tc.want)
		}
	}
	wantDenied(t, s, "unknown", "k", at, true)
	if err := s.Revoke(t.Context(), "live", at); err != nil {
		t.Fatal(err)
	}
	wantDenied(t, s, "live", "k", at, true)
}

// deleteExpired wants what is over to be gone after DeleteExpired; a store may forget it earlier, and then counts less.
func deleteExpired(t *testing.T, s session.Store) {
	at := now()
	before := at.Add(-48 * time.Hour)
	live := create(t, s, family("live", alice))
	justIdle := create(t, s, family("idle since", alice), func(f *session.Family) { f.IdleUntil = at.Add(-time.Minute) })
	revoked := create(t, s, family("revoked", alice), func(f *session.Family) { f.RevokedAt = before.Add(-time.Hour) })
	create(t, s, family("idle", alice), func(f *session.Family) { f.IdleUntil = before.Add(-time.Microsecond) })
	create(t, s, family("expired", alice), func(f *session.Family) { f.ExpiresAt = before.Add(-time.Hour) })
	for key, until := range map[string]time.Time{"old": before.Add(-time.Hour), "new": at.Add(time.Hour)} {
		if err := s.Deny(t.Context(), session.Denial{Key: key, Before: at, Until: until}); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := s.DeleteExpired(t.Context(), before); err != nil || n < 0 || n > 3 {
		t.Errorf("got %d, %v, want at most 3", n, err)
	}
	for _, id := range []string{"idle", "expired"} {
		if f, err := s.Get(t.Context(), id); !errors.Is(err, session.ErrNotFound) {
			t.Errorf("%s: got %+v, %v, want ErrNotFound", id, f, err)
		}
	}
	for _, f := range []session.Family{live, justIdle, revoked} {
		wantStored(t, s, f)
	}
	wantDenied(t, s, "", "old", at, false)
	wantDenied(t, s, "", "new", at, true)
	if n, err := s.DeleteExpired(t.Context(), before); err != nil || n != 0 {
		t.Errorf("again: got %d, %v, want 0", n, err)
	}
	if all, err := s.List(t.Context(), alice, at); err != nil || len(all) != 1 {
		t.Errorf("List: got %d, %v, want 1", len(all), err)
	}
}
