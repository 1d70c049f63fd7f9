package envelope

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/gopalisade/palisade/crypto/field"
)

// Rotate makes a new data key for a subject, before MaxAge does. It seals when every process knows it, after HardTTL, TTL
// and two Timeouts; until then, and for what was sealed before, the older ones serve. Values are resealed by
// [field.Ring.Reseal]. When somebody else rotates at the same time there is one new key.
//
// The error is as that of [Keys.Ring].
func (k *Keys) Rotate(ctx context.Context, subject string) error {
	recs, err := k.stored(ctx, subject)
	if err != nil {
		return err
	}
	next, err := k.create(ctx, subject, recs)
	clear(next.key)
	if errors.Is(err, ErrExists) {
		return nil
	}
	return err
}

// Rewrap has Config.Wrapper wrap the data keys of a subject anew, with the newest version of its key: call it for every
// subject before a key-encryption key is taken away. The data keys stay, and values need not be resealed. What fails in the
// middle may be repeated, and a record that was changed meanwhile is left alone.
//
// The error is as that of [Keys.Ring].
func (k *Keys) Rewrap(ctx context.Context, subject string) error {
	recs, err := k.stored(ctx, subject)
	if err != nil {
		return err
	}
	for _, rec := range recs {
		key, err := k.unwrap(ctx, &rec)
		if err != nil {
			return err
		}
		old := rec.Wrapped
		err = k.wrap(ctx, &rec, key)
		clear(key)
		if err == nil {
			err = k.replace(ctx, rec, old)
		}
		if err != nil {
			return err
		}
	}
	return k.rewrapped(ctx, subject)
}

// rewrapped looks for records that somebody else has wrapped meanwhile, with another wrapper.
func (k *Keys) rewrapped(ctx context.Context, subject string) error {
	recs, err := k.list(ctx, subject)
	for _, rec := range recs {
		if rec.KEK != k.wrapper.ID() {
			return newError(ErrUnavailable, "replace", rec.KeyID, ErrConflict)
		}
	}
	return err
}

func (k *Keys) replace(ctx context.Context, rec Record, old []byte) error {
	ctx, cancel := context.WithTimeout(ctx, k.timeout)
	defer cancel()
	err := k.store.Replace(ctx, rec, old)
	if err == nil || errors.Is(err, ErrConflict) {
		return nil
	}
	return failed("replace", rec.KeyID, err)
}

// Retire deletes one data key of a subject for ever. What it sealed and nobody has resealed is lost: resealing finds it by
// [field.Ring.NeedsReseal]. A key that is not there is no error. [ErrInUse] is for keys that some process may seal with: the
// newest, and the one before, until every process has known the newer one for as long again as it took until it was used.
//
// The other errors are as those of [Keys.Ring].
func (k *Keys) Retire(ctx context.Context, subject string, id field.KeyID) error {
	recs, err := k.stored(ctx, subject)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(recs, func(r Record) bool { return r.KeyID == id })
	if i < 0 {
		return nil
	}
	// At the age of delay a newer key is used by those who confirm their ring then, and at twice of it by all.
	if !slices.ContainsFunc(recs[i+1:], func(r Record) bool { return time.Since(r.Created) >= 2*k.delay }) {
		return newError(ErrInUse, "", id, nil)
	}
	ctx, cancel := context.WithTimeout(ctx, k.timeout)
	defer cancel()
	if err := k.store.Delete(ctx, subject, recs[i].Seq); err != nil {
		return failed("delete", id, err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if f := k.flights[subject]; f != nil {
		f.gone = append(f.gone, id) // it may have read the record before
	}
	if h := k.cache.last(subject); h != nil {
		_ = h.ring.Disable(id) // where it fails, the ring is closed or did not know the key
	}
	return nil
}

// stored returns the records of a subject whoever asks for it.
func (k *Keys) stored(ctx context.Context, subject string) ([]Record, error) {
	if err := k.check(subject); err != nil {
		return nil, err
	}
	return k.list(ctx, subject)
}

func (k *Keys) check(subject string) error {
	k.mu.RLock()
	defer k.mu.RUnlock()
	switch {
	case !isName(subject):
		return newError(ErrSubject, "", 0, nil)
	case k.closed:
		return newError(ErrClosed, "", 0, nil)
	}
	return nil
}

// Shred deletes the data keys of a subject for ever, and closes its ring: nothing that they sealed opens again, and
// [Keys.Ring] answers [ErrShredded]. Other processes find out as the package says. It may be repeated, and must be after an
// error, which leaves the ring as it is: [ErrUnavailable], [ErrSubject], [ErrFull] or [ErrClosed].
func (k *Keys) Shred(ctx context.Context, subject string) error {
	if err := k.check(subject); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, k.timeout)
	defer cancel()
	if err := k.store.Shred(ctx, subject); err != nil {
		return failed("shred", 0, err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if f := k.flights[subject]; f != nil {
		f.void = true // it may have read the records before
	}
	k.cache.close(subject)
	delete(k.failures, subject)
	return nil
}
