// Package sessiontest checks an implementation of [session.Store].
//
// Call [Run] from a test of your own for the contract, point by point, and [Drill] for what a [session.Manager] promises on
// top of it while many clients refresh at once. They fail the test wherever the store breaks a promise; neither needs a
// fake clock. A store whose server goes away must be tested where the server can be stopped.
package sessiontest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/gopalisade/palisade/auth/session"
)

// Run runs the suite. newStore returns an empty store, or one in which none of the suite's users was used before; it is
// called for each subtest, and cleans up through t.Cleanup.
func Run(t *testing.T, newStore func(t *testing.T) session.Store) {
	for _, check := range []struct {
		name string
		run  func(*testing.T, session.Store)
	}{
		{"create and get", createAndGet},
		{"create twice", createTwice},
		{"rotate", rotate},
		{"rotate another generation", rotateAnother},
		{"rotate what is over", rotateOver},
		{"revoke", revoke},
		{"revoke a user", revokeUser},
		{"list", list},
		{"list is bounded", listBounded},
		{"deny", deny},
		{"later denial", laterDenial},
		{"denied by session", deniedBySession},
		{"delete expired", deleteExpired},
		{"text of any kind", anyText},
		{"context is over", contextOver},
		{"one of many rotates", oneRotates},
		{"one of many creates", oneCreates},
		{"revoke ends rotation", revokeEndsRotation},
		{"revoke a user while he logs in", revokeWhileCreating},
	} {
		t.Run(check.name, func(t *testing.T) { check.run(t, newStore(t)) })
	}
}

var alice, bob = session.User{Issuer: "https://id.example", ID: "alice"}, session.User{Issuer: "https://id.example", ID: "bob"}

// now is the present to the microsecond, which every store keeps.
func now() time.Time { return time.Now().Truncate(time.Microsecond) }

// family is a live session with a value of its own in every field.
func family(id string, u session.User) session.Family {
	at := now()
	return session.Family{
		ID: id, User: u, Tenant: "tenant", Client: "client", Method: "password", ACR: "2", KeyID: "0123456789abcdef",
		Seed: []byte("\x00\xff seed of thirty-two bytes..\n\x00"), Generation: 1, AuthTime: at.Add(-3 * time.Minute),
		CreatedAt: at.Add(-2 * time.Minute), RotatedAt: at.Add(-time.Minute),
		IdleUntil: at.Add(time.Hour), ExpiresAt: at.Add(2 * time.Hour),
	}
}

// create stores a family after the changes.
func create(t *testing.T, s session.Store, f session.Family, changes ...func(*session.Family)) session.Family {
	t.Helper()
	for _, change := range changes {
		change(&f)
	}
	if err := s.Create(t.Context(), f); err != nil {
		t.Fatalf("Create %q: %v", f.ID, err)
	}
	return f
}

// wantStored wants the store to have the family as it is.
func wantStored(t *testing.T, s session.Store, want session.Family) {
	t.Helper()
	got, err := s.Get(t.Context(), want.ID)
	if err != nil {
		t.Errorf("Get %q: %v", want.ID, err)
		return
	}
	wantSame(t, got, want)
}

func wantSame(t *testing.T, got, want session.Family) {
	t.Helper()
	if g, w := describe(got), describe(want); g != w {
		t.Errorf("got  %s\nwant %s", g, w)
	}
}

// describe writes every field, times without their place and beyond microseconds.
func describe(f session.Family) string {
	micro := func(t time.Time) string {
		if t.IsZero() {
			return "never"
		}
		return t.UTC().Format("2006-01-02T15:04:05.000000")
	}
	return fmt.Sprintf("%q %q tenant %q client %q method %q acr %q key %q seed %x generation %d"+
		" auth %s created %s rotated %s idle %s expires %s revoked %s",
		f.ID, f.User, f.Tenant, f.Client, f.Method, f.ACR, f.KeyID, f.Seed, f.Generation, micro(f.AuthTime), micro(f.CreatedAt),
		micro(f.RotatedAt), micro(f.IdleUntil), micro(f.ExpiresAt), micro(f.RevokedAt))
}

func createAndGet(t *testing.T, s session.Store) {
	if f, err := s.Get(t.Context(), "a"); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("Get of nothing: got %+v, %v, want ErrNotFound", f, err)
	}
	f := family("a", alice)
	f.Seed = append([]byte(nil), f.Seed...)
	create(t, s, f)
	clear(f.Seed) // the caller's memory is the caller's
	want := f
	want.Seed = family("a", alice).Seed
	wantStored(t, s, want)
	sparse := func(f *session.Family) { f.Tenant, f.Client, f.Method, f.ACR = "", "", "", "" }
	wantStored(t, s, create(t, s, family("b", session.User{ID: "b"}), sparse))
	wantStored(t, s, create(t, s, family("c", bob), func(f *session.Family) { f.RevokedAt = now() }))
}
