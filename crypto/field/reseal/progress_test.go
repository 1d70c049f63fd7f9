package reseal_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/field/reseal"
)

// A run that is stopped after any step, and begun again until it ends, does what one run would.
func TestResume(t *testing.T) {
	for limit := range 12 {
		w := newWorld(t, 25)
		w.damage(t, 4)
		w.damage(t, 24)
		stopped := errors.New("stopped")
		steps := limit
		step := func() error {
			if steps--; steps == 0 {
				return stopped
			}
			return nil
		}
		n := &note{}
		cfg := w.config()
		cfg.Batch, cfg.Checkpoint = 4, n
		cfg.Rows = &stub{
			Rows: w.rows,
			next: func(ctx context.Context, after string, n int) ([]reseal.Row, error) {
				if err := step(); err != nil {
					return nil, err
				}
				return w.rows.Next(ctx, after, n)
			},
			swap: func(ctx context.Context, changes []reseal.Change) ([]reseal.Result, error) {
				results, err := w.rows.Swap(ctx, changes)
				return results, errors.Join(err, step()) // it happened, and nobody heard of it
			},
		}
		r := newResealer(t, cfg)
		for runs := 1; ; runs++ {
			p, err := r.Run(t.Context())
			if errors.Is(err, stopped) {
				steps = 2 + limit%3 // at least one batch each time
				if runs > 30 {
					t.Fatalf("limit %d: does not get on: %+v", limit, p)
				}
				continue
			}
			if !errors.Is(err, reseal.ErrDamaged) || p.Read != 25 || p.Damaged != 2 || p.Resealed+p.Unchanged != 23 ||
				!reflect.DeepEqual(p.DamagedAt, []string{"4", "24"}) {
				t.Errorf("limit %d, run %d: got %+v, %v", limit, runs, p, err)
			}
			break
		}
		if by := w.under(t); by[2] != 23 || by[1] != 2 || n.state != nil {
			t.Errorf("limit %d: cells by key %v, checkpoint %q", limit, by, n.state)
		}
	}
}

// What is behind the checkpoint was resealed for a primary that is none any more.
func TestResumeForAnotherKey(t *testing.T) {
	w := newWorld(t, 25)
	n := &note{}
	cfg := w.config()
	cfg.Checkpoint = n
	ctx, cancel := context.WithCancel(t.Context())
	cfg.OnProgress = func(reseal.Progress) { cancel() }
	r := newResealer(t, cfg)
	if p, err := r.Run(ctx); !errors.Is(err, context.Canceled) || p.Read != 10 || n.state == nil {
		t.Fatalf("got %+v, %v", p, err)
	}
	if err := w.ring.Add(key(3, field.Primary)); err != nil {
		t.Fatal(err)
	}
	cfg.OnProgress = nil
	p, err := newResealer(t, cfg).Run(t.Context())
	if by := w.under(t); err != nil || p.Read != 25 || p.Resealed != 25 || by[3] != 25 {
		t.Errorf("got %+v, %v, by key %v, want all under key 3", p, err, by)
	}
}

func TestAnotherPrimaryOnTheWay(t *testing.T) {
	w := newWorld(t, 25)
	if err := w.ring.Add(key(3, field.Active)); err != nil {
		t.Fatal(err)
	}
	cfg := w.config()
	cfg.OnProgress = func(reseal.Progress) { w.primary(t, 3) }
	r := newResealer(t, cfg)
	if p, err := r.Run(t.Context()); !errors.Is(err, reseal.ErrUnfinished) || p.Resealed != 25 {
		t.Errorf("got %+v, %v, want ErrUnfinished", p, err)
	}
	if p, err := r.Run(t.Context()); err != nil || p.Resealed != 10 || p.Unchanged != 15 {
		t.Errorf("again: got %+v, %v", p, err)
	}
}

// checkpoint of a run of 25 rows that was stopped behind row 10.
const checkpoint = `{"version":1,"primary":2,"progress":{"read":10,"resealed":10,"unchanged":0,"gone":0,"left":0,"damaged":0,` +
	`"conflicts":0,"cursor":"10"}}`

