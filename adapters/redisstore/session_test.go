package redisstore_test

import (
	"errors"
	"testing"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/session"
	"github.com/gopalisade/palisade/auth/session/sessiontest"
	"github.com/gopalisade/palisade/internal/servertest"
)

func TestSessions(t *testing.T) {
	client := open(t, servertest.StartRedis(t))
	newSessions := func(t *testing.T) session.Store { return newStore(t, client, t.Name()+":").Sessions() }
	sessiontest.Run(t, newSessions)
	sessiontest.Drill(t, newSessions, sessiontest.Rounds())
}

func TestServerGone(t *testing.T) {
	server := servertest.Redis(t)
	m := sessiontest.NewManager(t, newStore(t, open(t, server.URL), "").Sessions())
	start := func() string {
		tokens, err := m.Start(t.Context(), &auth.Principal{Issuer: "https://id.example", ID: "alice"}, "")
		if err != nil {
			t.Fatal(err)
		}
		return tokens.Refresh
	}
	refresh := start()
	server.Stop()
	if _, err := m.Refresh(t.Context(), refresh, ""); !errors.Is(err, auth.ErrUnavailable) {
		t.Errorf("stopped: got %v, want ErrUnavailable", err)
	}
	if err := m.End(t.Context(), refresh); !errors.Is(err, auth.ErrUnavailable) {
		t.Errorf("stopped: End: got %v, want ErrUnavailable", err)
	}
	server.Start()
	if _, err := m.Refresh(t.Context(), start(), ""); err != nil {
		t.Errorf("started again: got %v", err)
	}
	// The server of this test keeps nothing: what it forgot is refused, and nobody is accused.
	if _, err := m.Refresh(t.Context(), refresh, ""); !errors.Is(err, session.ErrRefused) {
		t.Errorf("forgotten: got %v, want ErrRefused", err)
	}
}
