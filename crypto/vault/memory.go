package vault

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"time"
)

// Memory is a [Store] in this process: records end with it. It holds a bounded number, has no goroutine, and never fails except
// as Store says, or with [ErrFull].
type Memory struct {
	max int

	mu      sync.Mutex
	byToken map[string]*Record
	byPrint map[printKey][]string // tokens, sorted
	order   []string              // all tokens, sorted
	byOwner map[Owner][]string    // the owner's, sorted
}

type printKey struct {
	owner Owner
	print string
}

// NewMemory returns a store for so many records; 0 means 100 000, of about 600 bytes each.
func NewMemory(maxRecords int) *Memory {
	if maxRecords <= 0 {
		maxRecords = 100_000
	}
	return &Memory{
		max: maxRecords, byToken: map[string]*Record{}, byPrint: map[printKey][]string{}, byOwner: map[Owner][]string{},
	}
}

// Put implements [Store]. In a full store, records that have expired make room; live ones never do.
func (s *Memory) Put(_ context.Context, rec Record, same [][]byte) (Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, mac := range same {
		for _, token := range s.byPrint[printKey{rec.Owner, string(mac)}] {
			if old := s.byToken[token]; old.live(rec.CreatedAt) {
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
	s.remember(&own)
	s.order = with(s.order, rec.Token)
	add(s.byOwner, rec.Owner, rec.Token)
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
	return s.page(s.byOwner[owner], after, n, func(rec *Record) bool { return rec.live(at) }), nil
}

// Next implements [Store].
func (s *Memory) Next(_ context.Context, after string, n int) ([]Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
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
	s.order = without(s.order, token)
	return nil
}

// DeleteExpired implements [Store].
func (s *Memory) DeleteExpired(_ context.Context, before time.Time) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.deleteExpired(before), nil
}

func (s *Memory) deleteExpired(before time.Time) int {
	n := len(s.order)
	s.order = slices.DeleteFunc(s.order, func(token string) bool {
		rec := s.byToken[token]
		over := !rec.ExpiresAt.IsZero() && rec.ExpiresAt.Before(before)
		if over {
			s.forget(rec)
		}
		return over
	})
	return n - len(s.order)
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

// forget drops a record from all but the order.
func (s *Memory) forget(rec *Record) {
	delete(s.byToken, rec.Token)
	s.forgetPrint(rec)
	remove(s.byOwner, rec.Owner, rec.Token)
}

func (s *Memory) remember(rec *Record) {
	if rec.Fingerprint != nil {
		add(s.byPrint, printKey{rec.Owner, string(rec.Fingerprint)}, rec.Token)
	}
}

func (s *Memory) forgetPrint(rec *Record) {
	if rec.Fingerprint != nil {
		remove(s.byPrint, printKey{rec.Owner, string(rec.Fingerprint)}, rec.Token)
	}
}

func add[K comparable](m map[K][]string, key K, token string) { m[key] = with(m[key], token) }

func remove[K comparable](m map[K][]string, key K, token string) {
	if m[key] = without(m[key], token); len(m[key]) == 0 {
		delete(m, key)
	}
}

func with(sorted []string, token string) []string {
	i, _ := slices.BinarySearch(sorted, token)
	return slices.Insert(sorted, i, token)
}

func without(sorted []string, token string) []string {
	i, _ := slices.BinarySearch(sorted, token)
	return slices.Delete(sorted, i, i+1)
}

// clone shares no memory with rec.
func (r *Record) clone() Record {
	c := *r
	c.Sealed, c.Fingerprint = bytes.Clone(r.Sealed), bytes.Clone(r.Fingerprint)
	return c
}
