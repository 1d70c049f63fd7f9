package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"hash/fnv"

	"github.com/gopalisade/palisade/crypto/envelope"
	"github.com/gopalisade/palisade/crypto/field"
)

// DataKeys returns the part of the store that package envelope needs. Which wrapper a key needs is in the column kek of
// palisade_data_keys; a row with the seq 0 says that its subject was shredded.
//
// What is deleted leaves the database's own pages and logs when it cleans them: in SQLite set secure_delete, and for both
// see to the backups, before a subject counts as shredded.
func (s *Store) DataKeys() envelope.Store { return dataKeys{s} }

type dataKeys struct{ *Store }

func dataKeySteps() [][]string {
	return [][]string{{
		`CREATE TABLE palisade_data_keys (
			subject TEXT NOT NULL,
			seq BIGINT NOT NULL,
			key_id BIGINT NOT NULL,
			created_at BIGINT NOT NULL,
			kek TEXT NOT NULL,
			wrapped BYTEA NOT NULL,
			PRIMARY KEY (subject, seq)
		)`,
	}}
}

const (
	dataKeyColumns = "subject, seq, key_id, created_at, kek, wrapped"
	addDataKey     = "INSERT INTO palisade_data_keys (" + dataKeyColumns + ") VALUES ($1, $2, $3, $4, $5, $6)" +
		" ON CONFLICT (subject, seq) DO NOTHING"
	listDataKeys   = "SELECT " + dataKeyColumns + " FROM palisade_data_keys WHERE subject = $1"
	isShredded     = "SELECT count(*) FROM palisade_data_keys WHERE subject = $1 AND seq = 0"
	replaceDataKey = "UPDATE palisade_data_keys SET key_id = $1, created_at = $2, kek = $3, wrapped = $4" +
		" WHERE subject = $5 AND seq = $6 AND wrapped = $7"
	deleteDataKey  = "DELETE FROM palisade_data_keys WHERE subject = $1 AND seq = $2 AND seq <> 0"
	deleteDataKeys = "DELETE FROM palisade_data_keys WHERE subject = $1 AND seq <> 0"
)

// List implements [envelope.Store].
func (s dataKeys) List(ctx context.Context, subject string) (all []envelope.Record, err error) {
	if !storable(subject) {
		return nil, nil
	}
	err = s.query(ctx, func(rows *sql.Rows) error {
		var rec envelope.Record
		var id, created int64
		if err := rows.Scan(&rec.Subject, &rec.Seq, &id, &created, &rec.KEK, &rec.Wrapped); err != nil {
			return err
		}
		if rec.Seq == 0 {
			return envelope.ErrShredded
		}
		rec.KeyID, rec.Created = field.KeyID(id), fromMicro(created)
		all = append(all, rec)
		return nil
	}, listDataKeys, subject)
	if err != nil {
		return nil, err
	}
	return all, nil
}

// Add implements [envelope.Store].
func (s dataKeys) Add(ctx context.Context, rec envelope.Record) error {
	if _, err := rec.MarshalBinary(); err != nil { // such as a record that would read as a tombstone
		return err
	}
	return s.together(ctx, func(tx *sql.Tx) error {
		if err := s.lockSubject(ctx, tx, rec.Subject); err != nil {
			return err
		}
		var shredded int
		if err := tx.QueryRowContext(ctx, isShredded, rec.Subject).Scan(&shredded); err != nil {
			return err
		}
		if shredded > 0 {
			return envelope.ErrShredded
		}
		n, err := affected(tx.ExecContext(ctx, addDataKey, rec.Subject, int64(rec.Seq), int64(rec.KeyID),
			rec.Created.UnixMicro(), rec.KEK, rec.Wrapped))
		if err == nil && n == 0 {
			return envelope.ErrExists
		}
		return err
	})
}

// lockSubject makes others who add keys to the subject, or shred it, wait until the transaction ends: PostgreSQL would let a
// key be added beside a tombstone that is not committed yet. SQLite has one writer at a time.
func (s dataKeys) lockSubject(ctx context.Context, tx *sql.Tx, subject string) error {
	if s.dialect != PostgreSQL {
		return nil
	}
	const class = 0x70646b73 // any number that others are unlikely to use
	h := fnv.New32a()
	_, _ = h.Write([]byte(subject))
	_, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1, $2)", class, int32(h.Sum32()))
	return err
}

// Replace implements [envelope.Store].
func (s dataKeys) Replace(ctx context.Context, rec envelope.Record, old []byte) error {
	if _, err := rec.MarshalBinary(); err != nil {
		return err
	}
	n, err := s.exec(ctx, replaceDataKey, int64(rec.KeyID), rec.Created.UnixMicro(), rec.KEK, rec.Wrapped,
		rec.Subject, int64(rec.Seq), old)
	if err != nil || n > 0 {
		return err
	}
	// What refused it stays so: a tombstone is never taken back.
	if _, err := s.List(ctx, rec.Subject); err != nil {
		return err
	}
	return envelope.ErrConflict
}

// Delete implements [envelope.Store].
func (s dataKeys) Delete(ctx context.Context, subject string, seq uint32) error {
	if !storable(subject) {
		return nil
	}
	_, err := s.exec(ctx, deleteDataKey, subject, int64(seq))
	return err
}

// errSubject is for a name that no record could have had: there is nothing to shred, and no place for a tombstone.
var errSubject = errors.New("sqlstore: not the name of a subject")

// Shred implements [envelope.Store].
func (s dataKeys) Shred(ctx context.Context, subject string) error {
	if !storable(subject) {
		return errSubject
	}
	return s.together(ctx, func(tx *sql.Tx) error {
		if err := s.lockSubject(ctx, tx, subject); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, addDataKey, subject, 0, 0, 0, "", []byte{}); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, deleteDataKeys, subject)
		return err
	})
}