func TestCheckpointForm(t *testing.T) {
	w := newWorld(t, 25)
	n := &note{}
	cfg := w.config()
	cfg.Checkpoint = n
	ctx, cancel := context.WithCancel(t.Context())
	cfg.OnProgress = func(reseal.Progress) { cancel() }
	if _, err := newResealer(t, cfg).Run(ctx); !errors.Is(err, context.Canceled) || string(n.state) != checkpoint {
		t.Errorf("got %v, %s, want %s", err, n.state, checkpoint)
	}
}

func TestCheckpoint(t *testing.T) {
	for _, tc := range []struct {
		name     string
		old, new string // replaced in checkpoint
		read     int64  // by the run, at the end
		want     error
	}{
		{"as it was", "", "", 25, nil},
		{"empty", checkpoint, "", 25, nil},
		{"of another primary", `"primary":2`, `"primary":1`, 25, nil},
		{"of a row that is gone", `"cursor":"10"`, `"cursor":"24"`, 11, nil},
		{"another version", `"version":1`, `"version":2`, 0, reseal.ErrCheckpoint},
		{"no JSON", `{`, ``, 0, reseal.ErrCheckpoint},
		{"too few", `"resealed":10`, `"resealed":9`, 0, reseal.ErrCheckpoint},
		{"negative", `"conflicts":0`, `"conflicts":-1`, 0, reseal.ErrCheckpoint},
		{"no cursor", `"cursor":"10"`, `"cursor":""`, 0, reseal.ErrCheckpoint},
		{"nothing read", `:10`, `:0`, 0, reseal.ErrCheckpoint},
		{"damaged nowhere", `"unchanged":0,"gone":0,"left":0,"damaged":0`, `"damaged":0,"damaged_at":["1"]`, 0, reseal.ErrCheckpoint},
	} {
		w := newWorld(t, 25)
		n := &note{state: []byte(strings.ReplaceAll(checkpoint, tc.old, tc.new))}
		if tc.old == "" {
			n.state = []byte(checkpoint)
		}
		before := string(n.state)
		cfg := w.config()
		cfg.Checkpoint = n
		p, err := newResealer(t, cfg).Run(t.Context())
		if !errors.Is(err, tc.want) || p.Read != tc.read {
			t.Errorf("%s: got %+v, %v, want %d rows, %v", tc.name, p, err, tc.read, tc.want)
		}
		if (tc.want == nil) != (n.state == nil) || tc.want != nil && string(n.state) != before {
			t.Errorf("%s: left %q", tc.name, n.state)
		}
	}
}

// Whatever a checkpoint holds: the run refuses it or ends, and does not reseal what it could not read.
func FuzzCheckpoint(f *testing.F) {
	f.Add([]byte(checkpoint))
	f.Add([]byte(strings.ReplaceAll(checkpoint, `"cursor":"10"`, `"cursor":"-1"`)))
	f.Add([]byte(`{"version":1}`))
	f.Fuzz(func(t *testing.T, state []byte) {
		w := newWorld(t, 3)
		w.damage(t, 2)
		n := &note{state: state}
		cfg := w.config()
		cfg.Checkpoint = n
		p, err := newResealer(t, cfg).Run(t.Context())
		if p.Read != p.Resealed+p.Unchanged+p.Gone+p.Left+p.Damaged {
			t.Fatalf("invariant: every row that was read is counted once: %+v", p)
		}
		if by := w.under(t); by[1] < 1 || by[0] != 0 {
			t.Fatalf("invariant: a damaged row stays as it is: %v", by)
		}
		if errors.Is(err, reseal.ErrCheckpoint) && (n.saves > 0 || p.Read > 0) {
			t.Fatalf("invariant: what cannot be read is not overwritten: %+v", p)
		}
		if err == nil && p.Damaged > 0 {
			t.Fatalf("invariant: damage is never silent: %+v", p)
		}
	})
}

func TestProgressAsJSON(t *testing.T) {
	in := reseal.Progress{Read: 2, Damaged: 2, DamagedAt: []string{`"a"`, "7"}, Cursor: "7"}
	raw, err := json.Marshal(in)
	var out reseal.Progress
	if err != nil || json.Unmarshal(raw, &out) != nil || !reflect.DeepEqual(in, out) {
		t.Errorf("got %+v, %v, want %+v", out, err, in)
	}
	if strings.Contains(fmt.Sprint(out), "@") {
		t.Error("it shows a value")
	}
}
