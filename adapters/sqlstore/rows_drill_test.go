package sqlstore_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gopalisade/palisade/adapters/sqlstore"
	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/field/reseal"
	"github.com/gopalisade/palisade/crypto/secret"
)

// TestRotation lets a process reseal a table, kills it again and again, and starts it again, while writers update, insert
// and delete rows, half of them with the old key still. In the end nothing may be lost, and nothing under the old key.
//
// With PALISADE_SOAK=1 it has a million rows.
func TestRotation(t *testing.T) {
	rows, kills, pace := 12_000, 6, "100 6000"
	if os.Getenv("PALISADE_SOAK") != "" {
		rows, kills, pace = 1_000_000, 25, "500 0" // as fast as it goes
	}
	path := filepath.Join(t.TempDir(), "drill.db")
	d := &drill{rows: int64(rows), db: openSQLite(t, path), dialect: sqlstore.SQLite, writers: []*drillWriter{{}, {}, {}}}
	d.store = newStore(t, d.db, sqlstore.SQLite)
	begin := time.Now()
	d.fill(t)
	t.Logf("%d rows in %v", rows, time.Since(begin).Round(time.Millisecond))

	stop := d.write(t)
	defer stop()
	begin = time.Now()
	killed := 0
	for next := int64(0); ; killed++ {
		if next = d.cursor(t) + rand.Int64N(d.rows/int64(kills)); killed == kills {
			next = math.MaxInt64
		}
		if !d.resealUntilKilled(t, path, pace, next) {
			break
		}
	}
	took := time.Since(begin)
	stop()
	t.Logf("resealed in %v, killed %d times", took.Round(time.Millisecond), killed)
	if killed < 3 {
		t.Errorf("killed %d times, want 3 at least: the drill tells nothing", killed)
	}
	d.finish(t)
	d.check(t)
}

// TestRotationProcess is the process that TestRotation kills.
func TestRotationProcess(t *testing.T) {
	path := os.Getenv("PALISADE_TEST_ROTATION")
	if path == "" {
		t.Skip("is a part of TestRotation")
	}
	d := &drill{db: openSQLite(t, path), dialect: sqlstore.SQLite}
	d.store = newStore(t, d.db, sqlstore.SQLite)
	var batch int
	var rate float64
	if _, err := fmt.Sscan(os.Getenv("PALISADE_TEST_PACE"), &batch, &rate); err != nil {
		t.Fatal(err)
	}
	p, err := d.resealer(t, d.ring(t, 2), batch, rate).Run(t.Context())
	if err != nil && !errors.Is(err, reseal.ErrUnfinished) {
		t.Fatalf("got %+v, %v", p, err)
	}
	fmt.Printf("conflicts=%d.\n", p.Conflicts)
}

type drill struct {
	rows    int64
	db      *sql.DB
	dialect sqlstore.Dialect
	store   *sqlstore.Store
	writers []*drillWriter
	reached atomic.Int64 // by the process, at the last look
}

type patient struct {
	Email string `enc:"email,index=eq,fold"`
	Note  string `enc:"note,pad=32"`
}

