package envelope

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/secret"
)

// dataKey is a record with its key. The bytes are overwritten as soon as the ring has its copy.
type dataKey struct {
	Record
	key []byte
}

const (
	maxKeys = 256 // of a subject, and of a ring
	tries   = 3   // of a creation that others are faster at
)

// load returns the ring of a subject as store and wrapper have it, and keeps the old one where it is the same. Its age counts
// from the question, not from the answer.
func (k *Keys) load(ctx context.Context, subject string, old *held) (*held, error) {
	for range tries {
		now := time.Now()
		recs, err := k.list(ctx, subject)
		if err != nil {
			return nil, err
		}
		if old != nil && (len(recs) == 0 || recs[len(recs)-1].Seq < old.newest) {
			return nil, newError(ErrUnavailable, "list", 0, errBehind)
		}
		keys, err := k.unwrapAll(ctx, recs)
		if old != nil && errors.Is(err, errNoWrapper) {
			return nil, failed("unwrap", 0, fmt.Errorf("%w: %w", ErrUnavailable, errNoWrapper)) // nobody has refused it
		}
		if err == nil && k.isDue(recs, old, now) {
			var next dataKey
			next, err = k.create(ctx, subject, recs)
			switch {
			case err == nil:
				keys = append(keys, next)
			case errors.Is(err, ErrExists):
				wipe(keys)
				continue
			case len(recs) > 0 && !errors.Is(err, ErrShredded):
				k.report(subject, err)
				err = nil // the old key goes on, as in a process that may not wrap
			}
		}
		if err != nil {
			wipe(keys)
			return nil, err
		}
		h, err := k.hold(keys, old, now)
		wipe(keys)
		return h, err
	}
	return nil, newError(ErrUnavailable, "add", 0, ErrExists)
}

// errBehind says that the store has lost records, or reads from a replica that lags behind. To make a key now would be to
// lose what the present ones have sealed.
var errBehind = errors.New("the store does not know a key that is in use")

// list returns the subject's records, the newest last.
func (k *Keys) list(ctx context.Context, subject string) ([]Record, error) {
	ctx, cancel := context.WithTimeout(ctx, k.timeout)
	defer cancel()
	recs, err := k.store.List(ctx, subject)
	if err != nil {
		return nil, failed("list", 0, err)
	}
	slices.SortFunc(recs, func(a, b Record) int { return cmp.Compare(a.Seq, b.Seq) })
	ids := map[field.KeyID]bool{}
	for i := range recs {
		r := &recs[i]
		if !r.valid() || r.Subject != subject || ids[r.KeyID] || i > 0 && recs[i-1].Seq == r.Seq || i >= maxKeys {
			return nil, newError(ErrForged, "list", r.KeyID, nil)
		}
		ids[r.KeyID] = true
	}
	return recs, nil
}

// unwrapAll returns every key or none: a ring that lacks one would tell the reader of a good value that it is damaged.
func (k *Keys) unwrapAll(ctx context.Context, recs []Record) ([]dataKey, error) {
	keys := make([]dataKey, 0, len(recs)+1)
	for _, rec := range recs {
		key, err := k.unwrap(ctx, &rec)
		if err != nil {
			wipe(keys)
			return nil, err
		}
		keys = append(keys, dataKey{rec, key})
	}
	return keys, nil
}

func (k *Keys) unwrap(ctx context.Context, rec *Record) ([]byte, error) {
	w := k.wrappers[rec.KEK]
	if w == nil {
		return nil, newError(ErrRefused, "unwrap", rec.KeyID, errNoWrapper)
	}
	ctx, cancel := context.WithTimeout(ctx, k.timeout)
	defer cancel()
	key, err := w.Unwrap(ctx, rec.Wrapped[checkSize:], rec.aad())
	switch {
	case err != nil:
		return nil, failed("unwrap", rec.KeyID, err)
	case !rec.isOf(key):
		clear(key)
		return nil, newError(ErrForged, "unwrap", rec.KeyID, errOtherKey)
	}
	return key, nil
}

var (
	errNoWrapper = errors.New("no wrapper has the record's KEK as its ID")
	errOtherKey  = errors.New("the wrapper returned another key")
)

// isDue reports whether a key should be made: there is none, or the newest is too old, or has been used too often. One that
// waits to be used is neither: MaxAge is longer than that.
func (k *Keys) isDue(recs []Record, old *held, now time.Time) bool {
	if len(recs) == 0 {
		return true
	}
	newest := recs[len(recs)-1]
	used := old != nil && old.primary == newest.KeyID && old.uses.Load() >= k.maxUses
	return len(recs) < maxKeys && (used || now.Sub(newest.Created) >= k.maxAge)
}

// primary returns the newest key that every ring of every process knows, because none lives for so long: a ring that was
// loaded just before the key was added, at most two Timeouts after Created, ends HardTTL later. What is added to that is for
// clocks that differ.
func (k *Keys) primary(recs []Record, now time.Time) field.KeyID {
	for _, rec := range slices.Backward(recs) {
		if now.Sub(rec.Created) >= k.delay {
			return rec.KeyID
		}
	}
	return recs[0].KeyID // whoever knows the subject knows its first key
}

