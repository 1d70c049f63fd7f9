package reseal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/gopalisade/palisade/crypto/field"
)

// Progress is what a run has done, or what is behind it when it went on from a [Checkpoint]. Rows that it has read are
// resealed, unchanged, gone, left or damaged.
type Progress struct {
	Read      int64 `json:"read"`
	Resealed  int64 `json:"resealed"`  // or would be, in a dry run
	Unchanged int64 `json:"unchanged"` // under the primary already
	Gone      int64 `json:"gone"`      // deleted by somebody else meanwhile
	Left      int64 `json:"left"`      // changed by somebody else as often as it was tried: for the next run
	Damaged   int64 `json:"damaged"`   // cannot be opened or indexed

	Conflicts int64    `json:"conflicts"`            // how often somebody else was faster
	DamagedAt []string `json:"damaged_at,omitempty"` // cursors of the first 100; of each there was an event
	Cursor    string   `json:"cursor"`               // of the last row; "" before the first
}

const maxDamagedAt = 100

// damaged counts a row that cannot be resealed, and reports whether it is one of the first.
func (p *Progress) damaged(cursor string) bool {
	p.Damaged++
	if len(p.DamagedAt) == maxDamagedAt {
		return false
	}
	p.DamagedAt = append(slices.Clip(p.DamagedAt), cursor) // others hold the list as it was
	return true
}

// err is what a run that reached the end has to say.
func (p *Progress) err(samePrimary bool) error {
	var all []error
	if p.Damaged > 0 {
		all = append(all, fmt.Errorf("%w: %d of %d", ErrDamaged, p.Damaged, p.Read))
	}
	switch {
	case !samePrimary:
		all = append(all, fmt.Errorf("%w: another key became the primary", ErrUnfinished))
	case p.Left > 0:
		all = append(all, fmt.Errorf("%w: %d rows kept changing", ErrUnfinished, p.Left))
	}
	return errors.Join(all...)
}

// sound reports whether the numbers can have come from a run.
func (p *Progress) sound() bool {
	for _, n := range []int64{p.Resealed, p.Unchanged, p.Gone, p.Left, p.Damaged, p.Conflicts} {
		if n < 0 {
			return false
		}
	}
	return p.Read == p.Resealed+p.Unchanged+p.Gone+p.Left+p.Damaged && (p.Read > 0) == (p.Cursor != "") &&
		int64(len(p.DamagedAt)) == min(p.Damaged, maxDamagedAt)
}

// state is what a Checkpoint keeps.
type state struct {
	Version  int         `json:"version"`
	Primary  field.KeyID `json:"primary"`
	Progress Progress    `json:"progress"`
}

// load returns how far an earlier run got towards the same primary: for another one, every row has to be read again.
func (r *Resealer) load(ctx context.Context, primary field.KeyID) (Progress, error) {
	raw, err := r.checkpoint.Load(ctx)
	if err != nil || len(raw) == 0 {
		return Progress{}, err
	}
	var s state
	if json.Unmarshal(raw, &s) != nil || s.Version != 1 || !s.Progress.sound() {
		return Progress{}, ErrCheckpoint
	}
	if s.Primary != primary {
		return Progress{}, nil
	}
	return s.Progress, nil
}

func (r *Resealer) save(ctx context.Context, primary field.KeyID, p Progress) error {
	raw, _ := json.Marshal(state{Version: 1, Primary: primary, Progress: p}) // numbers and text never fail
	return r.checkpoint.Save(ctx, raw)
}
