package reseal

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/monitor/event"
)

// Run goes over the rows to the end. It returns what it has done even when it fails: with [ErrDamaged] after rows that
// cannot be opened, [ErrUnfinished] when some need another run, [ErrCheckpoint], the context's error, an error of the Rows or
// the Checkpoint, or [field.ErrClosed] and [field.ErrExhausted]. Before the end, nothing is undone: to run again goes on.
//
// A run that reached the end leaves an empty checkpoint, so that the next one begins at the start and finds what others
// have stored under the old key since.
func (r *Resealer) Run(ctx context.Context) (Progress, error) {
	primary, err := primaryOf(r.ring)
	if err != nil {
		return Progress{}, err
	}
	p, err := r.load(ctx, primary)
	if err != nil {
		return Progress{}, err
	}
	for {
		begin := time.Now()
		rows, err := next(ctx, r.rows, p.Cursor, r.batch)
		if err != nil {
			return p, err
		}
		if len(rows) == 0 {
			break
		}
		done, err := r.work(ctx, p, rows)
		if err != nil {
			return p, err
		}
		p = done
		if err := r.save(ctx, primary, p); err != nil {
			return p, err
		}
		r.onProgress(p)
		if err := r.pace(ctx, begin, len(rows)); err != nil {
			return p, err
		}
	}
	if err := r.checkpoint.Save(ctx, nil); err != nil {
		return p, err
	}
	now, err := primaryOf(r.ring)
	if err != nil {
		return p, err
	}
	return p, p.err(now == primary)
}

func primaryOf(ring *field.Ring) (field.KeyID, error) {
	for _, k := range ring.Keys() {
		if k.State == field.Primary {
			return k.ID, nil
		}
	}
	return 0, field.ErrClosed
}

const (
	attempts  = 8
	firstWait = 10 * time.Millisecond // doubled each time: more than a second in all
)

// work reseals one batch. Rows that somebody else was faster with are read and tried again.
func (r *Resealer) work(ctx context.Context, p Progress, rows []Row) (Progress, error) {
	p.Read += int64(len(rows))
	p.Cursor = rows[len(rows)-1].Cursor
	for try := range attempts {
		if try > 0 {
			if err := wait(ctx, firstWait<<(try-1)); err != nil {
				return p, err
			}
		}
		changes, err := r.reseal(ctx, &p, rows)
		if err != nil || len(changes) == 0 {
			return p, err
		}
		if r.dry {
			p.Resealed += int64(len(changes))
			return p, nil
		}
		results, err := r.rows.Swap(ctx, changes)
		if err != nil {
			return p, err
		}
		if rows, err = p.settle(changes, results); err != nil || len(rows) == 0 {
			return p, err
		}
	}
	p.Left += int64(len(rows))
	return p, nil
}

// reseal returns the changes that rows need.
func (r *Resealer) reseal(ctx context.Context, p *Progress, rows []Row) ([]Change, error) {
	var changes []Change
	for i := range rows {
		row := &rows[i]
		cells, changed, err := r.reseal1(row)
		switch {
		case errors.Is(err, field.ErrClosed) && r.ring.Keys() == nil, errors.Is(err, field.ErrExhausted):
			return nil, err // of the ring, and not of the row
		case err != nil:
			if p.damaged(row.Cursor) {
				event.Emit(ctx, event.Event{
					Code: event.CryptDecryptFail, Level: slog.LevelError, Object: row.Cursor, Reason: "reseal", Err: err,
				})
			}
			r.onDamaged(row.Cursor, err)
		case changed:
			changes = append(changes, Change{Old: *row, New: cells})
		default:
			p.Unchanged++
		}
	}
	return changes, nil
}

func (r *Resealer) reseal1(row *Row) (field.Cells, bool, error) {
	table := r.table(row.Tenant)
	if table == nil {
		return nil, false, field.ErrBinding
	}
	return table.Reseal(row.Cells, row.Key...)
}

// settle counts what became of changes, and returns the rows to try again.
func (p *Progress) settle(changes []Change, results []Result) (again []Row, err error) {
	if len(results) != len(changes) {
		return nil, errRows
	}
	for _, result := range results {
		switch result.State {
		case Done:
			p.Resealed++
		case Gone:
			p.Gone++
		case Changed:
			p.Conflicts++
			again = append(again, result.Row)
		default:
			return nil, errRows
		}
	}
	return again, nil
}

// pace waits until n rows may have been read.
func (r *Resealer) pace(ctx context.Context, begin time.Time, n int) error {
	if r.rate == 0 {
		return ctx.Err()
	}
	return wait(ctx, time.Until(begin.Add(time.Duration(float64(n)/r.rate*float64(time.Second)))))
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}
