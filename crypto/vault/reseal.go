package vault

import (
	"bytes"
	"context"
	"errors"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/monitor/event"
)

// Progress is how far [Vault.Reseal] has come. It may be stored, as JSON for one, and handed on after a stop.
type Progress struct {
	After      string // token of the last record that was seen
	Seen       int    // records
	Resealed   int    // of them, now under the primary key
	Unreadable int    // of them, left as they are: each is an event
	Done       bool   // there are no more
}

const batch = 100

// Reseal goes over the next 100 records and brings those under the ring's primary key that are not: sealed number,
// fingerprint, and whether there is one. Call it with a zero Progress, then with what it returned, until Done:
//
//	for p := (vault.Progress{}); !p.Done; {
//		if p, err = v.Reseal(ctx, p); err != nil { … } // p is right in either case
//	}
//
// It may be stopped and go on elsewhere, run twice at once, and beside all other calls: a record that was changed meanwhile is
// left alone. Begin when every process seals with the new key. Where Done comes with none unreadable, the old key is not
// needed any more.
//
// The error matches [ErrUnavailable], or is one of package field where the ring cannot seal.
func (v *Vault) Reseal(ctx context.Context, p Progress) (Progress, error) {
	list, err := v.store.Next(ctx, p.After, batch)
	if err != nil {
		return p, unavailable("next", err)
	}
	before := p.Resealed
	defer func() {
		if n := p.Resealed - before; n > 0 {
			event.Emit(ctx, event.Event{Code: event.SensitiveUpdate, Reason: "card_resealed", Count: int64(n)})
		}
	}()
	for i := range list {
		changed, err := v.reseal(ctx, &list[i])
		switch {
		case errors.Is(err, field.ErrOpen) && !errors.Is(err, field.ErrClosed):
			p.Unreadable++
		case err != nil:
			return p, err
		case changed:
			p.Resealed++
		}
		p.After = list[i].Token
		p.Seen++
	}
	p.Done = len(list) < batch
	return p, nil
}

// reseal reports whether it has changed a record.
func (v *Vault) reseal(ctx context.Context, rec *Record) (bool, error) {
	stale, err := v.ring.NeedsReseal(rec.Sealed)
	var pan PAN
	if err == nil {
		pan, err = v.open(rec) // even where it is under the primary key: a damaged one must not pass
	}
	if err != nil {
		return false, v.notOpened(ctx, "", rec.Token, err)
	}
	next := *rec
	next.Fingerprint = nil
	if v.dedupe {
		if next.Fingerprint, err = v.fingerprint(0, &rec.Owner, pan); err != nil {
			return false, err
		}
	}
	if stale {
		if next.Sealed, err = v.ring.Seal(rec.cell(), []byte(pan.Reveal())); err != nil {
			return false, err
		}
	}
	if !stale && bytes.Equal(next.Fingerprint, rec.Fingerprint) {
		return false, nil
	}
	changed, err := v.store.Swap(ctx, *rec, next)
	if err != nil {
		return false, unavailable("swap", err)
	}
	return changed, nil
}
