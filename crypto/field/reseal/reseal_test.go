package reseal_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/field/reseal"
	"github.com/gopalisade/palisade/crypto/field/reseal/resealtest"
	"github.com/gopalisade/palisade/internal/conf"
	"github.com/gopalisade/palisade/monitor/event"
)

func TestNewFaults(t *testing.T) {
	w := newWorld(t, 0)
	tenant := func(id string) reseal.Table { return w.table.Tenant(id) }
	for _, tc := range []struct {
		name   string
		change func(*reseal.Config)
		want   string // fields
	}{
		{"good", func(*reseal.Config) {}, ""},
		{"nothing", func(c *reseal.Config) { *c = reseal.Config{} }, "Ring Rows Table"},
		{"table and tenant", func(c *reseal.Config) { c.Tenant = tenant }, "Table"},
		{"tenant", func(c *reseal.Config) { c.Table, c.Tenant = nil, tenant }, ""},
		{"negative batch", func(c *reseal.Config) { c.Batch = -1 }, "Batch"},
		{"large batch", func(c *reseal.Config) { c.Batch = 10001 }, "Batch"},
		{"negative rate", func(c *reseal.Config) { c.RowsPerSecond = -1 }, "RowsPerSecond"},
		{"slow", func(c *reseal.Config) { c.RowsPerSecond = 0.001 }, "RowsPerSecond"},
		{"no number", func(c *reseal.Config) { c.RowsPerSecond = math.NaN() }, "RowsPerSecond"},
		{"infinite", func(c *reseal.Config) { c.RowsPerSecond = math.Inf(1) }, "RowsPerSecond"},
		{"everything", func(c *reseal.Config) { c.Batch, c.RowsPerSecond = 10000, 1e9 }, ""},
	} {
		cfg := w.config()
		tc.change(&cfg)
		r, err := reseal.New(cfg)
		var got []string
		for _, fault := range conf.All(err) {
			got = append(got, fault.Field)
		}
		if strings.Join(got, " ") != tc.want || (r == nil) != (tc.want != "") {
			t.Errorf("%s: got %v, want faults in %q", tc.name, err, tc.want)
		}
	}
}

