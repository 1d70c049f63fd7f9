package reseal

import "errors"

var (
	// ErrDamaged tells of rows that cannot be opened or indexed, and were left as they are. Until it is known why, no key
	// should go.
	ErrDamaged = errors.New("reseal: rows cannot be opened or indexed")
	// ErrUnfinished tells that some rows are not under the primary yet. Run again.
	ErrUnfinished = errors.New("reseal: not all rows are resealed")
	// ErrInUse refuses to retire a key that rows are sealed with.
	ErrInUse = errors.New("reseal: key is in use")
	// ErrCheckpoint tells that the checkpoint holds something else. To begin at the start, save nil.
	ErrCheckpoint = errors.New("reseal: checkpoint is none of this version")
)

// errRows stops a run that would have no end, or would count what did not happen.
var errRows = errors.New("reseal: Rows break their contract")
