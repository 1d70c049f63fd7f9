package reseal

import (
	"context"
	"fmt"

	"github.com/gopalisade/palisade/crypto/field"
)

// Count returns how many cells each key has sealed, and under 0 how many name no key since they are no sealed values. It
// reads every row, but opens none, and needs no key.
func Count(ctx context.Context, rows Rows) (map[field.KeyID]int64, error) {
	const batch = 1000
	cells := map[field.KeyID]int64{}
	for after := ""; ; {
		list, err := next(ctx, rows, after, batch)
		if err != nil {
			return nil, err
		}
		if len(list) == 0 {
			return cells, ctx.Err()
		}
		for i := range list {
			for _, c := range list[i].Cells {
				id, err := c.SealedBy()
				if err != nil || id != 0 {
					cells[id]++
				}
			}
		}
		after = list[len(list)-1].Cursor
	}
}

// Retire disables a key of the ring if no row of any table refers to it: give all the tables that the ring has sealed. Every
// process that writes to them must have another primary by then, for a row that is sealed while Retire reads is not found.
//
// The error is [ErrInUse] as long as rows refer to the key, [ErrDamaged] when cells are no sealed values and may be
// anything, [field.ErrUnknownKey], [field.ErrPrimary] or [field.ErrClosed]. The key stays as it was then.
func Retire(ctx context.Context, ring *field.Ring, id field.KeyID, rows Rows, more ...Rows) error {
	if err := retirable(ring, id); err != nil {
		return err
	}
	var inUse, unknown int64
	for _, rows := range append([]Rows{rows}, more...) {
		cells, err := Count(ctx, rows)
		if err != nil {
			return err
		}
		inUse += cells[id]
		unknown += cells[0]
	}
	switch {
	case inUse > 0:
		return fmt.Errorf("%w: key %d, %d cells", ErrInUse, id, inUse)
	case unknown > 0:
		return fmt.Errorf("%w: %d cells are no sealed values", ErrDamaged, unknown)
	}
	return ring.Disable(id)
}

// retirable says beforehand what Disable would.
func retirable(ring *field.Ring, id field.KeyID) error {
	if _, err := primaryOf(ring); err != nil {
		return err
	}
	for _, k := range ring.Keys() {
		switch {
		case k.ID == id && k.State == field.Primary:
			return field.ErrPrimary
		case k.ID == id:
			return nil
		}
	}
	return field.ErrUnknownKey
}
