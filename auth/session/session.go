package session

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"time"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/monitor/event"
)

// Tokens are what a client holds of a session. They are secrets, and print as such.
type Tokens struct {
	Access    string    // for requests
	Expiry    time.Time // of Access
	Refresh   string    // buys the next Tokens, once
	SessionID string
}

// String keeps the tokens out of logs.
func (t Tokens) String() string { return "session.Tokens(" + t.SessionID + ", [redacted])" }

// GoString is String.
func (t Tokens) GoString() string { return t.String() }

// LogValue is String, for slog.
func (t Tokens) LogValue() slog.Value { return slog.StringValue(t.String()) }

// Start begins a session for somebody who just logged in. It remembers p's ID, Tenant, Method, ACR and AuthTime, where zero
// means now; everything else is asked for again at each refresh. Whatever p's Issuer is, the session belongs to the [User] whom
// the access tokens name: of the Manager's issuer. client is what the tokens are bound to, "" for nothing: an OAuth
// client_id, say, or the thumbprint of a key. Whoever refreshes must give the same.
//
// Where the user has too many sessions, the oldest are ended.
func (m *Manager) Start(ctx context.Context, p *auth.Principal, client string) (Tokens, error) {
	now := time.Now()
	f := Family{
		ID: rand.Text(), User: m.User(p.ID), Tenant: p.Tenant, Client: client, Method: p.Method, ACR: p.ACR,
		KeyID: m.keys[0].id, Seed: make([]byte, 32), Generation: 1,
		AuthTime: p.AuthTime, CreatedAt: now, RotatedAt: now,
		IdleUntil: now.Add(m.idle), ExpiresAt: now.Add(m.lifetime),
	}
	_, _ = rand.Read(f.Seed) // never fails
	if f.AuthTime.IsZero() {
		f.AuthTime = now
	}
	t, err := m.tokens(&f, p) // before anything is stored: a principal that no token can hold has no session
	if err != nil {
		return Tokens{}, err
	}
	if err := m.store.Create(ctx, f); err != nil {
		return Tokens{}, unavailable("start", err)
	}
	if err := m.makeRoom(ctx, f.User, f.ID, now); err != nil {
		return Tokens{}, unavailable("start", err)
	}
	event.Emit(ctx, event.Event{Code: event.SessionCreated, Principal: p.ID, Object: f.ID})
	return t, nil
}

// User names the one with that ID as the access tokens do.
func (m *Manager) User(id string) User { return User{m.issuer.Name(), id} }

// makeRoom ends the oldest sessions of a user who has too many, and never his own.
func (m *Manager) makeRoom(ctx context.Context, u User, own string, now time.Time) error {
	all, err := m.store.List(ctx, u, now)
	if err != nil {
		return err
	}
	for _, f := range all[min(m.maxSessions, len(all)):] {
		if f.ID == own {
			continue // by a clock that is behind; it is the newest all the same
		}
		if err := m.end(ctx, &f, event.AuthnTokenRevoked, "too_many"); err != nil {
			return err
		}
	}
	return nil
}

// Refresh exchanges a refresh token, with the client it was started for. The error matches [ErrRefused], or
// [auth.ErrUnavailable] when nothing is known and the client may try again.
//
// An answer that was lost may be asked for again within Config.Grace: the refresh token in it is the same to the byte.
// An authentic token from before that has two holders, and ends the session. A token that this Manager did not make changes
// nothing, whatever session it names.
func (m *Manager) Refresh(ctx context.Context, refresh, client string) (Tokens, error) {
	f, generation, err := m.find(ctx, refresh)
	if err != nil {
		return Tokens{}, m.refuse(ctx, err)
	}
	if err := m.judge(ctx, &f, generation, client, time.Now()); err != nil {
		return Tokens{}, m.refuse(ctx, err)
	}
	p, err := m.reread(ctx, &f)
	if err != nil {
		return Tokens{}, m.refuse(ctx, err)
	}
	if f.Generation == generation {
		var rotated bool
		now := time.Now() // the grace begins here, however long the application took
		f, rotated, err = m.store.Rotate(ctx, f.ID, generation, now, now.Add(m.idle))
		switch {
		case errors.Is(err, ErrNotFound):
			return Tokens{}, m.refuse(ctx, &RefusedError{Reason: "unknown"})
		case err != nil:
			return Tokens{}, unavailable("refresh", err)
		case !rotated: // somebody was faster: an exchange, a logout, or the end of its time
			if err := m.judge(ctx, &f, generation, client, now); err != nil {
				return Tokens{}, m.refuse(ctx, err)
			}
			if f.Generation == generation {
				return Tokens{}, unavailable("refresh", errors.New("session: store did not rotate a live session"))
			}
		default:
			event.Emit(ctx, event.Event{Code: event.SessionRenewed, Principal: f.User.ID, Object: f.ID})
		}
	}
	return m.tokens(&f, p)
}

