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

// Logout ends the session of an access token's principal, or refuses the token itself where it belongs to none.
func (m *Manager) Logout(ctx context.Context, p *auth.Principal) error {
	if p.SessionID != "" {
		err := m.Revoke(ctx, UserOf(p), p.SessionID)
		if !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	return m.DenyToken(ctx, p.TokenID, p.Expiry)
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

// DenyToken refuses one access token, by its ID, until it expires. It is for tokens outside of sessions.
func (m *Manager) DenyToken(ctx context.Context, tokenID string, expiry time.Time) error {
	return m.deny(ctx, Denial{Key: tokenKey(tokenID), Before: endOfTime, Until: expiry})
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

// maxOverdue bounds what is kept in memory about revocations that failed.
const maxOverdue = 10_000

func (m *Manager) isOverdue(id string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, is := m.overdue[id]
	return is
}

func (m *Manager) setOverdue(id string, is bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !is {
		delete(m.overdue, id)
	} else if len(m.overdue) < maxOverdue {
		m.overdue[id] = struct{}{}
	}
}

var endOfTime = time.Unix(1<<40, 0)

func tokenKey(id string) string { return "jti:" + id }

// userKey cannot be the same for two users: the number says where the issuer ends.
func userKey(u User) string { return "sub:" + strconv.Itoa(len(u.Issuer)) + ":" + u.Issuer + u.ID }
