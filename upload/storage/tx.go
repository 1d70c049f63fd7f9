package storage

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"sync"
	"time"
)

// dirTx is a transaction in a [Directory].
type dirTx struct {
	d     *Directory
	ctx   context.Context // the request's
	id    string
	path  string // in quarantine
	begun time.Time

	mu    sync.RWMutex // whoever uses a file reads; who ends the transaction, or changes its files, writes
	done  bool
	files []*dirFile
}

// Create implements [Tx].
func (t *dirTx) Create(ctx context.Context) (File, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.alive(ctx); err != nil {
		return nil, err
	}
	name := newFileID()
	// All of the path: where age alone decides, this process's empty part may have been removed.
	if err := t.d.root.MkdirAll(t.path, dirMode); err != nil {
		return nil, fail("create", err)
	}
	// Scanners that are handed the descriptor need one that can be read: some take any other for an empty file.
	f, err := t.d.root.OpenFile(t.path+"/"+name, os.O_CREATE|os.O_EXCL|os.O_RDWR, fileMode)
	if err != nil {
		return nil, fail("create", err)
	}
	file := &dirFile{tx: t, name: name, f: f}
	t.files = append(t.files, file)
	return file, nil
}

// alive needs the lock.
func (t *dirTx) alive(ctx context.Context) error {
	if t.done {
		return ErrDone
	}
	if err := t.ctx.Err(); err != nil {
		return err
	}
	return ctx.Err()
}

// Commit implements [Tx].
func (t *dirTx) Commit(ctx context.Context) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.done {
		return ErrDone
	}
	err := t.seal(ctx)
	if err == nil && len(t.files) > 0 {
		err = fail("commit", t.promote())
	}
	if err != nil || len(t.files) == 0 {
		return errors.Join(err, t.end())
	}
	t.done = true
	t.d.forget(t)
	return nil
}

// seal makes every file ready, and has the disk confirm all of them. It closes them, for some systems rename no directory in
// which a file is open.
func (t *dirTx) seal(ctx context.Context) error {
	err := t.alive(ctx)
	var open []*os.File
	for _, f := range t.files {
		if err == nil {
			var beside *os.File
			beside, err = f.seal()
			open = append(open, f.f, beside)
		}
	}
	if err == nil {
		return cmp.Or(fail("commit", t.d.flush(open)), ctx.Err())
	}
	for _, f := range open {
		_ = f.Close() // of the last, there may be none
	}
	return err
}

// flush waits for the disk, for all files at the same time: it confirms many with what it does for one.
func (d *Directory) flush(files []*os.File) error {
	errs := make([]error, len(files))
	var wg sync.WaitGroup
	for start := range min(len(files), flushers) {
		wg.Go(func() {
			for i := start; i < len(files); i += flushers {
				if !d.noSync {
					errs[i] = files[i].Sync()
				}
				errs[i] = errors.Join(errs[i], files[i].Close())
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// flushers bounds what one transaction asks of the disk at the same time.
const flushers = 8

// promote moves the transaction's directory, with all that is in it, to the objects.
func (t *dirTx) promote() error {
	target := objects + "/" + place(t.id)
	err := t.d.sync(t.path)
	if err == nil {
		err = t.d.fan(t.id)
	}
	if err == nil {
		err = t.d.root.Rename(t.path, target)
	}
	if err != nil {
		return err
	}
	if err = errors.Join(t.d.sync(path.Dir(target)), t.d.sync(t.d.own)); err != nil {
		// Nobody knows what the disk has. The caller is told that there is nothing, and so there must not be.
		err = errors.Join(err, t.d.root.Rename(target, t.path))
	}
	return err
}

// fan makes the directory in which a transaction is committed, once.
func (d *Directory) fan(tx string) error {
	known := &d.fans[digit(tx[0])*32+digit(tx[1])]
	if known.Load() {
		return nil
	}
	if err := d.root.Mkdir(objects+"/"+tx[:2], dirMode); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	// Also where another process made it: it may not have waited for the disk yet.
	err := d.sync(objects)
	known.Store(err == nil)
	return err
}

// digit is the value of a letter or digit of an ID.
func digit(c byte) int {
	if c >= 'a' {
		return int(c - 'a')
	}
	return int(c-'2') + 26
}

// Rollback implements [Tx].
func (t *dirTx) Rollback(context.Context) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.done {
		return nil
	}
	return t.end()
}

// end removes everything. It needs the lock. What it fails to remove is the janitor's.
func (t *dirTx) end() error {
	t.done = true
	for _, f := range t.files {
		_ = f.f.Close()
	}
	var err error
	if len(t.files) > 0 {
		err = t.d.root.RemoveAll(t.path)
	}
	t.d.forget(t)
	return fail("roll back", err)
}
