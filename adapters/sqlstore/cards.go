package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"github.com/gopalisade/palisade/crypto/vault"
)

// Cards returns the part of the store that package vault needs. Its rows hold no number in clear, and the last four digits of
// each.
func (s *Store) Cards() vault.Store { return cards{s} }

type cards struct{ *Store }

// The fingerprint is not unique: a record that has expired keeps its own until it is deleted.
func cardSteps() [][]string {
	return [][]string{{
		`CREATE TABLE palisade_cards (
			token TEXT NOT NULL PRIMARY KEY,
			tenant TEXT NOT NULL,
			owner TEXT NOT NULL,
			brand TEXT NOT NULL,
			masked TEXT NOT NULL,
			sealed BYTEA NOT NULL,
			fingerprint BYTEA,
			created_at BIGINT NOT NULL,
			expires_at BIGINT
		)`,
		`CREATE INDEX palisade_cards_by_owner ON palisade_cards (owner, tenant, token)`,
		`CREATE INDEX palisade_cards_by_fingerprint ON palisade_cards (fingerprint)`,
	}}
}

const (
	cardColumns = "token, tenant, owner, brand, masked, sealed, fingerprint, created_at, expires_at"
	addCard     = "INSERT INTO palisade_cards (" + cardColumns + ")" +
		" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (token) DO NOTHING"
	sameCard = "SELECT " + cardColumns + " FROM palisade_cards" +
		" WHERE owner = $1 AND tenant = $2 AND (expires_at IS NULL OR expires_at > $3) AND fingerprint IN (%s)" +
		" ORDER BY token LIMIT 1"
	getCard   = "SELECT " + cardColumns + " FROM palisade_cards WHERE token = $1"
	listCards = "SELECT " + cardColumns + " FROM palisade_cards" +
		" WHERE owner = $1 AND tenant = $2 AND token > $3 AND (expires_at IS NULL OR expires_at > $4) ORDER BY token LIMIT $5"
	nextCards    = "SELECT " + cardColumns + " FROM palisade_cards WHERE token > $1 ORDER BY token LIMIT $2"
	deleteCard   = "DELETE FROM palisade_cards WHERE token = $1"
	expiredCards = "DELETE FROM palisade_cards WHERE expires_at < $1"
	swapCard     = "UPDATE palisade_cards SET sealed = $1, fingerprint = $2 WHERE token = $3 AND sealed = $4"
)

// cardValues returns the columns of one row.
func cardValues(rec *vault.Record) []any {
	return []any{
		rec.Token, rec.Owner.Tenant, rec.Owner.ID, rec.Brand, rec.Masked, rec.Sealed, nullBytes(rec.Fingerprint),
		rec.CreatedAt.UnixMicro(), nullMicro(rec.ExpiresAt),
	}
}

// nullBytes stores nil as NULL, whatever the driver makes of it.
func nullBytes(b []byte) any {
	if b == nil {
		return nil
	}
	return b
}

// scanCard reads the columns of one row.
func scanCard(row interface{ Scan(dest ...any) error }) (rec vault.Record, err error) {
	var created int64
	var expires sql.NullInt64
	err = row.Scan(&rec.Token, &rec.Owner.Tenant, &rec.Owner.ID, &rec.Brand, &rec.Masked, &rec.Sealed, &rec.Fingerprint,
		&created, &expires)
	if err != nil {
		return vault.Record{}, err
	}
	rec.CreatedAt, rec.ExpiresAt = fromMicro(created), fromNullMicro(expires)
	return rec, nil
}

// Put implements [vault.Store].
func (s cards) Put(ctx context.Context, rec vault.Record, same [][]byte) (kept vault.Record, err error) {
	if !storable(rec.Token, rec.Owner.Tenant, rec.Owner.ID, rec.Brand, rec.Masked) {
		return vault.Record{}, errText
	}
	err = s.together(ctx, func(tx *sql.Tx) (err error) {
		kept, err = s.findSame(ctx, tx, &rec, same)
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		kept = rec
		n, err := affected(tx.ExecContext(ctx, addCard, cardValues(&rec)...))
		if err == nil && n == 0 {
			return vault.ErrExists
		}
		return err
	})
	if err != nil {
		return vault.Record{}, err
	}
	return kept, nil
}

