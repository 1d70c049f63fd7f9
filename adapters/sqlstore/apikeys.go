package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"hash/fnv"
	"strings"
	"time"

	"github.com/gopalisade/palisade/auth/apikey"
)

// APIKeys returns the part of the store that package apikey needs.
func (s *Store) APIKeys() apikey.Store { return apiKeys{s} }

type apiKeys struct{ *Store }

// There is no index over expires_at: it would serve a search that is made once an hour.
func apiKeySteps() [][]string {
	return [][]string{{
		`CREATE TABLE palisade_api_keys (
			id TEXT NOT NULL PRIMARY KEY,
			hash BYTEA NOT NULL,
			pepper TEXT NOT NULL,
			name TEXT NOT NULL,
			owner TEXT NOT NULL,
			tenant TEXT NOT NULL,
			tier TEXT NOT NULL,
			scopes TEXT NOT NULL,
			created_at BIGINT NOT NULL,
			expires_at BIGINT,
			revoked_at BIGINT,
			used_at BIGINT,
			rotated_to TEXT NOT NULL
		)`,
		`CREATE INDEX palisade_api_keys_by_owner ON palisade_api_keys (owner, created_at)`,
	}}
}

const (
	apiKeyColumns = "id, hash, pepper, name, owner, tenant, tier, scopes, created_at, expires_at, revoked_at, used_at, rotated_to"
	addAPIKey     = "INSERT INTO palisade_api_keys (" + apiKeyColumns + ")" +
		" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (id) DO NOTHING"
	countAPIKeys = "SELECT count(*) FROM palisade_api_keys WHERE owner = $1 AND rotated_to = ''" +
		" AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)"
	getAPIKey    = "SELECT " + apiKeyColumns + " FROM palisade_api_keys WHERE id = $1"
	rotateAPIKey = "UPDATE palisade_api_keys SET rotated_to = $1," +
		" expires_at = CASE WHEN expires_at < $2 THEN expires_at ELSE $2 END" +
		" WHERE id = $3 AND rotated_to = '' AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $4)"
	revokeAPIKey = "UPDATE palisade_api_keys SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL"
	touchAPIKey  = "UPDATE palisade_api_keys SET used_at = $1 WHERE id = $2 AND (used_at IS NULL OR used_at < $1)"
	listAPIKeys  = "SELECT " + apiKeyColumns + " FROM palisade_api_keys" +
		" WHERE owner = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)" +
		" ORDER BY created_at DESC, id LIMIT $3"
	deleteAPIKeys = "DELETE FROM palisade_api_keys WHERE expires_at < $1 OR revoked_at < $1"
)

// apiKeyValues returns the columns of one row.
func apiKeyValues(rec *apikey.Record) []any {
	return []any{
		rec.ID, rec.Hash[:], rec.Pepper, rec.Name, rec.Owner, rec.Tenant, rec.Tier, strings.Join(rec.Scopes, " "),
		rec.CreatedAt.UnixMicro(), nullMicro(rec.ExpiresAt), nullMicro(rec.RevokedAt), nullMicro(rec.UsedAt), rec.RotatedTo,
	}
}

// scanAPIKey reads the columns of one row.
func scanAPIKey(rows *sql.Rows) (rec apikey.Record, err error) {
	var hash []byte
	var scopes string
	var created int64
	var expires, revoked, used sql.NullInt64
	err = rows.Scan(&rec.ID, &hash, &rec.Pepper, &rec.Name, &rec.Owner, &rec.Tenant, &rec.Tier, &scopes,
		&created, &expires, &revoked, &used, &rec.RotatedTo)
	if err == nil && len(hash) != len(rec.Hash) {
		err = errHash
	}
	if err != nil {
		return apikey.Record{}, err
	}
	copy(rec.Hash[:], hash)
	rec.Scopes = strings.Fields(scopes)
	rec.CreatedAt = fromMicro(created)
	rec.ExpiresAt, rec.RevokedAt, rec.UsedAt = fromNullMicro(expires), fromNullMicro(revoked), fromNullMicro(used)
	return rec, nil
}

// nullMicro stores the zero time as NULL.
func nullMicro(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixMicro(), Valid: !t.IsZero()}
}

func fromNullMicro(n sql.NullInt64) (t time.Time) {
	if n.Valid {
		t = fromMicro(n.Int64)
	}
	return t
}

var (
	errHash  = errors.New("sqlstore: an API key's hash has another length")
	errScope = errors.New("sqlstore: an API key's scope holds a space, and would be read as two")
)

// addable reports why a key cannot be stored as it is.
func addable(rec *apikey.Record) error {
	if !storable(rec.ID, rec.Pepper, rec.Name, rec.Owner, rec.Tenant, rec.Tier, rec.RotatedTo) || !storable(rec.Scopes...) {
		return errText
	}
	for _, scope := range rec.Scopes {
		if fields := strings.Fields(scope); len(fields) != 1 || fields[0] != scope {
			return errScope
		}
	}
	return nil
}

