package apikey

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"
)

// Memory is a [Store] in this process: keys end with it. It holds a bounded number, has no goroutine, and never fails except as
// Store says, or with [ErrFull].
type Memory struct {
	max int

	mu      sync.Mutex
	byID    map[string]*Record
	byOwner map[string]map[string]*Record
}

// NewMemory returns a store for so many keys; 0 means 100 000, of about 500 bytes each.
func NewMemory(maxKeys int) *Memory {
	if maxKeys <= 0 {
		maxKeys = 100_000
	}
	return &Memory{max: maxKeys, byID: map[string]*Record{}, byOwner: map[string]map[string]*Record{}}
}

// Create implements [Store]. In a full store, keys that have ended make room; live ones never do.
func (s *Memory) Create(_ context.Context, rec Record, most int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, r := range s.byOwner[rec.Owner] {
		if r.live(rec.CreatedAt) && r.RotatedTo == "" {
			n++
		}
	}
	if n >= most {
		return ErrTooMany
	}
	return s.add(rec)
}

// add needs the lock.
func (s *Memory) add(rec Record) error {
	if s.byID[rec.ID] != nil {
		return ErrExists
	}
	if len(s.byID) >= s.max {
		s.drop(func(old *Record) bool { return !old.live(rec.CreatedAt) })
	}
	if len(s.byID) >= s.max {
		return ErrFull
	}
	rec = rec.clone()
	s.byID[rec.ID] = &rec
	if s.byOwner[rec.Owner] == nil {
		s.byOwner[rec.Owner] = map[string]*Record{}
	}
	s.byOwner[rec.Owner][rec.ID] = &rec
	return nil
}

// Get implements [Store].
func (s *Memory) Get(_ context.Context, id string) (Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if rec := s.byID[id]; rec != nil {
		return rec.clone(), nil
	}
	return Record{}, ErrNotFound
}

// Rotate implements [Store].
func (s *Memory) Rotate(_ context.Context, id string, until time.Time, next Record) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.byID[id]
	switch {
	case old == nil:
		return ErrNotFound
	case !old.live(next.CreatedAt):
		return ErrEnded
	case old.RotatedTo != "":
		return ErrRotated
	}
	if err := s.add(next); err != nil {
		return err
	}
	old.RotatedTo = next.ID
	if old.ExpiresAt.IsZero() || until.Before(old.ExpiresAt) {
		old.ExpiresAt = until
	}
	return nil
}

// Revoke implements [Store].
func (s *Memory) Revoke(_ context.Context, id string, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if rec := s.byID[id]; rec != nil && rec.RevokedAt.IsZero() {
		rec.RevokedAt = at
	}
	return nil
}

// Touch implements [Store].
func (s *Memory) Touch(_ context.Context, id string, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if rec := s.byID[id]; rec != nil && rec.UsedAt.Before(at) {
		rec.UsedAt = at
	}
	return nil
}

// List implements [Store].
func (s *Memory) List(_ context.Context, owner string, at time.Time) ([]Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Record
	for _, rec := range s.byOwner[owner] {
		if rec.live(at) {
			all = append(all, rec.clone())
		}
	}
	slices.SortFunc(all, func(a, b Record) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return all[:min(len(all), MaxList)], nil
}

// DeleteExpired implements [Store].
func (s *Memory) DeleteExpired(_ context.Context, before time.Time) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.drop(func(rec *Record) bool {
		expired := !rec.ExpiresAt.IsZero() && rec.ExpiresAt.Before(before)
		revoked := !rec.RevokedAt.IsZero() && rec.RevokedAt.Before(before)
		return expired || revoked
	}), nil
}

func (s *Memory) drop(over func(*Record) bool) (n int) {
	for id, rec := range s.byID {
		if !over(rec) {
			continue
		}
		n++
		delete(s.byID, id)
		delete(s.byOwner[rec.Owner], id)
		if len(s.byOwner[rec.Owner]) == 0 {
			delete(s.byOwner, rec.Owner)
		}
	}
	return n
}

// clone shares no memory with rec.
func (r *Record) clone() Record {
	c := *r
	c.Scopes = slices.Clone(r.Scopes)
	return c
}