// findSame returns the owner's live record with one of the fingerprints, or [sql.ErrNoRows]. It is one statement, since a
// record may change from one fingerprint to another at any moment.
func (s cards) findSame(ctx context.Context, tx *sql.Tx, rec *vault.Record, same [][]byte) (vault.Record, error) {
	if len(same) == 0 {
		return vault.Record{}, sql.ErrNoRows
	}
	if err := s.lockOwner(ctx, tx, rec.Owner); err != nil {
		return vault.Record{}, err
	}
	args := []any{rec.Owner.ID, rec.Owner.Tenant, rec.CreatedAt.UnixMicro()}
	var list []string
	for _, mac := range same {
		args = append(args, mac)
		list = append(list, fmt.Sprintf("$%d", len(args)))
	}
	return scanCard(tx.QueryRowContext(ctx, fmt.Sprintf(sameCard, strings.Join(list, ", ")), args...))
}

// lockOwner makes others who look for this owner's fingerprints wait, until the transaction ends: PostgreSQL cannot lock
// rows that are not there yet. SQLite has one writer at a time.
func (s cards) lockOwner(ctx context.Context, tx *sql.Tx, owner vault.Owner) error {
	if s.dialect != PostgreSQL {
		return nil
	}
	const class = 0x63617264 // any number that others are unlikely to use
	h := fnv.New32a()
	_, _ = h.Write([]byte(owner.Tenant + "\x00" + owner.ID))
	_, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1, $2)", class, int32(h.Sum32()))
	return err
}

// Get implements [vault.Store].
func (s cards) Get(ctx context.Context, token string) (vault.Record, error) {
	if !storable(token) {
		return vault.Record{}, vault.ErrNotFound
	}
	rec, err := scanCard(s.db.QueryRowContext(ctx, getCard, token))
	if errors.Is(err, sql.ErrNoRows) {
		err = vault.ErrNotFound
	}
	return rec, err
}

// List implements [vault.Store].
func (s cards) List(ctx context.Context, owner vault.Owner, after string, at time.Time, n int) ([]vault.Record, error) {
	if !storable(owner.Tenant, owner.ID, after) {
		return nil, nil
	}
	return s.all(ctx, listCards, owner.ID, owner.Tenant, after, at.UnixMicro(), n)
}

// Next implements [vault.Store].
func (s cards) Next(ctx context.Context, after string, n int) ([]vault.Record, error) {
	if !storable(after) {
		return nil, errText
	}
	return s.all(ctx, nextCards, after, n)
}

func (s cards) all(ctx context.Context, statement string, args ...any) (all []vault.Record, err error) {
	err = s.query(ctx, func(rows *sql.Rows) error {
		rec, err := scanCard(rows)
		all = append(all, rec)
		return err
	}, statement, args...)
	if err != nil {
		return nil, err
	}
	return all, nil
}

// Delete implements [vault.Store].
func (s cards) Delete(ctx context.Context, token string) error {
	if !storable(token) {
		return vault.ErrNotFound
	}
	n, err := s.exec(ctx, deleteCard, token)
	if err == nil && n == 0 {
		return vault.ErrNotFound
	}
	return err
}

// DeleteExpired implements [vault.Store].
func (s cards) DeleteExpired(ctx context.Context, before time.Time) (int, error) {
	return s.exec(ctx, expiredCards, before.UnixMicro())
}

// Swap implements [vault.Store].
func (s cards) Swap(ctx context.Context, old, next vault.Record) (bool, error) {
	if !storable(old.Token) {
		return false, nil
	}
	n, err := s.exec(ctx, swapCard, next.Sealed, nullBytes(next.Fingerprint), old.Token, old.Sealed)
	return n > 0, err
}