func TestRun(t *testing.T) {
	w := newWorld(t, 25)
	var seen []int64
	cfg := w.config()
	cfg.OnProgress = func(p reseal.Progress) { seen = append(seen, p.Read) }
	r := newResealer(t, cfg)
	p, err := r.Run(t.Context())
	want := reseal.Progress{Read: 25, Resealed: 25, Cursor: "25"}
	if err != nil || !reflect.DeepEqual(p, want) {
		t.Errorf("got %+v, %v, want %+v", p, err, want)
	}
	if !reflect.DeepEqual(seen, []int64{10, 20, 25}) {
		t.Errorf("progress %v", seen)
	}
	if n := w.under(t); n[2] != 25 || len(n) != 1 {
		t.Errorf("cells by key: got %v, want 25 under key 2", n)
	}
	w.primary(t, 1)
	w.put(t, 7) // by a process that does not know of key 2
	w.primary(t, 2)
	p, err = r.Run(t.Context())
	if want = (reseal.Progress{Read: 25, Resealed: 1, Unchanged: 24, Cursor: "25"}); err != nil || !reflect.DeepEqual(p, want) {
		t.Errorf("again: got %+v, %v, want %+v", p, err, want)
	}
	var got customer
	if err := w.table.OpenRow(w.rows.Get(7), &got, field.Int(7)); err != nil || got.Email != "c7@example.com" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestRunTenants(t *testing.T) {
	w := newWorld(t, 0)
	w.primary(t, 1)
	rows := &stub{Rows: w.rows}
	for id := int64(1); id <= 4; id++ {
		table := w.table.Tenant(fmt.Sprint("t", id%2))
		cells, err := table.SealRow(&customer{Email: "a@example.com"}, field.Int(id))
		if err == nil {
			err = w.rows.Put(t.Context(), id, cells)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	w.primary(t, 2)
	rows.next = func(ctx context.Context, after string, n int) ([]reseal.Row, error) {
		list, err := w.rows.Next(ctx, after, n)
		for i := range list {
			if list[i].Tenant = fmt.Sprint("t", list[i].Own.(int64)%2); list[i].Own == int64(4) {
				list[i].Tenant = ""
			}
		}
		return list, err
	}
	p, err := newResealer(t, reseal.Config{Ring: w.ring, Rows: rows, Tenant: func(id string) reseal.Table {
		if id == "" {
			return nil
		}
		return w.table.Tenant(id)
	}}).Run(t.Context())
	if !errors.Is(err, reseal.ErrDamaged) || p.Resealed != 3 || p.Damaged != 1 || p.DamagedAt[0] != "4" {
		t.Errorf("got %+v, %v, want 3 resealed and one without a tenant", p, err)
	}
	var got customer
	if err := w.table.Tenant("t1").OpenRow(w.rows.Get(3), &got, field.Int(3)); err != nil || got.Email != "a@example.com" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestDryRun(t *testing.T) {
	w := newWorld(t, 15)
	w.damage(t, 3)
	w.put(t, 4)
	before := map[int64]field.Cells{}
	for id := int64(1); id <= 15; id++ {
		before[id] = w.rows.Get(id)
	}
	cfg := w.config()
	cfg.DryRun, cfg.Checkpoint = true, &note{load: errors.New("not asked"), save: errors.New("not told")}
	cfg.Rows = &stub{Rows: w.rows, swap: func(context.Context, []reseal.Change) ([]reseal.Result, error) {
		t.Error("a dry run stores something")
		return nil, nil
	}}
	p, err := newResealer(t, cfg).Run(t.Context())
	want := reseal.Progress{Read: 15, Resealed: 13, Unchanged: 1, Damaged: 1, DamagedAt: []string{"3"}, Cursor: "15"}
	if !errors.Is(err, reseal.ErrDamaged) || !reflect.DeepEqual(p, want) {
		t.Errorf("got %+v, %v, want %+v", p, err, want)
	}
	after := map[int64]field.Cells{}
	for id := range maps.Keys(before) {
		after[id] = w.rows.Get(id)
	}
	if !reflect.DeepEqual(before, after) {
		t.Error("a dry run has changed rows")
	}
}

// A damaged row is told, and stays for whoever can mend it.
func TestDamaged(t *testing.T) {
	w := newWorld(t, 250)
	for id := int64(1); id <= 120; id++ {
		w.damage(t, 2*id)
	}
	damaged := w.rows.Get(2)
	var events []event.Event
	ctx := event.WithRecorder(t.Context(), event.RecorderFunc(func(_ context.Context, e event.Event) {
		events = append(events, e)
	}))
	var told []string
	cfg := w.config()
	cfg.OnDamaged = func(cursor string, cause error) {
		if told = append(told, cursor); !errors.Is(cause, field.ErrOpen) {
			t.Errorf("row %s: got %v", cursor, cause)
		}
	}
	p, err := newResealer(t, cfg).Run(ctx)
	if !errors.Is(err, reseal.ErrDamaged) || errors.Is(err, reseal.ErrUnfinished) {
		t.Errorf("got %v, want ErrDamaged", err)
	}
	if p.Read != 250 || p.Resealed != 130 || p.Damaged != 120 || len(p.DamagedAt) != 100 || p.DamagedAt[99] != "200" {
		t.Errorf("got %+v", p)
	}
	if len(told) != 120 || told[119] != "240" {
		t.Errorf("told of %d rows: %v", len(told), told)
	}
	if len(events) != 100 || events[0].Code != event.CryptDecryptFail || events[0].Object != "2" {
		t.Errorf("got %d events, the first %+v", len(events), events[0])
	}
	if now := w.rows.Get(2); !reflect.DeepEqual(now, damaged) {
		t.Error("a damaged row was overwritten")
	}
	if err := reseal.Retire(t.Context(), w.ring, 1, w.rows); !errors.Is(err, reseal.ErrInUse) {
		t.Errorf("retire: got %v, want ErrInUse", err)
	}
}

func TestRunStops(t *testing.T) {
	failed := errors.New("failed")
	ask := func(change func(*world, *reseal.Config, *stub)) (reseal.Progress, error) {
		w := newWorld(t, 25)
		cfg := w.config()
		s := &stub{Rows: w.rows}
		cfg.Rows = s
		change(w, &cfg, s)
		return newResealer(t, cfg).Run(t.Context())
	}
	results := func(all ...reseal.Result) func(*world, *reseal.Config, *stub) {
		return func(_ *world, c *reseal.Config, s *stub) {
			c.Batch = 1
			s.swap = func(context.Context, []reseal.Change) ([]reseal.Result, error) { return all, nil }
		}
	}
	batch := func(rows ...reseal.Row) func(*world, *reseal.Config, *stub) {
		return func(_ *world, c *reseal.Config, s *stub) {
			s.next = func(context.Context, string, int) ([]reseal.Row, error) { return rows, nil }
		}
	}
	at := func(cursor string) reseal.Row { return reseal.Row{Cursor: cursor, Key: []field.Part{field.Int(1)}} }
	for _, tc := range []struct {
		name   string
		change func(*world, *reseal.Config, *stub)
		read   int64
		want   error // nil: one without a name
	}{
		{"closed", func(w *world, _ *reseal.Config, _ *stub) { _ = w.ring.Close() }, 0, field.ErrClosed},
		{"closed on the way", func(w *world, c *reseal.Config, _ *stub) {
			c.OnProgress = func(reseal.Progress) { _ = w.ring.Close() }
		}, 10, field.ErrClosed},
		{"closed at the end", func(w *world, c *reseal.Config, _ *stub) {
			c.OnProgress = func(p reseal.Progress) {
				if p.Read == 25 {
					_ = w.ring.Close()
				}
			}
		}, 25, field.ErrClosed},
		{"Next fails", func(w *world, _ *reseal.Config, s *stub) {
			s.next = func(ctx context.Context, after string, n int) ([]reseal.Row, error) {
				if after != "" {
					return nil, failed
				}
				return w.rows.Next(ctx, after, n)
			}
		}, 10, failed},
		{"Swap fails", func(_ *world, _ *reseal.Config, s *stub) {
			s.swap = func(context.Context, []reseal.Change) ([]reseal.Result, error) { return nil, failed }
		}, 0, failed},
		{"Load fails", func(_ *world, c *reseal.Config, _ *stub) { c.Checkpoint = &note{load: failed} }, 0, failed},
		{"Save fails", func(_ *world, c *reseal.Config, _ *stub) { c.Checkpoint = &note{save: failed} }, 10, failed},
		{"Save fails at the end", func(_ *world, c *reseal.Config, _ *stub) {
			n := &note{}
			c.Checkpoint = n
			c.OnProgress = func(p reseal.Progress) {
				if p.Read == 25 {
					n.save = failed
				}
			}
		}, 25, failed},
		{
			"no checkpoint", func(_ *world, c *reseal.Config, _ *stub) { c.Checkpoint = &note{state: []byte("x")} }, 0,
			reseal.ErrCheckpoint,
		},
		{"too few results", results(), 0, nil},
		{"a result without a state", results(reseal.Result{}), 0, nil},
		{"the same rows again", batch(at("1"), at("2")), 2, nil},
		{"a row twice", batch(at("1"), at("1")), 0, nil},
		{"back to the start", batch(at("1"), at("")), 0, nil},
		{"too many rows", func(_ *world, c *reseal.Config, s *stub) {
			c.Batch = 1
			batch(at("1"), at("2"))(nil, c, s)
		}, 0, nil},
	} {
		p, err := ask(tc.change)
		if err == nil || tc.want != nil && !errors.Is(err, tc.want) || p.Read != tc.read {
			t.Errorf("%s: got %+v, %v, want %v after %d rows", tc.name, p, err, tc.want, tc.read)
		}
	}
}

func TestRunExhausted(t *testing.T) {
	w := newWorld(t, 3)
	ring, err := field.New(field.Config{
		Keys:  []field.Key{key(1, field.Active), key(2, field.Primary)},
		Suite: field.AES256GCMCommit, AlsoOpen: []field.Suite{field.AES256GCM}, MaxSeals: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err := newResealer(t, reseal.Config{Ring: ring, Rows: w.rows, Table: newTable(t, ring)}).Run(t.Context())
	if !errors.Is(err, field.ErrExhausted) || p.Damaged != 0 {
		t.Errorf("got %+v, %v, want ErrExhausted", p, err)
	}
}

// Rows that change under the hand are read and tried again, and left when that does not end.
func TestConflicts(t *testing.T) {
	for _, tc := range []struct {
		name  string
		times int // that somebody is faster
		take  time.Duration
		want  reseal.Progress
		err   error
	}{
		{"never", 0, 0, reseal.Progress{Read: 3, Resealed: 3}, nil},
		{"once", 1, 10 * time.Millisecond, reseal.Progress{Read: 3, Resealed: 3, Conflicts: 1}, nil},
		{"seven times", 7, 1270 * time.Millisecond, reseal.Progress{Read: 3, Resealed: 3, Conflicts: 7}, nil},
		{
			"always", 1000, 1270 * time.Millisecond,
			reseal.Progress{Read: 3, Resealed: 2, Left: 1, Conflicts: 8},
			reseal.ErrUnfinished,
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, 3)
			left := tc.times
			rows := &stub{Rows: w.rows}
			rows.swap = func(ctx context.Context, changes []reseal.Change) ([]reseal.Result, error) {
				if left > 0 {
					left--
					w.primary(t, 1)
					w.put(t, 2)
					w.primary(t, 2)
				}
				return w.rows.Swap(ctx, changes)
			}
			cfg := w.config()
			cfg.Rows = rows
			begin := time.Now()
			p, err := newResealer(t, cfg).Run(t.Context())
			tc.want.Cursor = "3"
			if !errors.Is(err, tc.err) || !reflect.DeepEqual(p, tc.want) || time.Since(begin) != tc.take {
				t.Errorf("%s: got %+v, %v after %v, want %+v after %v", tc.name, p, err, time.Since(begin), tc.want, tc.take)
			}
		})
	}
}

// A row that somebody has resealed, deleted or damaged meanwhile needs nothing more.
func TestConflictEnds(t *testing.T) {
	for _, tc := range []struct {
		name     string
		meantime func(*world)
		want     reseal.Progress
		err      error
	}{
		{
			"written under the new key", func(w *world) { w.put(t, 2) },
			reseal.Progress{Read: 3, Resealed: 2, Unchanged: 1, Conflicts: 1},
			nil,
		},
		{"deleted", func(w *world) { _ = w.rows.Delete(t.Context(), 2) }, reseal.Progress{Read: 3, Resealed: 2, Gone: 1}, nil},
		{
			"damaged", func(w *world) { w.damage(t, 2) },
			reseal.Progress{Read: 3, Resealed: 2, Damaged: 1, Conflicts: 1, DamagedAt: []string{"2"}},
			reseal.ErrDamaged,
		},
	} {
		w := newWorld(t, 3)
		first := true
		cfg := w.config()
		cfg.Rows = &stub{Rows: w.rows, swap: func(ctx context.Context, changes []reseal.Change) ([]reseal.Result, error) {
			if first {
				tc.meantime(w)
			}
			first = false
			return w.rows.Swap(ctx, changes)
		}}
		p, err := newResealer(t, cfg).Run(t.Context())
		tc.want.Cursor = "3"
		if !errors.Is(err, tc.err) || !reflect.DeepEqual(p, tc.want) {
			t.Errorf("%s: got %+v, %v, want %+v", tc.name, p, err, tc.want)
		}
	}
}

func TestRowsPerSecond(t *testing.T) {
	for _, tc := range []struct {
		name    string
		rate    float64
		batches int
		want    time.Duration
	}{
		{"unlimited", 0, 3, 0},
		{"a batch a second", 10, 3, 2500 * time.Millisecond},
		{"less than a batch", 5, 5, 5 * time.Second},
		{"less than a row", 0.5, 25, 50 * time.Second},
		{"fast", 1e9, 3, 25 * time.Nanosecond},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, 25)
			batches := 0
			cfg := w.config()
			cfg.RowsPerSecond, cfg.OnProgress = tc.rate, func(reseal.Progress) { batches++ }
			begin := time.Now()
			_, err := newResealer(t, cfg).Run(t.Context())
			if took := time.Since(begin); err != nil || took != tc.want || batches != tc.batches {
				t.Errorf("%s: %d batches in %v, %v, want %d in %v", tc.name, batches, took, err, tc.batches, tc.want)
			}
		})
	}
}

// Whoever waits hears that the context is over at once.
func TestCancelled(t *testing.T) {
	for name, change := range map[string]func(*world, *reseal.Config, context.CancelFunc){
		"before": func(_ *world, _ *reseal.Config, cancel context.CancelFunc) { cancel() },
		"between batches": func(_ *world, c *reseal.Config, cancel context.CancelFunc) {
			c.OnProgress = func(reseal.Progress) { cancel() }
		},
		"while it waits for its turn": func(_ *world, c *reseal.Config, cancel context.CancelFunc) {
			c.RowsPerSecond = 0.01
			c.OnProgress = func(reseal.Progress) { time.AfterFunc(time.Second, cancel) }
		},
		"while it waits to try again": func(w *world, c *reseal.Config, cancel context.CancelFunc) {
			c.Rows = &stub{Rows: w.rows, swap: func(_ context.Context, changes []reseal.Change) ([]reseal.Result, error) {
				cancel()
				return []reseal.Result{{State: reseal.Changed, Row: changes[0].Old}}[:len(changes):len(changes)], nil
			}}
			c.Batch = 1
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			w := newWorld(t, 25)
			cfg := w.config()
			change(w, &cfg, cancel)
			begin := time.Now()
			p, err := newResealer(t, cfg).Run(ctx)
			if !errors.Is(err, context.Canceled) || p.Read > 10 || time.Since(begin) > time.Second {
				t.Errorf("%s: got %+v, %v after %v", name, p, err, time.Since(begin))
			}
		})
	}
}

func TestStateString(t *testing.T) {
	got := fmt.Sprint(reseal.Done, reseal.Changed, reseal.Gone, reseal.State(0))
	if want := "done changed gone State(0)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

var _ reseal.Rows = (*resealtest.Memory)(nil)
