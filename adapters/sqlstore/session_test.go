package sqlstore_test

import (
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gopalisade/palisade/adapters/sqlstore"
	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/session"
	"github.com/gopalisade/palisade/auth/session/sessiontest"
	"github.com/gopalisade/palisade/internal/servertest"
)

func TestSessions(t *testing.T) {
	dialects(t, func(t *testing.T, d sqlstore.Dialect, empty func(testing.TB) *sql.DB) {
		sessiontest.Run(t, func(t *testing.T) session.Store { return newStore(t, empty(t), d).Sessions() })
	})
}

func TestSessionsDrill(t *testing.T) {
	dialects(t, func(t *testing.T, d sqlstore.Dialect, empty func(testing.TB) *sql.DB) {
		sessiontest.Drill(t, func(t *testing.T) session.Store { return newStore(t, empty(t), d).Sessions() }, sessiontest.Rounds())
	})
}

func TestServerGone(t *testing.T) {
	server := servertest.Postgres(t)
	db := openPostgres(t, server.URL)
	m := sessiontest.NewManager(t, newStore(t, db, sqlstore.PostgreSQL).Sessions())
	tokens, err := m.Start(t.Context(), &auth.Principal{Issuer: "https://id.example", ID: "alice"}, "")
	if err != nil {
		t.Fatal(err)
	}
	server.Stop()
	for range 3 {
		if _, err := m.Refresh(t.Context(), tokens.Refresh, ""); !errors.Is(err, auth.ErrUnavailable) {
			t.Errorf("stopped: got %v, want ErrUnavailable", err)
		}
		if err := m.End(t.Context(), tokens.Refresh); !errors.Is(err, auth.ErrUnavailable) {
			t.Errorf("stopped: End: got %v, want ErrUnavailable", err)
		}
	}
	server.Start()
	if tokens, err = m.Refresh(t.Context(), tokens.Refresh, ""); err != nil {
		t.Errorf("started again: got %v", err)
	}
}

// TestOutage stops the server again and again while clients refresh. Whoever is told to try again does so with the token
// that he has, and nobody may lose his session by that.
func TestOutage(t *testing.T) {
	server := servertest.Postgres(t)
	m := sessiontest.NewManager(t, newStore(t, openPostgres(t, server.URL), sqlstore.PostgreSQL).Sessions())
	var served, failed atomic.Int64
	var done atomic.Bool
	var wg sync.WaitGroup
	for i := range 8 {
		tokens, err := m.Start(t.Context(), &auth.Principal{Issuer: "https://id.example", ID: fmt.Sprint(i)}, "")
		if err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			for !done.Load() {
				next, err := m.Refresh(t.Context(), tokens.Refresh, "")
				switch {
				case err == nil:
					tokens = next
					served.Add(1)
				case errors.Is(err, auth.ErrUnavailable):
					failed.Add(1)
					time.Sleep(time.Millisecond)
				default:
					t.Errorf("client %d lost his session: %v", i, err)
					return
				}
			}
		})
	}
	more := func(count *atomic.Int64) {
		for want, begin := count.Load()+20, time.Now(); count.Load() < want; time.Sleep(time.Millisecond) {
			if time.Since(begin) > time.Minute || t.Failed() {
				done.Store(true)
				t.Fatal("nothing happens")
			}
		}
	}
	for range 3 {
		more(&served)
		server.Stop()
		more(&failed)
		server.Start()
	}
	more(&served)
	done.Store(true)
	wg.Wait()
}
