package envelopetest

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gopalisade/palisade/crypto/envelope"
)

// concurrentAdd has several processes make a subject's first key at once.
func concurrentAdd(t *testing.T, s envelope.Store) {
	who := subject()
	var won atomic.Pointer[envelope.Record]
	var wins atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			rec := record(who, 1)
			if err := s.Add(t.Context(), rec); err == nil {
				wins.Add(1)
				won.Store(&rec)
			} else if !errors.Is(err, envelope.ErrExists) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if wins.Load() != 1 {
		t.Fatalf("of 8 first keys %d were added, want 1", wins.Load())
	}
	want(t, s, who, *won.Load())
}

func concurrentReplace(t *testing.T, s envelope.Store) {
	rec := add(t, s, record(subject(), 1))
	var won atomic.Pointer[envelope.Record]
	var wins atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			next := record(rec.Subject, 1)
			if err := s.Replace(t.Context(), next, rec.Wrapped); err == nil {
				wins.Add(1)
				won.Store(&next)
			} else if !errors.Is(err, envelope.ErrConflict) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if wins.Load() != 1 {
		t.Fatalf("of 8 replacements %d succeeded, want 1", wins.Load())
	}
	want(t, s, rec.Subject, *won.Load())
}

// concurrentShred adds and replaces while the subject is shredded: whoever is first, nothing is there afterwards.
func concurrentShred(t *testing.T, s envelope.Store) {
	for range 20 {
		rec := add(t, s, record(subject(), 1))
		var wg sync.WaitGroup
		for seq := range uint32(4) {
			wg.Go(func() {
				err := s.Add(t.Context(), record(rec.Subject, seq+2))
				if err != nil && !errors.Is(err, envelope.ErrShredded) {
					t.Error(err)
				}
			})
		}
		wg.Go(func() {
			err := s.Replace(t.Context(), record(rec.Subject, 1), rec.Wrapped)
			if err != nil && !errors.Is(err, envelope.ErrShredded) && !errors.Is(err, envelope.ErrConflict) {
				t.Error(err)
			}
		})
		for range 2 {
			wg.Go(func() {
				if err := s.Shred(t.Context(), rec.Subject); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		wantShredded(t, s, rec.Subject)
	}
}

// cancelled wants an answer or an error that is none of the contract's: nothing is known then.
func cancelled(t *testing.T, s envelope.Store) {
	rec := add(t, s, record(subject(), 1))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, list := s.List(ctx, rec.Subject)
	for name, err := range map[string]error{
		"List":    list,
		"Add":     s.Add(ctx, record(subject(), 1)),
		"Replace": s.Replace(ctx, rec, rec.Wrapped),
		"Delete":  s.Delete(ctx, subject(), 1),
		"Shred":   s.Shred(ctx, subject()),
	} {
		for _, answer := range []error{envelope.ErrExists, envelope.ErrConflict, envelope.ErrShredded} {
			if errors.Is(err, answer) {
				t.Errorf("%s: got %v, want success or an error of the context", name, err)
			}
		}
	}
	want(t, s, rec.Subject, rec)
}
