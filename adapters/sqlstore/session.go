package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gopalisade/palisade/auth/session"
)

// Sessions returns the part of the store that package session needs.
func (s *Store) Sessions() session.Store { return sessions{s} }

type sessions struct{ *Store }

// There is no index over idle_until: every refresh would have to write it, for a search that is made once an hour.
func sessionSteps() [][]string {
	return [][]string{{
		`CREATE TABLE palisade_sessions (
			id TEXT NOT NULL PRIMARY KEY,
			issuer TEXT NOT NULL,
			user_id TEXT NOT NULL,
			tenant TEXT NOT NULL,
			client TEXT NOT NULL,
			method TEXT NOT NULL,
			acr TEXT NOT NULL,
			key_id TEXT NOT NULL,
			seed BYTEA NOT NULL,
			generation BIGINT NOT NULL,
			auth_time BIGINT NOT NULL,
			created_at BIGINT NOT NULL,
			rotated_at BIGINT NOT NULL,
			idle_until BIGINT NOT NULL,
			expires_at BIGINT NOT NULL,
			revoked_at BIGINT
		)`,
		`CREATE INDEX palisade_sessions_by_user ON palisade_sessions (issuer, user_id, created_at)`,
		`CREATE TABLE palisade_session_denials (
			id TEXT NOT NULL PRIMARY KEY,
			before_at BIGINT NOT NULL,
			until_at BIGINT NOT NULL
		)`,
	}}
}

const (
	sessionColumns = "id, issuer, user_id, tenant, client, method, acr, key_id, seed, generation, " +
		"auth_time, created_at, rotated_at, idle_until, expires_at, revoked_at"
	addSession = "INSERT INTO palisade_sessions (" + sessionColumns + ")" +
		" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) ON CONFLICT (id) DO NOTHING"
	getSession    = "SELECT " + sessionColumns + " FROM palisade_sessions WHERE id = $1"
	rotateSession = "UPDATE palisade_sessions SET generation = $1, rotated_at = $2, idle_until = $3" +
		" WHERE id = $4 AND generation = $5 AND revoked_at IS NULL AND idle_until > $2 AND expires_at > $2" +
		" RETURNING " + sessionColumns
	revokeSession = "UPDATE palisade_sessions SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL"
	revokeUser    = "UPDATE palisade_sessions SET revoked_at = $1" +
		" WHERE issuer = $2 AND user_id = $3 AND id <> $4 AND revoked_at IS NULL" +
		" RETURNING idle_until > $1 AND expires_at > $1"
	listSessions = "SELECT " + sessionColumns + " FROM palisade_sessions" +
		" WHERE issuer = $1 AND user_id = $2 AND revoked_at IS NULL AND idle_until > $3 AND expires_at > $3" +
		" ORDER BY created_at DESC, id LIMIT $4"
	deny = "INSERT INTO palisade_session_denials AS old (id, before_at, until_at) VALUES ($1, $2, $3)" +
		" ON CONFLICT (id) DO UPDATE SET" +
		" before_at = CASE WHEN excluded.before_at > old.before_at THEN excluded.before_at ELSE old.before_at END," +
		" until_at = CASE WHEN excluded.until_at > old.until_at THEN excluded.until_at ELSE old.until_at END"
	// The keys follow: their number varies, and SQLite wants the others before them.
	denied = "SELECT ($1 <> '' AND NOT EXISTS (SELECT 1 FROM palisade_sessions" +
		" WHERE id = $1 AND revoked_at IS NULL AND expires_at > $2))" +
		" OR EXISTS (SELECT 1 FROM palisade_session_denials WHERE before_at >= $3 AND id IN (%s))"
	deleteSessions = "DELETE FROM palisade_sessions WHERE idle_until < $1 OR expires_at < $1"
	deleteDenials  = "DELETE FROM palisade_session_denials WHERE until_at < $1"
)

// scanSession reads the columns of one row.
func scanSession(rows *sql.Rows) (f session.Family, err error) {
	var generation, authTime, created, rotated, idle, expires int64
	var revoked sql.NullInt64
	err = rows.Scan(&f.ID, &f.User.Issuer, &f.User.ID, &f.Tenant, &f.Client, &f.Method, &f.ACR, &f.KeyID, &f.Seed, &generation,
		&authTime, &created, &rotated, &idle, &expires, &revoked)
	f.Generation = uint64(generation)
	f.AuthTime, f.CreatedAt, f.RotatedAt = fromMicro(authTime), fromMicro(created), fromMicro(rotated)
	f.IdleUntil, f.ExpiresAt = fromMicro(idle), fromMicro(expires)
	if revoked.Valid {
		f.RevokedAt = fromMicro(revoked.Int64)
	}
	return f, err
}

