package vault

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"sync"
	"time"
)

// Memory is a [Store] in this process: records end with it. It holds a bounded number, has no goroutine, and never fails except
// as Store says, or with [ErrFull].
type Memory struct {
	max int

	mu      sync.Mutex
	byToken records
	byPrint map[printKey]records
	byOwner map[Owner]records
	order   []string // all tokens, sorted; nil: they have changed
}

// records have their tokens as keys.
type records map[string]*Record

type printKey struct {
	owner Owner
	print string
}

// NewMemory returns a store for so many records; 0 means 100 000, of about 1 KiB each.
func NewMemory(maxRecords int) *Memory {
	if maxRecords <= 0 {
		maxRecords = 100_000
	}
	return &Memory{
		max: maxRecords, byToken: records{}, byPrint: map[printKey]records{}, byOwner: map[Owner]records{},
	}
}

// Put implements [Store]. In a full store, records that have expired make room; live ones never do.
func (s *Memory) Put(_ context.Context, rec Record, same [][]byte) (Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, mac := range same {
		for _, old := range s.byPrint[printKey{rec.Owner, string(mac)}] {
			if old.live(rec.CreatedAt) {
				return old.clone(), nil
			}
		}
	}
	if s.byToken[rec.Token] != nil {
		return Record{}, ErrExists
	}
	if len(s.byToken) >= s.max {
		s.deleteExpired(rec.CreatedAt)
	}
	if len(s.byToken) >= s.max {
		return Record{}, ErrFull
	}
	own := rec.clone()
	s.byToken[rec.Token] = &own
	add(s.byOwner, rec.Owner, &own)
	s.remember(&own)
	s.order = nil
	return rec, nil
}

// Get implements [Store].
func (s *Memory) Get(_ context.Context, token string) (Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if rec := s.byToken[token]; rec != nil {
		return rec.clone(), nil
	}
	return Record{}, ErrNotFound
}

// List implements [Store].
func (s *Memory) List(_ context.Context, owner Owner, after string, at time.Time, n int) ([]Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	tokens := slices.Sorted(maps.Keys(s.byOwner[owner]))
	return s.page(tokens, after, n, func(rec *Record) bool { return rec.live(at) }), nil
}

// Next implements [Store].
func (s *Memory) Next(_ context.Context, after string, n int) ([]Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.order == nil {
		s.order = slices.Sorted(maps.Keys(s.byToken))
	}
	return s.page(s.order, after, n, func(*Record) bool { return true }), nil
}

// page needs the lock.
func (s *Memory) page(tokens []string, after string, n int, keep func(*Record) bool) (list []Record) {
	from, found := slices.BinarySearch(tokens, after)
	if found {
		from++
	}
	for _, token := range tokens[from:] {
		if len(list) == n {
			break
		}
		if rec := s.byToken[token]; keep(rec) {
			list = append(list, rec.clone())
		}
	}
	return list
}

// Delete implements [Store].
func (s *Memory) Delete(_ context.Context, token string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	rec := s.byToken[token]
	if rec == nil {
		return ErrNotFound
	}
	s.forget(rec)
	return nil
}

// DeleteExpired implements [Store].
func (s *Memory) DeleteExpired(_ context.Context, before time.Time) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.deleteExpired(before), nil
}

func (s *Memory) deleteExpired(before time.Time) (n int) {
	for _, rec := range s.byToken {
		if !rec.ExpiresAt.IsZero() && rec.ExpiresAt.Before(before) {
			s.forget(rec)
			n++
		}
	}
	return n
}

// Swap implements [Store].
func (s *Memory) Swap(_ context.Context, old, next Record) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rec := s.byToken[old.Token]
	if rec == nil || !bytes.Equal(rec.Sealed, old.Sealed) {
		return false, nil
	}
	s.forgetPrint(rec)
	rec.Sealed, rec.Fingerprint = bytes.Clone(next.Sealed), bytes.Clone(next.Fingerprint)
	s.remember(rec)
	return true, nil
}

func (s *Memory) forget(rec *Record) {
	delete(s.byToken, rec.Token)
	remove(s.byOwner, rec.Owner, rec)
	s.forgetPrint(rec)
	s.order = nil
}

func (s *Memory) remember(rec *Record) {
	if rec.Fingerprint != nil {
		add(s.byPrint, printKey{rec.Owner, string(rec.Fingerprint)}, rec)
	}
}

func (s *Memory) forgetPrint(rec *Record) {
	if rec.Fingerprint != nil {
		remove(s.byPrint, printKey{rec.Owner, string(rec.Fingerprint)}, rec)
	}
}

func add[K comparable](m map[K]records, key K, rec *Record) {
	if m[key] == nil {
		m[key] = records{}
	}
	m[key][rec.Token] = rec
}

func remove[K comparable](m map[K]records, key K, rec *Record) {
	if delete(m[key], rec.Token); len(m[key]) == 0 {
		delete(m, key)
	}
}

// clone shares no memory with rec.
func (r *Record) clone() Record {
	c := *r
	c.Sealed, c.Fingerprint = bytes.Clone(r.Sealed), bytes.Clone(r.Fingerprint)
	return c
}
