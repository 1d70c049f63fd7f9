package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/gopalisade/palisade/crypto/field/reseal"
)

var errForeign = errors.New("sqlstore: a change is of a row that these Rows have not read")

// Swap implements [reseal.Rows].
func (r *Rows) Swap(ctx context.Context, changes []reseal.Change) ([]reseal.Result, error) {
	if len(changes) == 0 {
		return nil, ctx.Err()
	}
	args := make([][]any, len(changes))
	for i := range changes {
		var err error
		if args[i], err = r.args(&changes[i]); err != nil {
			return nil, err
		}
	}
	for begin, pause := time.Now(), time.Millisecond; ; pause = min(2*pause, 50*time.Millisecond) {
		results, err := r.swapAll(ctx, args)
		if err == nil || !busy(err) || time.Since(begin) > patience {
			return results, err
		}
		// The program's own connections may not wait for other writers.
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// args are those of the statement: the new cells, the key, and the old cells as they were stored.
func (r *Rows) args(c *reseal.Change) ([]any, error) {
	old, ok := c.Old.Own.(*stored)
	if !ok || len(c.New) != len(r.cells) || len(old.cells) != len(r.cells) {
		return nil, errForeign
	}
	args := make([]any, 0, 2*len(r.cells)+1)
	for i, cell := range c.New {
		if cell.Column != r.cells[i].Column {
			return nil, errForeign
		}
		args = append(args, storedAs(cell, r.index[i], old.cells[i]))
	}
	return append(append(args, old.key), old.cells...), nil
}

func (r *Rows) swapAll(ctx context.Context, args [][]any) ([]reseal.Result, error) {
	var opts *sql.TxOptions // SQLite knows one level
	if r.dialect == PostgreSQL {
		// What was committed before a statement begins is what it compares with.
		opts = &sql.TxOptions{Isolation: sql.LevelReadCommitted}
	}
	tx, err := r.db.BeginTx(ctx, opts)
	if err != nil {
		return nil, err
	}
	results, err := r.swapEach(ctx, tx, args)
	if err != nil {
		_ = tx.Rollback() // where that fails, the connection is broken, and the database does it
		return nil, err
	}
	if err := tx.Commit(); err != nil {
		return nil, err
	}
	return results, nil
}

func (r *Rows) swapEach(ctx context.Context, tx *sql.Tx, args [][]any) ([]reseal.Result, error) {
	statement, err := tx.PrepareContext(ctx, r.swap)
	if err != nil {
		return nil, err
	}
	defer func() { _ = statement.Close() }()
	results := make([]reseal.Result, len(args))
	for i := range args {
		n, err := affected(statement.ExecContext(ctx, args[i]...))
		switch {
		case err != nil:
			return nil, err
		case n == 1:
			results[i].State = reseal.Done
		case n > 1:
			return nil, errKey
		default:
			if results[i], err = r.now(ctx, tx, args[i][len(r.cells)]); err != nil {
				return nil, err
			}
		}
	}
	return results, nil
}

// now says what has become of a row that is not what it was.
func (r *Rows) now(ctx context.Context, tx *sql.Tx, key any) (reseal.Result, error) {
	result := reseal.Result{State: reseal.Gone}
	err := query(ctx, tx, func(rows *sql.Rows) (err error) {
		result.State = reseal.Changed
		result.Row, err = r.scan(rows)
		return err
	}, r.get, key)
	return result, err
}