// Create implements [session.Store].
func (s sessions) Create(ctx context.Context, f session.Family) error {
	if !storable(f.ID, f.User.Issuer, f.User.ID, f.Tenant, f.Client, f.Method, f.ACR, f.KeyID) {
		return errText
	}
	revoked := sql.NullInt64{Int64: f.RevokedAt.UnixMicro(), Valid: !f.RevokedAt.IsZero()}
	n, err := s.exec(ctx, addSession, f.ID, f.User.Issuer, f.User.ID, f.Tenant, f.Client, f.Method, f.ACR, f.KeyID, f.Seed,
		int64(f.Generation), f.AuthTime.UnixMicro(), f.CreatedAt.UnixMicro(), f.RotatedAt.UnixMicro(),
		f.IdleUntil.UnixMicro(), f.ExpiresAt.UnixMicro(), revoked)
	if err == nil && n == 0 {
		return session.ErrExists
	}
	return err
}

// Get implements [session.Store].
func (s sessions) Get(ctx context.Context, id string) (session.Family, error) {
	if !storable(id) {
		return session.Family{}, session.ErrNotFound
	}
	return one(func(scan func(*sql.Rows) error) error { return s.query(ctx, scan, getSession, id) })
}

// one returns the one session that a statement finds, or [session.ErrNotFound].
func one(run func(scan func(*sql.Rows) error) error) (f session.Family, err error) {
	found := false
	err = run(func(rows *sql.Rows) (err error) {
		found = true
		f, err = scanSession(rows)
		return err
	})
	switch {
	case err != nil:
		return session.Family{}, err
	case !found:
		return session.Family{}, session.ErrNotFound
	}
	return f, nil
}

// Rotate implements [session.Store].
func (s sessions) Rotate(ctx context.Context, id string, from uint64, at, idleUntil time.Time) (session.Family, bool, error) {
	if !storable(id) {
		return session.Family{}, false, session.ErrNotFound
	}
	f, err := one(func(scan func(*sql.Rows) error) error {
		return s.change(ctx, scan, rotateSession, int64(from+1), at.UnixMicro(), idleUntil.UnixMicro(), id, int64(from))
	})
	if !errors.Is(err, session.ErrNotFound) {
		return f, err == nil, err
	}
	f, err = s.Get(ctx, id)
	return f, false, err
}

// Revoke implements [session.Store].
func (s sessions) Revoke(ctx context.Context, id string, at time.Time) error {
	if !storable(id) {
		return nil
	}
	_, err := s.exec(ctx, revokeSession, at.UnixMicro(), id)
	return err
}

// RevokeUser implements [session.Store].
func (s sessions) RevokeUser(ctx context.Context, u session.User, except string, at time.Time) (n int, err error) {
	if !storable(u.Issuer, u.ID) {
		return 0, nil
	}
	if !storable(except) {
		except = "" // no session of that ID to spare
	}
	err = s.change(ctx, func(rows *sql.Rows) error {
		var live bool
		err := rows.Scan(&live)
		if live {
			n++
		}
		return err
	}, revokeUser, at.UnixMicro(), u.Issuer, u.ID, except)
	if err != nil {
		return 0, err
	}
	return n, nil
}

// List implements [session.Store].
func (s sessions) List(ctx context.Context, u session.User, at time.Time) (all []session.Family, err error) {
	if !storable(u.Issuer, u.ID) {
		return nil, nil
	}
	err = s.query(ctx, func(rows *sql.Rows) error {
		f, err := scanSession(rows)
		all = append(all, f)
		return err
	}, listSessions, u.Issuer, u.ID, at.UnixMicro(), session.MaxList)
	if err != nil {
		return nil, err
	}
	return all, nil
}

// Deny implements [session.Store].
func (s sessions) Deny(ctx context.Context, d session.Denial) error {
	if !storable(d.Key) {
		return errText
	}
	_, err := s.exec(ctx, deny, d.Key, d.Before.UnixMicro(), d.Until.UnixMicro())
	return err
}

// Denied implements [session.Store].
func (s sessions) Denied(ctx context.Context, sessionID string, keys []string, issuedAt, at time.Time) (bool, error) {
	if !storable(sessionID) {
		return true, nil // unknown
	}
	args, places := []any{sessionID, at.UnixMicro(), issuedAt.UnixMicro()}, []string{"NULL"}
	for _, key := range keys {
		if storable(key) {
			args = append(args, key)
			places = append(places, fmt.Sprintf("$%d", len(args)))
		}
	}
	is := true
	err := s.query(ctx, func(rows *sql.Rows) error { return rows.Scan(&is) },
		fmt.Sprintf(denied, strings.Join(places, ", ")), args...)
	return is, err
}

// DeleteExpired implements [session.Store].
func (s sessions) DeleteExpired(ctx context.Context, before time.Time) (int, error) {
	n, err := s.exec(ctx, deleteSessions, before.UnixMicro())
	if err != nil {
		return 0, err
	}
	m, err := s.exec(ctx, deleteDenials, before.UnixMicro())
	return n + m, err
}
