package storage

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"sync"
)

// Memory is a [Store] in this process, for tests and small uses: files end with it. It holds a bounded number of bytes and has
// no goroutine.
type Memory struct {
	max int64

	mu    sync.Mutex // of everything, also of transactions and their files
	used  int64
	files map[string]*memFile // committed, by key
	txs   map[*memTx]bool     // that have not ended
}

// overhead is what a file costs beside its bytes, so that empty ones are bounded too.
const overhead = 512

// NewMemory returns a store for so many bytes, in quarantine or committed, where a file counts 512 more than it holds; 0 means
// 64 MiB. When they are used up, transactions whose context has ended make room; committed files never do.
func NewMemory(maxBytes int64) *Memory {
	if maxBytes <= 0 {
		maxBytes = 64 << 20
	}
	return &Memory{max: maxBytes, files: map[string]*memFile{}, txs: map[*memTx]bool{}}
}

// Begin implements [Store].
func (s *Memory) Begin(ctx context.Context) (Tx, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t := &memTx{s: s, ctx: ctx, id: newTxID()}
	s.txs[t] = true
	return t, nil
}

// Open implements [Store].
func (s *Memory) Open(ctx context.Context, key string) (Object, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.files[key]
	if f == nil {
		return nil, ErrNotFound
	}
	return &memObject{bytes.NewReader(f.data), *f.meta}, nil
}

// Delete implements [Store].
func (s *Memory) Delete(ctx context.Context, key string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.files[key]
	if f == nil {
		return ErrNotFound
	}
	delete(s.files, key)
	s.used -= f.cost()
	return nil
}

// take needs the lock.
func (s *Memory) take(n int64, by *memTx) error {
	if s.used+n > s.max {
		for t := range s.txs {
			if t != by && t.ctx.Err() != nil {
				t.end()
			}
		}
	}
	if s.used+n > s.max {
		return ErrFull
	}
	s.used += n
	return nil
}

// memTx is a transaction in a [Memory].
type memTx struct {
	s     *Memory
	ctx   context.Context
	id    string
	done  bool
	files []*memFile
}

// Create implements [Tx].
func (t *memTx) Create(ctx context.Context) (File, error) {
	t.s.mu.Lock()
	defer t.s.mu.Unlock()
	if err := t.alive(ctx); err != nil {
		return nil, err
	}
	if err := t.s.take(overhead, t); err != nil {
		return nil, err
	}
	f := &memFile{tx: t, key: t.id + newFileID()}
	t.files = append(t.files, f)
	return f, nil
}

func (t *memTx) alive(ctx context.Context) error {
	if t.done {
		return ErrDone
	}
	if err := t.ctx.Err(); err != nil {
		return err
	}
	return ctx.Err()
}

// Commit implements [Tx].
func (t *memTx) Commit(ctx context.Context) error {
	t.s.mu.Lock()
	defer t.s.mu.Unlock()
	if t.done {
		return ErrDone
	}
	err := t.alive(ctx)
	for _, f := range t.files {
		if err == nil {
			err = f.check()
		}
	}
	if err != nil {
		t.end()
		return err
	}
	for _, f := range t.files {
		t.s.files[f.key] = f
	}
	t.done = true
	t.files = nil // so that no file keeps the others from being collected
	delete(t.s.txs, t)
	return nil
}

// Rollback implements [Tx].
func (t *memTx) Rollback(context.Context) error {
	t.s.mu.Lock()
	defer t.s.mu.Unlock()
	if !t.done {
		t.end()
	}
	return nil
}

// end removes everything. It needs the lock.
func (t *memTx) end() {
	t.done = true
	for _, f := range t.files {
		t.s.used -= f.cost()
	}
	t.files = nil
	delete(t.s.txs, t)
}

// memFile is a file in a [Memory], in quarantine or committed.
type memFile struct {
	tx     *memTx
	key    string
	data   []byte
	meta   *Meta
	broken error
	gone   bool
}

func (f *memFile) cost() int64 { return int64(len(f.data)) + overhead }

// lock returns ErrDone where the file or its transaction has ended.
func (f *memFile) lock() (unlock func(), err error) {
	f.tx.s.mu.Lock()
	if f.tx.done || f.gone {
		err = ErrDone
	}
	return f.tx.s.mu.Unlock, err
}

// check needs the lock.
func (f *memFile) check() error {
	if f.broken == nil && (f.meta == nil || f.meta.Size != int64(len(f.data))) {
		return ErrMeta
	}
	return f.broken
}

// Write implements [File].
func (f *memFile) Write(p []byte) (int, error) {
	unlock, err := f.lock()
	defer unlock()
	if err == nil {
		err = cmp.Or(f.broken, f.tx.ctx.Err())
	}
	if err == nil {
		f.broken = f.tx.s.take(int64(len(p)), f.tx)
		err = f.broken
	}
	if err != nil {
		return 0, err
	}
	f.data = append(f.data, p...)
	return len(p), nil
}

// ReadAt implements [File].
func (f *memFile) ReadAt(p []byte, off int64) (int, error) {
	unlock, err := f.lock()
	defer unlock()
	if err != nil {
		return 0, err
	}
	return bytes.NewReader(f.data).ReadAt(p, off)
}

// Size implements [File].
func (f *memFile) Size() int64 {
	f.tx.s.mu.Lock()
	defer f.tx.s.mu.Unlock()
	return int64(len(f.data))
}

// Key implements [File].
func (f *memFile) Key() string { return f.key }

// SetMeta implements [File].
func (f *memFile) SetMeta(m Meta) error {
	if err := m.Check(); err != nil {
		return err
	}
	unlock, err := f.lock()
	defer unlock()
	if err == nil {
		f.meta = &m
	}
	return err
}

// Discard implements [File].
func (f *memFile) Discard() error {
	unlock, err := f.lock()
	defer unlock()
	if err != nil {
		return err
	}
	f.gone = true
	f.tx.files = slices.DeleteFunc(f.tx.files, func(other *memFile) bool { return other == f })
	f.tx.s.used -= f.cost()
	return nil
}

// memObject is a committed file.
type memObject struct {
	*bytes.Reader
	meta Meta
}

func (o *memObject) Meta() Meta   { return o.meta }
func (o *memObject) Close() error { return nil }