func (d *drill) ring(t testing.TB, primary field.KeyID) *field.Ring {
	t.Helper()
	var keys []field.Key
	for id := field.KeyID(1); id <= 2; id++ {
		key := sha256.Sum256(fmt.Append(nil, "drill ", id))
		keys = append(keys, field.Key{ID: id, Secret: secret.New(key[:])})
	}
	keys[primary-1].State = field.Primary
	ring, err := field.New(field.Config{Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func (d *drill) table(t testing.TB, ring *field.Ring) *field.Table[patient] {
	t.Helper()
	table, err := field.NewTable[patient](field.TableConfig{Ring: ring, Table: "patients"})
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func (d *drill) sealed(t testing.TB, ring *field.Ring) *sqlstore.Rows {
	t.Helper()
	rows, err := sqlstore.NewRows(sqlstore.RowsConfig{
		DB: d.db, Dialect: d.dialect, Table: "patients", Key: "id", Cells: d.table(t, ring).Cells(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func (d *drill) resealer(t testing.TB, ring *field.Ring, batch int, rate float64) *reseal.Resealer {
	t.Helper()
	r, err := reseal.New(reseal.Config{
		Ring: ring, Rows: d.sealed(t, ring), Table: d.table(t, ring), Batch: batch, RowsPerSecond: rate,
		Checkpoint: d.store.Checkpoint("patients"),
		OnDamaged:  func(cursor string, err error) { t.Errorf("row %s: %v", cursor, err) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// initial is what a row holds before anybody has written to it.
func initial(id int64) patient {
	return patient{Email: fmt.Sprintf("P%d@example.com", id), Note: fmt.Sprint("note ", id)}
}

const insertPatient = "INSERT INTO patients (email, email_eq, note, id) VALUES ($1, $2, $3, $4)"

// fill stores the rows under key 1.
func (d *drill) fill(t testing.TB) {
	t.Helper()
	execute(t, d.db, d.dialect,
		"CREATE TABLE patients (id BIGINT PRIMARY KEY, email BYTEA NOT NULL, email_eq BYTEA NOT NULL, note BYTEA)")
	tx, err := d.db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	insert, err := tx.PrepareContext(t.Context(), insertPatient)
	if err != nil {
		t.Fatal(err)
	}
	table := d.table(t, d.ring(t, 1))
	for id := int64(1); id <= d.rows; id++ {
		p := initial(id)
		cells, err := table.SealRow(&p, field.Int(id))
		if err == nil {
			_, err = insert.ExecContext(t.Context(), append(cells.Args(), id)...)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}

// drillWriter is somebody who writes to rows of his own, and knows what he has written.
type drillWriter struct {
	first, step int64
	old, fresh  *field.Table[patient]
	done        map[int64]*patient // nil for a row that he has deleted
	inserted    int64
	writes      int
	slowest     time.Duration
}

// write starts the writers, and returns what ends them.
func (d *drill) write(t *testing.T) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for i, w := range d.writers {
		w.first, w.step, w.done = int64(i)+1, int64(len(d.writers)), map[int64]*patient{}
		w.old, w.fresh = d.table(t, d.ring(t, 1)), d.table(t, d.ring(t, 2))
		wg.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case <-time.After(rand.N(4 * time.Millisecond)): // whoever writes without a break keeps all others from it
				}
				begin := time.Now()
				if err := w.write(t.Context(), d); err != nil { // a write is never left half way
					t.Errorf("a writer: %v", err)
					return
				}
				w.writes++
				w.slowest = max(w.slowest, time.Since(begin))
			}
		})
	}
	return sync.OnceFunc(func() {
		cancel()
		wg.Wait()
		for i, w := range d.writers {
			t.Logf("writer %d: %d writes, the slowest took %v", i, w.writes, w.slowest.Round(time.Millisecond))
			if w.writes < 10 {
				t.Errorf("writer %d: %d writes, want 10 at least", i, w.writes)
			}
		}
	})
}

// write does one thing to one row.
func (w *drillWriter) write(ctx context.Context, d *drill) error {
	id := w.first + w.step*rand.Int64N(d.rows/w.step)
	if rand.IntN(3) > 0 { // where the process is at work
		id = min(d.reached.Load()+rand.Int64N(500), d.rows-w.step)
		id += w.first - id%w.step
	}
	table := w.fresh
	if rand.IntN(2) == 0 {
		table = w.old
	}
	now, touched := w.done[id]
	if !touched {
		p := initial(id)
		now = &p
	}
	next := patient{Email: fmt.Sprintf("p%d.%d@example.com", id, w.writes), Note: fmt.Sprint("write ", w.writes)}
	what := rand.IntN(10)
	if what == 0 { // behind the last row
		w.inserted++
		id = d.rows + w.first + w.step*w.inserted
	} else if now != nil && what < 4 { // one column only
		next.Email = now.Email
	}
	cells, err := table.SealRow(&next, field.Int(id))
	if err != nil {
		return err
	}
	switch {
	case what == 0, now == nil: // or again after it was deleted
		_, err = d.db.ExecContext(ctx, insertPatient, append(cells.Args(), id)...)
	case what < 4:
		_, err = d.db.ExecContext(ctx, "UPDATE patients SET note = $1 WHERE id = $2", cells.Get("note"), id)
	case what == 4:
		_, err = d.db.ExecContext(ctx, "DELETE FROM patients WHERE id = $1", id)
		w.done[id] = nil
		return err
	default:
		const update = "UPDATE patients SET email = $1, email_eq = $2, note = $3 WHERE id = $4"
		_, err = d.db.ExecContext(ctx, update, append(cells.Args(), id)...)
	}
	w.done[id] = &next
	return err
}

// resealUntilKilled starts the process, kills it some time after it has come to a row, and reports whether it did.
func (d *drill) resealUntilKilled(t *testing.T, path, pace string, row int64) bool {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe, "-test.run=^TestRotationProcess$", "-test.v")
	cmd.Env = append(os.Environ(), "PALISADE_TEST_ROTATION="+path, "PALISADE_TEST_PACE="+pace)
	var out safeBuffer
	cmd.Stdout, cmd.Stderr = &out, &out
	before := d.cursor(t)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var moment <-chan time.Time // never, at first
	poll := time.NewTicker(2 * time.Millisecond)
	defer poll.Stop()
	for wasKilled := false; ; {
		select {
		case err := <-ended:
			if !wasKilled {
				var conflicts int
				_, text, _ := strings.Cut(out.String(), "conflicts=")
				if _, scanErr := fmt.Sscanf(text, "%d.", &conflicts); err != nil || scanErr != nil {
					t.Fatalf("the process: %v\n%s", err, out.String())
				}
				if conflicts == 0 {
					t.Error("the process has met no writer")
				}
				t.Logf("the process has met %d conflicts", conflicts)
			}
			if wasKilled {
				t.Logf("killed behind row %d, having begun behind %d", d.cursor(t), before)
			}
			return wasKilled
		case <-poll.C:
			if d.reached.Store(d.cursor(t)); moment == nil && d.reached.Load() > row {
				moment = time.After(rand.N(30 * time.Millisecond)) // of a batch, between its steps
			}
		case <-moment:
			wasKilled = cmd.Process.Kill() == nil
		}
	}
}

// cursor is how far the checkpoint is.
func (d *drill) cursor(t *testing.T) (id int64) {
	t.Helper()
	raw, err := d.store.Checkpoint("patients").Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(raw) == 0 {
		return 0
	}
	var state struct{ Progress reseal.Progress }
	if err := json.Unmarshal(raw, &state); err != nil {
		t.Fatal(err)
	}
	if id, err = strconv.ParseInt(state.Progress.Cursor, 10, 64); err != nil {
		t.Fatal(err)
	}
	return id
}

// finish makes the last pass, for what the writers have sealed with the old key behind the process's back.
func (d *drill) finish(t *testing.T) {
	ring := d.ring(t, 2)
	r := d.resealer(t, ring, 500, 0)
	begin := time.Now()
	p, err := r.Run(t.Context())
	if err != nil || p.Read != p.Unchanged+p.Resealed {
		t.Errorf("last pass: got %+v, %v", p, err)
	}
	t.Logf("last pass over %d rows in %v: %d under the old key", p.Read, time.Since(begin).Round(time.Millisecond), p.Resealed)
	if p, err := r.Run(t.Context()); err != nil || p.Resealed != 0 || p.Conflicts != 0 {
		t.Errorf("one more: got %+v, %v, want nothing to do", p, err)
	}
	if err := reseal.Retire(t.Context(), ring, 1, d.sealed(t, ring)); err != nil {
		t.Errorf("retire: got %v", err)
	}
}

// check opens every row with the new key only, and compares it with what was written last.
func (d *drill) check(t *testing.T) {
	ring := d.ring(t, 2)
	if err := ring.Disable(1); err != nil {
		t.Fatal(err)
	}
	want := map[int64]*patient{}
	lost := int(d.rows)
	for _, w := range d.writers {
		for id, p := range w.done {
			want[id] = p
			switch {
			case p == nil:
				lost--
			case id > d.rows:
				lost++
			}
		}
	}
	table := d.table(t, ring)
	rows, err := d.db.QueryContext(t.Context(), "SELECT id, email, email_eq, note FROM patients")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id int64
		var got patient
		cells := table.Cells()
		if err := rows.Scan(append([]any{&id}, cells.Args()...)...); err != nil {
			t.Fatal(err)
		}
		p, touched := want[id]
		if !touched {
			own := initial(id)
			p = &own
		}
		err := table.OpenRow(cells, &got, field.Int(id))
		_, stale, resealErr := table.Reseal(cells, field.Int(id)) // tells an index that is not of the value
		if err != nil || resealErr != nil || stale || p == nil || got != *p {
			t.Errorf("row %d: got %+v, %v, stale %t, want %+v", id, got, err, stale, p)
		}
		lost--
	}
	if err := rows.Err(); err != nil || lost != 0 {
		t.Errorf("%v, and %d rows are lost", err, lost)
	}
}

// safeBuffer collects what a process prints.
type safeBuffer struct {
	mu   sync.Mutex
	text []byte
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.text = append(b.text, p...)
	return len(p), nil
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return string(b.text)
}
