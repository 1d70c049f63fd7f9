package envelope

import (
	"bytes"
	"context"
	"slices"
	"sync"
)

// Memory is a [Store] in this process, for tests: what was sealed with its keys cannot be opened after it ended. It holds a
// bounded number of records and tombstones, has no goroutine, and never fails except as Store says, or with [ErrFull].
type Memory struct {
	max int

	mu       sync.Mutex
	n        int
	subjects map[string]*subject
}

type subject struct {
	records  []Record
	shredded bool
}

// NewMemory returns a store for so many records; 0 means 100 000, of about 300 bytes each.
func NewMemory(maxRecords int) *Memory {
	if maxRecords <= 0 {
		maxRecords = 100_000
	}
	return &Memory{max: maxRecords, subjects: map[string]*subject{}}
}

// List implements [Store].
func (m *Memory) List(_ context.Context, name string) ([]Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.subjects[name]
	switch {
	case s == nil:
		return nil, nil
	case s.shredded:
		return nil, ErrShredded
	}
	list := slices.Clone(s.records)
	for i := range list {
		list[i].Wrapped = bytes.Clone(list[i].Wrapped)
	}
	return list, nil
}

// Add implements [Store].
func (m *Memory) Add(_ context.Context, rec Record) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.subjects[rec.Subject]
	switch {
	case s != nil && s.shredded:
		return ErrShredded
	case s != nil && s.find(rec.Seq) >= 0:
		return ErrExists
	case m.n >= m.max:
		return ErrFull
	case s == nil:
		s = &subject{}
		m.subjects[rec.Subject] = s
	}
	rec.Wrapped = bytes.Clone(rec.Wrapped)
	s.records = append(s.records, rec)
	m.n++
	return nil
}

// Replace implements [Store].
func (m *Memory) Replace(_ context.Context, rec Record, old []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.subjects[rec.Subject]
	if s != nil && s.shredded {
		return ErrShredded
	}
	i := s.find(rec.Seq)
	if i < 0 || !bytes.Equal(s.records[i].Wrapped, old) {
		return ErrConflict
	}
	rec.Wrapped = bytes.Clone(rec.Wrapped)
	s.records[i] = rec
	return nil
}

// Delete implements [Store].
func (m *Memory) Delete(_ context.Context, name string, seq uint32) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.subjects[name]
	if i := s.find(seq); i >= 0 {
		clear(s.records[i].Wrapped)
		s.records = slices.Delete(s.records, i, i+1)
		m.n--
	}
	return nil
}

// Shred implements [Store]. There is place for the tombstone of a subject with records.
func (m *Memory) Shred(_ context.Context, name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.subjects[name]
	switch {
	case s != nil && s.shredded:
		return nil
	case s == nil && m.n >= m.max:
		return ErrFull
	case s != nil:
		for i := range s.records {
			clear(s.records[i].Wrapped)
		}
		m.n -= len(s.records)
	}
	m.subjects[name] = &subject{shredded: true}
	m.n++
	return nil
}

// find returns where the record is, or -1.
func (s *subject) find(seq uint32) int {
	if s == nil {
		return -1
	}
	return slices.IndexFunc(s.records, func(r Record) bool { return r.Seq == seq })
}
