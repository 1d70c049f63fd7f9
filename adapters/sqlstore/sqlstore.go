package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"
	"unicode/utf8"
)

// The statements are one text for both databases: $1 is a placeholder in either. SQLite numbers placeholders as they
// first appear, so they must appear in order.

// lock waits until this process may write, and returns what ends that.
func (s *Store) lock(ctx context.Context) (unlock func(), err error) {
	if s.writer == nil {
		return func() {}, nil
	}
	select {
	case s.writer <- struct{}{}:
		return func() { <-s.writer }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// exec runs one writing statement, and returns how many rows it changed.
func (s *Store) exec(ctx context.Context, statement string, args ...any) (int, error) {
	unlock, err := s.lock(ctx)
	if err != nil {
		return 0, err
	}
	defer unlock()
	result, err := s.db.ExecContext(ctx, statement, args...)
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}

// change runs one writing statement that returns rows, and gives each to scan. Only when it returns nil has anything
// happened.
func (s *Store) change(ctx context.Context, scan func(*sql.Rows) error, statement string, args ...any) error {
	unlock, err := s.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	return s.query(ctx, scan, statement, args...)
}

// query gives each row of a statement to scan, to the last: a change is complete only then.
func (s *Store) query(ctx context.Context, scan func(*sql.Rows) error, statement string, args ...any) error {
	return query(ctx, s.db, scan, statement, args...)
}

// errText refuses to store what PostgreSQL cannot, in either database.
var errText = errors.New("sqlstore: text holds a zero byte or is not UTF-8")

// storable reports whether the texts could be in a column. Asking for others would be an error of the database, where the
// right answer is that nothing is there.
func storable(texts ...string) bool {
	for _, text := range texts {
		if !utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0 {
			return false
		}
	}
	return true
}

// Times are microseconds since 1970: both databases compare integers exactly, and in one way.
func fromMicro(n int64) time.Time { return time.UnixMicro(n) }
