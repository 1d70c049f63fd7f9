package storage

import (
	"errors"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
)

// dirFile is a file in quarantine.
type dirFile struct {
	tx   *dirTx
	name string
	f    *os.File
	size atomic.Int64

	mu     sync.Mutex // under tx.mu
	meta   *Meta
	broken error // of the first Write that failed
	gone   bool
}

// use calls do while neither the file nor its transaction ends.
func (f *dirFile) use(do func() error) error {
	f.tx.mu.RLock()
	defer f.tx.mu.RUnlock()
	if f.tx.done || f.gone {
		return ErrDone
	}
	return do()
}

// Write implements [File].
func (f *dirFile) Write(p []byte) (n int, err error) {
	err = f.use(func() error {
		f.mu.Lock()
		defer f.mu.Unlock()
		if err := errors.Join(f.broken, f.tx.ctx.Err()); err != nil {
			return err
		}
		// Not at the descriptor's own position, which a scanner may share.
		n, err = f.f.WriteAt(p, f.size.Load())
		f.size.Add(int64(n))
		f.broken = fail("write", err)
		return f.broken
	})
	return n, err
}

// ReadAt implements [File].
func (f *dirFile) ReadAt(p []byte, off int64) (n int, err error) {
	err = f.use(func() error {
		n, err = pathless{f.f}.ReadAt(p, off)
		return err
	})
	return n, err
}

// SyscallConn implements [syscall.Conn].
func (f *dirFile) SyscallConn() (conn syscall.RawConn, err error) {
	err = f.use(func() error {
		conn, err = f.f.SyscallConn()
		return fail("read", err)
	})
	return conn, err
}

func (f *dirFile) Size() int64 { return f.size.Load() }
func (f *dirFile) Key() string { return f.tx.id + f.name }

// SetMeta implements [File].
func (f *dirFile) SetMeta(m Meta) error {
	if err := m.Check(); err != nil {
		return err
	}
	return f.use(func() error {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.meta = &m
		return nil
	})
}

// Discard implements [File].
func (f *dirFile) Discard() error {
	t := f.tx
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.done || f.gone {
		return ErrDone
	}
	f.gone = true
	t.files = slices.DeleteFunc(t.files, func(other *dirFile) bool { return other == f })
	err := errors.Join(f.f.Close(), t.d.root.Remove(t.path+"/"+f.name))
	if len(t.files) == 0 {
		err = errors.Join(err, t.d.root.Remove(t.path))
	}
	return fail("discard", err)
}

// seal sees that what is in quarantine under the file's name is what was written, and writes the description beside it. It
// needs the transaction's lock. Its result must be closed, also with an error.
func (f *dirFile) seal() (beside *os.File, err error) {
	if f.broken != nil {
		return nil, f.broken
	}
	if f.meta == nil || f.meta.Size != f.Size() {
		return nil, ErrMeta
	}
	name := f.tx.path + "/" + f.name
	named, err := f.tx.d.root.Lstat(name)
	if err != nil {
		return nil, fail("commit", err)
	}
	held, err := f.f.Stat()
	if err != nil {
		return nil, fail("commit", err)
	}
	if !os.SameFile(named, held) || held.Size() != f.Size() {
		return nil, ErrDamaged
	}
	beside, err = f.tx.d.root.OpenFile(name+metaSuffix, os.O_CREATE|os.O_EXCL|os.O_WRONLY, fileMode)
	if err != nil {
		return nil, fail("commit", err)
	}
	_, err = beside.Write(f.meta.encode())
	return beside, fail("commit", err)
}
