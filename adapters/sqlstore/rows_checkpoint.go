package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/gopalisade/palisade/crypto/field/reseal"
)

// Checkpoint returns where a run of package reseal over one table remembers how far it got. The name is the table's, or any
// other that no other run uses.
func (s *Store) Checkpoint(name string) reseal.Checkpoint { return checkpoint{s, name} }

type checkpoint struct {
	*Store
	name string
}

func checkpointSteps() [][]string {
	return [][]string{{
		`CREATE TABLE palisade_checkpoints (
			name TEXT NOT NULL PRIMARY KEY,
			state BYTEA NOT NULL,
			saved_at BIGINT NOT NULL
		)`,
	}}
}

const (
	getCheckpoint = "SELECT state FROM palisade_checkpoints WHERE name = $1"
	setCheckpoint = "INSERT INTO palisade_checkpoints (name, state, saved_at) VALUES ($1, $2, $3)" +
		" ON CONFLICT (name) DO UPDATE SET state = excluded.state, saved_at = excluded.saved_at"
	deleteCheckpoint = "DELETE FROM palisade_checkpoints WHERE name = $1"
)

// Load implements [reseal.Checkpoint].
func (c checkpoint) Load(ctx context.Context) (state []byte, err error) {
	if !storable(c.name) {
		return nil, errText
	}
	err = c.db.QueryRowContext(ctx, getCheckpoint, c.name).Scan(&state)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return state, err
}

// Save implements [reseal.Checkpoint].
func (c checkpoint) Save(ctx context.Context, state []byte) error {
	if !storable(c.name) {
		return errText
	}
	var err error
	if state == nil {
		_, err = c.exec(ctx, deleteCheckpoint, c.name)
	} else {
		_, err = c.exec(ctx, setCheckpoint, c.name, state, time.Now().UnixMicro())
	}
	return err
}