// create makes the key after the newest. The error matches [ErrExists] when somebody else did.
func (k *Keys) create(ctx context.Context, subject string, recs []Record) (dataKey, error) {
	if len(recs) >= maxKeys {
		return dataKey{}, newError(ErrFull, "add", 0, nil)
	}
	rec := Record{Subject: subject, Seq: 1, Created: time.Now().UTC().Truncate(time.Microsecond), KeyID: newID(recs)}
	if len(recs) > 0 {
		rec.Seq += recs[len(recs)-1].Seq
	}
	key := make([]byte, keySize)
	_, _ = rand.Read(key) // never fails
	err := k.wrap(ctx, &rec, key)
	if err == nil {
		err = k.add(ctx, rec)
	}
	if err == nil {
		return dataKey{rec, key}, nil
	}
	clear(key)
	if errors.Is(err, ErrExists) {
		return dataKey{}, ErrExists
	}
	return dataKey{}, failed("add", rec.KeyID, err)
}

func (k *Keys) add(ctx context.Context, rec Record) error {
	ctx, cancel := context.WithTimeout(ctx, k.timeout)
	defer cancel()
	return k.store.Add(ctx, rec)
}

// wrap fills KEK and Wrapped.
func (k *Keys) wrap(ctx context.Context, rec *Record, key []byte) error {
	ctx, cancel := context.WithTimeout(ctx, k.timeout)
	defer cancel()
	rec.KEK = k.wrapper.ID()
	wrapped, err := k.wrapper.Wrap(ctx, key, rec.aad())
	if err != nil {
		return failed("wrap", rec.KeyID, err)
	}
	rec.seal(key, wrapped)
	if !rec.valid() {
		return newError(ErrRefused, "wrap", rec.KeyID, errWrapped)
	}
	return nil
}

var errWrapped = errors.New("the wrapper returned nothing, or more than 4096 bytes")

// newID draws an id that no other key of the subject has.
func newID(recs []Record) field.KeyID {
	for {
		var b [4]byte
		_, _ = rand.Read(b[:]) // never fails
		id := field.KeyID(binary.BigEndian.Uint32(b[:]))
		if id != 0 && !slices.ContainsFunc(recs, func(r Record) bool { return r.KeyID == id }) {
			return id
		}
	}
}

// hold returns the keys in a ring: the old one, so that its count of values goes on, if it is open.
func (k *Keys) hold(keys []dataKey, old *held, now time.Time) (*held, error) {
	recs := make([]Record, len(keys))
	for i := range keys {
		recs[i] = keys[i].Record
	}
	h := &held{subject: recs[0].Subject, facts: facts{
		newest: recs[len(recs)-1].Seq, primary: k.primary(recs, now), uses: new(atomic.Uint64),
		ahead: now.Add(k.ttl - k.ttl/4), stale: now.Add(k.ttl), hard: now.Add(k.hardTTL),
	}}
	h.touch(now)
	var err error
	if old != nil && !hasRoom(old.ring, keys) {
		_ = old.ring.Close()
	}
	if old != nil && old.ring.Keys() != nil {
		h.ring, err = old.ring, update(old.ring, keys, h.primary)
		if old.primary == h.primary {
			h.uses = old.uses
		}
	} else {
		h.ring, err = field.New(field.Config{
			Keys: ringKeys(keys, h.primary), Suite: field.AES256GCMCommit, MaxContexts: k.maxContexts,
		})
	}
	switch {
	case errors.Is(err, field.ErrClosed):
		return nil, newError(ErrUnavailable, "", 0, errLate)
	case err != nil:
		return nil, newError(ErrForged, "", 0, err) // such as two records of one key
	}
	return h, nil
}

// hasRoom reports whether a ring can hold keys beside those that were retired, which it never forgets.
func hasRoom(ring *field.Ring, keys []dataKey) bool {
	n := len(keys)
	for _, info := range ring.Keys() {
		if !slices.ContainsFunc(keys, func(k dataKey) bool { return k.KeyID == info.ID }) {
			n++
		}
	}
	return n <= maxKeys
}

func ringKeys(keys []dataKey, primary field.KeyID) []field.Key {
	list := make([]field.Key, len(keys))
	for i, k := range keys {
		list[i] = field.Key{ID: k.KeyID, Secret: secret.New(k.key)}
		if k.KeyID == primary {
			list[i].State = field.Primary
		}
	}
	return list
}

// update adds to a ring what it does not have. A key that is stored no more is disabled.
func update(ring *field.Ring, keys []dataKey, primary field.KeyID) error {
	known := map[field.KeyID]bool{}
	for _, info := range ring.Keys() {
		known[info.ID] = true
	}
	var err error
	for _, k := range ringKeys(keys, 0) {
		if !known[k.ID] {
			err = errors.Join(err, ring.Add(k))
		}
		delete(known, k.ID)
	}
	err = errors.Join(err, ring.SetPrimary(primary))
	for id := range known {
		err = errors.Join(err, ring.Disable(id))
	}
	return err
}

func wipe(keys []dataKey) {
	for _, k := range keys {
		clear(k.key)
	}
}
