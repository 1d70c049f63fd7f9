package session

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"
)

// Memory is a [Store] in this process: sessions end with it. It holds a bounded number, has no goroutine, and never fails
// except with [ErrFull].
type Memory struct {
	max int

	mu      sync.Mutex
	byID    map[string]*Family
	byUser  map[User]map[string]*Family
	denials map[string]Denial
}

// NewMemory returns a store for so many sessions, and as many denials; 0 means 100 000, of about 700 bytes each.
func NewMemory(maxSessions int) *Memory {
	if maxSessions <= 0 {
		maxSessions = 100_000
	}
	return &Memory{
		max: maxSessions, byID: map[string]*Family{}, byUser: map[User]map[string]*Family{}, denials: map[string]Denial{},
	}
}

// Create implements [Store]. In a full store, sessions that have ended make room; live ones never do.
func (s *Memory) Create(_ context.Context, f Family) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byID[f.ID] != nil {
		return ErrExists
	}
	if len(s.byID) >= s.max {
		s.drop(func(old *Family) bool { return !old.live(f.CreatedAt) })
	}
	if len(s.byID) >= s.max {
		return ErrFull
	}
	own := f.clone()
	s.byID[f.ID] = &own
	if s.byUser[f.User] == nil {
		s.byUser[f.User] = map[string]*Family{}
	}
	s.byUser[f.User][f.ID] = &own
	return nil
}

// clone shares nothing with f that could be written to.
func (f *Family) clone() Family {
	own := *f
	own.Seed = slices.Clone(f.Seed)
	return own
}

// Get implements [Store].
func (s *Memory) Get(_ context.Context, id string) (Family, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.byID[id]; f != nil {
		return f.clone(), nil
	}
	return Family{}, ErrNotFound
}

// Rotate implements [Store].
func (s *Memory) Rotate(_ context.Context, id string, from uint64, at, idleUntil time.Time) (Family, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.byID[id]
	if f == nil {
		return Family{}, false, ErrNotFound
	}
	rotated := f.Generation == from && f.live(at)
	if rotated {
		f.Generation, f.RotatedAt, f.IdleUntil = from+1, at, idleUntil
	}
	return f.clone(), rotated, nil
}

// Revoke implements [Store].
func (s *Memory) Revoke(_ context.Context, id string, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.byID[id]; f != nil && f.RevokedAt.IsZero() {
		f.RevokedAt = at
	}
	return nil
}

// RevokeUser implements [Store].
func (s *Memory) RevokeUser(_ context.Context, u User, except string, at time.Time) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, f := range s.byUser[u] {
		if id == except || !f.RevokedAt.IsZero() {
			continue
		}
		if f.live(at) {
			n++
		}
		f.RevokedAt = at
	}
	return n, nil
}

// List implements [Store].
func (s *Memory) List(_ context.Context, u User, at time.Time) ([]Family, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Family
	for _, f := range s.byUser[u] {
		if f.live(at) {
			all = append(all, f.clone())
		}
	}
	slices.SortFunc(all, func(a, b Family) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return all[:min(len(all), MaxList)], nil
}

// Deny implements [Store]. In a full store, denials that have lapsed make room.
func (s *Memory) Deny(_ context.Context, d Denial) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, known := s.denials[d.Key]
	if !known && len(s.denials) >= s.max {
		s.lapse(time.Now())
		if len(s.denials) >= s.max {
			return ErrFull
		}
	}
	if old.Before.After(d.Before) {
		d.Before = old.Before
	}
	if old.Until.After(d.Until) {
		d.Until = old.Until
	}
	s.denials[d.Key] = d
	return nil
}

// Denied implements [Store].
func (s *Memory) Denied(_ context.Context, sessionID string, keys []string, issuedAt, at time.Time) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, key := range keys {
		if d, ok := s.denials[key]; ok && !issuedAt.After(d.Before) {
			return true, nil
		}
	}
	if sessionID == "" {
		return false, nil
	}
	f := s.byID[sessionID]
	return f == nil || !f.RevokedAt.IsZero() || !at.Before(f.ExpiresAt), nil
}

// DeleteExpired implements [Store].
func (s *Memory) DeleteExpired(_ context.Context, before time.Time) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.drop(func(f *Family) bool { return f.IdleUntil.Before(before) || f.ExpiresAt.Before(before) })
	return n + s.lapse(before), nil
}

func (s *Memory) drop(over func(*Family) bool) (n int) {
	for id, f := range s.byID {
		if !over(f) {
			continue
		}
		n++
		delete(s.byID, id)
		delete(s.byUser[f.User], id)
		if len(s.byUser[f.User]) == 0 {
			delete(s.byUser, f.User)
		}
	}
	return n
}

func (s *Memory) lapse(before time.Time) (n int) {
	for key, d := range s.denials {
		if d.Until.Before(before) {
			delete(s.denials, key)
			n++
		}
	}
	return n
}