// find returns the session of a token that this Manager made.
func (m *Manager) find(ctx context.Context, refresh string) (Family, uint64, error) {
	id, generation, ok := parseRefresh(refresh)
	if !ok {
		return Family{}, 0, &RefusedError{Reason: "malformed"}
	}
	f, err := m.store.Get(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return Family{}, 0, &RefusedError{Reason: "unknown"}
	}
	if err != nil {
		return Family{}, 0, unavailable("find", err)
	}
	k, ok := m.key(f.KeyID)
	if !ok || !k.authentic(&f, generation, refresh) {
		return Family{}, 0, &RefusedError{Reason: "forged"}
	}
	return f, generation, nil
}

func (m *Manager) key(id string) (key, bool) {
	for _, k := range m.keys {
		if k.id == id {
			return k, true
		}
	}
	return key{}, false
}

// judge decides about an authentic token: nil for the current generation and for its predecessor within grace. What only a
// thief or a fault of ours can explain ends the session.
func (m *Manager) judge(ctx context.Context, f *Family, generation uint64, client string, now time.Time) error {
	age := now.Sub(f.RotatedAt)
	switch {
	case m.overdue.has(f.ID):
		m.makeUp(ctx, f.ID)
		return &RefusedError{Reason: "overdue", SessionID: f.ID}
	case !f.RevokedAt.IsZero():
		return &RefusedError{Reason: "revoked", SessionID: f.ID}
	case !f.live(now):
		return &RefusedError{Reason: "expired", SessionID: f.ID}
	case f.Client != client:
		return m.steal(ctx, f, "foreign")
	case generation == f.Generation:
		return nil
	case generation > f.Generation: // the store has lost something; there is nobody to accuse
		return &RefusedError{Reason: "unknown", SessionID: f.ID}
	case generation+1 == f.Generation && m.grace > 0 && age < m.grace && age > -maxSkew:
		return nil
	}
	return m.steal(ctx, f, "reused")
}

// maxSkew is how far ahead of ours the clock of another machine may be. One that is behind takes from the grace.
const maxSkew = time.Minute

// steal ends a session that two parties hold. Even when the store cannot, the answer is a refusal, and whoever asks this process
// for the session next, with whatever token, is refused as well until it could.
func (m *Manager) steal(ctx context.Context, f *Family, reason string) error {
	err := m.end(ctx, f, event.AuthnTokenReuse, reason)
	m.overdue.set(f.ID, err != nil)
	return &RefusedError{Reason: reason, SessionID: f.ID}
}

// makeUp tries again what a store was too ill to do. It was reported then.
func (m *Manager) makeUp(ctx context.Context, id string) {
	if !m.overdue.ill.Ask() {
		return
	}
	err := m.store.Revoke(ctx, id, time.Now())
	m.overdue.ill.Tell(err == nil)
	m.overdue.set(id, err != nil)
}

// reread asks for the user as he is now, and ends the session of one who is gone.
func (m *Manager) reread(ctx context.Context, f *Family) (*auth.Principal, error) {
	p, err := m.principal(ctx, f.User)
	if err == nil && p == nil {
		err = errors.New("session: Principal returned nothing")
	}
	switch {
	case errors.Is(err, ErrNoUser):
	case err != nil:
		return nil, unavailable("principal", err)
	case p.ID == f.User.ID && p.Tenant == f.Tenant:
		return p, nil
	}
	if err := m.end(ctx, f, event.AuthnTokenRevoked, "user"); err != nil {
		return nil, unavailable("principal", err)
	}
	return nil, &RefusedError{Reason: "user", SessionID: f.ID}
}

// tokens makes what the client gets for a session's current generation.
func (m *Manager) tokens(f *Family, p *auth.Principal) (Tokens, error) {
	k, ok := m.key(f.KeyID)
	if !ok {
		return Tokens{}, &RefusedError{Reason: "forged", SessionID: f.ID}
	}
	now := *p // the principal belongs to somebody else
	now.SessionID, now.AuthTime, now.ACR = f.ID, f.AuthTime, f.ACR
	t, err := m.issuer.Issue(now, nil)
	if err != nil {
		return Tokens{}, err
	}
	return Tokens{Access: t.Value, Expiry: t.Expiry, Refresh: k.refresh(f, f.Generation), SessionID: f.ID}, nil
}

// refuse reports a refusal. What was already reported as theft is not reported again.
func (m *Manager) refuse(ctx context.Context, err error) error {
	e, ok := errors.AsType[*RefusedError](err)
	if !ok {
		return err
	}
	code := event.AuthnTokenFail
	switch e.Reason {
	case "reused", "foreign", "user":
		return err
	case "expired":
		code = event.SessionExpired
	case "revoked":
		code = event.SessionUseAfterExpire
	}
	event.Emit(ctx, event.Event{Code: code, Level: slog.LevelWarn, Object: e.SessionID, Reason: e.Reason, Err: err})
	return err
}
