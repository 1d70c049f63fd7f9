package session

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"time"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/monitor/event"
)

// Session is what its owner may see of it.
type Session struct {
	ID        string
	Client    string
	Method    string
	CreatedAt time.Time
	UsedAt    time.Time // last refresh
	ExpiresAt time.Time // when it ends, if it is not used
}

// List returns the user's live sessions, newest first.
func (m *Manager) List(ctx context.Context, u User) ([]Session, error) {
	all, err := m.store.List(ctx, u, time.Now())
	if err != nil {
		return nil, unavailable("list", err)
	}
	list := make([]Session, len(all))
	for i, f := range all {
		end := f.IdleUntil
		if f.ExpiresAt.Before(end) {
			end = f.ExpiresAt
		}
		list[i] = Session{f.ID, f.Client, f.Method, f.CreatedAt, f.RotatedAt, end}
	}
	return list, nil
}

// Revoke ends one of the user's sessions, and with it every token of it. It returns [ErrNotFound] for a session that is
// not his, and nil for one that has ended already.
func (m *Manager) Revoke(ctx context.Context, u User, sessionID string) error {
	f, err := m.store.Get(ctx, sessionID)
	switch {
	case errors.Is(err, ErrNotFound), err == nil && f.User != u:
		return ErrNotFound
	case err != nil:
		return unavailable("revoke", err)
	}
	return unavailable("revoke", m.end(ctx, &f, event.AuthnTokenRevoked, "logout"))
}

// End ends the session that a refresh token belongs to, of whatever generation and age the token is: whoever holds one may
// sign out. The error matches [ErrRefused] for a token that is not authentic.
func (m *Manager) End(ctx context.Context, refresh string) error {
	f, _, err := m.find(ctx, refresh)
	if err != nil {
		return m.refuse(ctx, err)
	}
	return unavailable("revoke", m.end(ctx, &f, event.AuthnTokenRevoked, "logout"))
}

// Logout ends the session of an access token's principal, or refuses the token itself where it belongs to none. A principal
// with neither, whom a certificate proves on every request, cannot be signed out: [ErrNotFound].
func (m *Manager) Logout(ctx context.Context, p *auth.Principal) error {
	if p.SessionID != "" {
		err := m.Revoke(ctx, UserOf(p), p.SessionID)
		if !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	if p.TokenID == "" {
		return ErrNotFound
	}
	return m.DenyToken(ctx, p.Issuer, p.TokenID, p.Expiry)
}

// RevokeAll ends all sessions of the user except one, "" for none, and says how many there were.
func (m *Manager) RevokeAll(ctx context.Context, u User, except string) (int, error) {
	n, err := m.store.RevokeUser(ctx, u, except, time.Now())
	m.checks.forget()
	if err != nil {
		return 0, unavailable("revoke", err)
	}
	event.Emit(ctx, event.Event{Code: event.AuthnTokenRevoked, Principal: u.ID, Reason: "logout_all", Count: int64(n)})
	return n, nil
}

// DenyToken refuses one access token, by its issuer and ID, until it expires; an expiry that is not known is a year from now.
// It is for tokens outside of sessions. A token without an ID cannot be told from others, and is an error.
func (m *Manager) DenyToken(ctx context.Context, issuer, tokenID string, expiry time.Time) error {
	if tokenID == "" {
		return errors.New("session: a token without an ID cannot be denied")
	}
	if expiry.IsZero() {
		expiry = time.Now().AddDate(1, 0, 0)
	}
	return m.deny(ctx, Denial{Key: tokenKey(issuer, tokenID), Before: endOfTime, Until: expiry})
}

// DenyUser refuses every access token of the user that was issued until now, in a session or not, and ends his sessions.
// Tokens tell time in seconds: one that is issued within the same second is refused as well.
func (m *Manager) DenyUser(ctx context.Context, u User) error {
	now := time.Now()
	// A verifier accepts no token for longer than a day, unless it is told to, and a year is more than anybody should.
	if err := m.deny(ctx, Denial{Key: userKey(u), Before: now, Until: now.AddDate(1, 0, 0)}); err != nil {
		return err
	}
	_, err := m.RevokeAll(ctx, u, "")
	return err
}

func (m *Manager) deny(ctx context.Context, d Denial) error {
	err := m.store.Deny(ctx, d)
	m.checks.forget()
	if err != nil {
		return unavailable("deny", err)
	}
	event.Emit(ctx, event.Event{Code: event.AuthnTokenRevoked, Reason: "denied"})
	return nil
}

// Prune forgets what ended before now, and says how much that was. Call it now and then, every hour, say.
func (m *Manager) Prune(ctx context.Context) (int, error) {
	for _, id := range m.overdue.all() {
		m.makeUp(ctx, id)
	}
	// An access token may outlive its session a little, and must be refused for that long.
	n, err := m.store.DeleteExpired(ctx, time.Now().Add(-24*time.Hour))
	return n, unavailable("prune", err)
}

// end revokes, forgets good answers about it in this process, and reports.
func (m *Manager) end(ctx context.Context, f *Family, code event.Code, reason string) error {
	err := m.store.Revoke(ctx, f.ID, time.Now())
	m.checks.forget()
	level := slog.LevelInfo
	if code == event.AuthnTokenReuse || err != nil {
		level = slog.LevelError
	}
	event.Emit(ctx, event.Event{Code: code, Level: level, Principal: f.User.ID, Object: f.ID, Reason: reason, Err: err})
	return err
}

var endOfTime = time.Unix(1<<40, 0)

// Two users, or two tokens, cannot have one key: the number says where the issuer ends.
func userKey(u User) string { return denialKey("sub:", u.Issuer, u.ID) }

func tokenKey(issuer, id string) string { return denialKey("jti:", issuer, id) }

func denialKey(kind, issuer, id string) string {
	return kind + strconv.Itoa(len(issuer)) + ":" + issuer + id
}
