package reseal

import (
	"context"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/internal/conf"
)

// Config describes a [Resealer]. Ring, Rows, and Table or Tenant are needed.
type Config struct {
	_ [0]func() // keyed literals only, never comparable

	Ring  *field.Ring // of all rows
	Rows  Rows
	Table Table
	// Tenant returns the table for the rows of a tenant, instead of Table:
	//
	//	func(id string) reseal.Table { return customers.Tenant(id) }
	Tenant func(id string) Table

	Batch         int        // rows that are read and stored together, 1 to 10000; 500
	RowsPerSecond float64    // at most, 0.01 to 1e9; as fast as it goes
	DryRun        bool       // opens, seals and counts, but stores nothing, and uses no Checkpoint
	Checkpoint    Checkpoint // where a run that was stopped goes on; each begins at the start

	OnProgress func(Progress)                   // called after each batch
	OnDamaged  func(cursor string, cause error) // called for each row that cannot be resealed; the cause is for the log
}

// Table is what a [field.Table] does to a row.
type Table interface {
	Reseal(cells field.Cells, row ...field.Part) (out field.Cells, changed bool, err error)
}

// Checkpoint remembers how far a run got. One belongs to one table, of which one run is under way at a time: a second one
// would do no harm but to go over rows twice.
type Checkpoint interface {
	Load(ctx context.Context) ([]byte, error) // what was saved last; nil for nothing
	Save(ctx context.Context, state []byte) error
}

// Resealer reseals the rows of a table. It is safe for concurrent use.
type Resealer struct {
	ring       *field.Ring
	rows       Rows
	table      func(tenant string) Table
	batch      int
	rate       float64
	dry        bool
	checkpoint Checkpoint
	onProgress func(Progress)
	onDamaged  func(string, error)
}

// New returns a Resealer, or every fault of cfg joined.
func New(cfg Config) (*Resealer, error) {
	conf.Default(&cfg.Batch, 500)
	f := conf.Faults{Room: "reseal"}
	f.Check(cfg.Ring != nil, "Ring", nil, "is required")
	f.Check(cfg.Rows != nil, "Rows", nil, "is required")
	f.Check((cfg.Table != nil) != (cfg.Tenant != nil), "Table", nil, "is required, or Tenant, and not both")
	f.Check(cfg.Batch >= 1 && cfg.Batch <= maxBatch, "Batch", cfg.Batch, "must be between 1 and 10000")
	f.Check(cfg.RowsPerSecond == 0 || cfg.RowsPerSecond >= 0.01 && cfg.RowsPerSecond <= 1e9, "RowsPerSecond", cfg.RowsPerSecond,
		"must be 0, or between 0.01 and 1e9")
	if err := f.Err(); err != nil {
		return nil, err
	}
	r := &Resealer{
		ring: cfg.Ring, rows: cfg.Rows, table: cfg.Tenant, batch: cfg.Batch, rate: cfg.RowsPerSecond, dry: cfg.DryRun,
		checkpoint: cfg.Checkpoint, onProgress: cfg.OnProgress, onDamaged: cfg.OnDamaged,
	}
	if r.table == nil {
		r.table = func(string) Table { return cfg.Table }
	}
	if r.dry || r.checkpoint == nil {
		r.checkpoint = nowhere{}
	}
	if r.onProgress == nil {
		r.onProgress = func(Progress) {}
	}
	if r.onDamaged == nil {
		r.onDamaged = func(string, error) {}
	}
	if r.rate > 0 { // no longer bursts than of a second
		r.batch = max(1, min(r.batch, int(r.rate)))
	}
	return r, nil
}

const maxBatch = 10000

// nowhere is the Checkpoint of a run that begins at the start.
type nowhere struct{}

func (nowhere) Load(context.Context) ([]byte, error) { return nil, nil }

func (nowhere) Save(context.Context, []byte) error { return nil }