// Create implements [apikey.Store].
func (s apiKeys) Create(ctx context.Context, rec apikey.Record, most int) error {
	if err := addable(&rec); err != nil {
		return err
	}
	return s.together(ctx, func(tx *sql.Tx) error {
		if err := s.lockOwner(ctx, tx, rec.Owner); err != nil {
			return err
		}
		var n int
		if err := tx.QueryRowContext(ctx, countAPIKeys, rec.Owner, rec.CreatedAt.UnixMicro()).Scan(&n); err != nil {
			return err
		}
		if n >= most {
			return apikey.ErrTooMany
		}
		return insertAPIKey(ctx, tx, &rec)
	})
}

// lockOwner makes others who create keys of this owner wait, until the transaction ends: PostgreSQL cannot lock rows that
// are not there yet. SQLite has one writer at a time.
func (s apiKeys) lockOwner(ctx context.Context, tx *sql.Tx, owner string) error {
	if s.dialect != PostgreSQL {
		return nil
	}
	const class = 0x706b6579 // any number that others are unlikely to use
	h := fnv.New32a()
	_, _ = h.Write([]byte(owner))
	_, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1, $2)", class, int32(h.Sum32()))
	return err
}

func insertAPIKey(ctx context.Context, tx *sql.Tx, rec *apikey.Record) error {
	n, err := affected(tx.ExecContext(ctx, addAPIKey, apiKeyValues(rec)...))
	if err == nil && n == 0 {
		return apikey.ErrExists
	}
	return err
}

func affected(result sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// Get implements [apikey.Store].
func (s apiKeys) Get(ctx context.Context, id string) (rec apikey.Record, err error) {
	if !storable(id) {
		return apikey.Record{}, apikey.ErrNotFound
	}
	found := false
	err = s.query(ctx, func(rows *sql.Rows) (err error) {
		found = true
		rec, err = scanAPIKey(rows)
		return err
	}, getAPIKey, id)
	switch {
	case err != nil:
		return apikey.Record{}, err
	case !found:
		return apikey.Record{}, apikey.ErrNotFound
	}
	return rec, nil
}

// Rotate implements [apikey.Store].
func (s apiKeys) Rotate(ctx context.Context, id string, until time.Time, next apikey.Record) error {
	if err := addable(&next); err != nil {
		return err
	}
	if !storable(id) {
		return apikey.ErrNotFound
	}
	refused := false
	err := s.together(ctx, func(tx *sql.Tx) error {
		n, err := affected(tx.ExecContext(ctx, rotateAPIKey, next.ID, until.UnixMicro(), id, next.CreatedAt.UnixMicro()))
		if err != nil {
			return err
		}
		if refused = n == 0; refused {
			return nil
		}
		return insertAPIKey(ctx, tx, &next)
	})
	if err != nil || !refused {
		return err
	}
	// What refused it stays so: nothing of it is ever taken back.
	old, err := s.Get(ctx, id)
	switch {
	case err != nil:
		return err
	case old.RotatedTo != "" && old.RevokedAt.IsZero() && (old.ExpiresAt.IsZero() || next.CreatedAt.Before(old.ExpiresAt)):
		return apikey.ErrRotated
	}
	return apikey.ErrEnded
}

// Revoke implements [apikey.Store].
func (s apiKeys) Revoke(ctx context.Context, id string, at time.Time) error {
	if !storable(id) {
		return nil
	}
	_, err := s.exec(ctx, revokeAPIKey, at.UnixMicro(), id)
	return err
}

// Touch implements [apikey.Store].
func (s apiKeys) Touch(ctx context.Context, id string, at time.Time) error {
	if !storable(id) {
		return nil
	}
	_, err := s.exec(ctx, touchAPIKey, at.UnixMicro(), id)
	return err
}

// List implements [apikey.Store].
func (s apiKeys) List(ctx context.Context, owner string, at time.Time) (all []apikey.Record, err error) {
	if !storable(owner) {
		return nil, nil
	}
	err = s.query(ctx, func(rows *sql.Rows) error {
		rec, err := scanAPIKey(rows)
		all = append(all, rec)
		return err
	}, listAPIKeys, owner, at.UnixMicro(), apikey.MaxList)
	if err != nil {
		return nil, err
	}
	return all, nil
}

// DeleteExpired implements [apikey.Store].
func (s apiKeys) DeleteExpired(ctx context.Context, before time.Time) (int, error) {
	return s.exec(ctx, deleteAPIKeys, before.UnixMicro())
}

// together runs steps in one transaction: all of them, or, when one returns an error, none.
func (s *Store) together(ctx context.Context, steps func(tx *sql.Tx) error) error {
	unlock, err := s.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	var opts *sql.TxOptions // SQLite knows one level
	if s.dialect == PostgreSQL {
		// Each statement sees what others committed before it, whatever the database is told to do usually.
		opts = &sql.TxOptions{Isolation: sql.LevelReadCommitted}
	}
	tx, err := s.db.BeginTx(ctx, opts)
	if err != nil {
		return err
	}
	if err := steps(tx); err != nil {
		_ = tx.Rollback() // where that fails, the connection is broken, and the database does it
		return err
	}
	return tx.Commit()
}
