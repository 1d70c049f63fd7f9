package shop

import (
	"context"
	"slices"
	"sync"
)

// Memory is a [Store] that forgets everything when the program ends.
type Memory struct {
	mu     sync.RWMutex
	users  map[string]User
	orders []Order // newest last
}

// NewMemory returns a store with these users.
func NewMemory(users ...User) *Memory {
	m := &Memory{users: make(map[string]User, len(users))}
	for _, u := range users {
		m.users[u.ID] = u
	}
	return m
}

// User returns one account.
func (m *Memory) User(_ context.Context, id string) (User, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	u, ok := m.users[id]
	if !ok {
		return User{}, ErrNotFound
	}
	return u, nil
}

// Orders returns a part of owner's orders, newest first, and how many there are.
func (m *Memory) Orders(_ context.Context, owner, status string, limit, offset int) ([]Order, int, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	var all []Order
	for _, o := range slices.Backward(m.orders) {
		if o.UserID == owner && (status == "" || o.Status == status) {
			all = append(all, o)
		}
	}
	from := min(offset, len(all))
	return all[from:min(from+limit, len(all))], len(all), nil
}

// Order returns one order of owner's.
func (m *Memory) Order(_ context.Context, owner, id string) (Order, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	i := slices.IndexFunc(m.orders, func(o Order) bool { return o.ID == id && o.UserID == owner })
	if i < 0 {
		return Order{}, ErrNotFound
	}
	return m.orders[i], nil
}

// AddOrder keeps o.
func (m *Memory) AddOrder(_ context.Context, o Order) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.users[o.UserID]; !ok {
		return ErrNotFound
	}
	m.orders = append(m.orders, o)
	return nil
}
