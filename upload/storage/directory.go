package storage

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Directory is a [Store] on disk.
//
//	quarantine/<process>/lock              held while the process lives
//	quarantine/<process>/<tx>/<file>       a transaction, before
//	objects/<first two of tx>/<tx>/<file>  and after it was committed, by one rename
//	objects/<first two of tx>/<tx>/<file>.meta
//
// Directories are 0700 and files 0600. A committed file is found in a number of steps that does not depend on how many there
// are: 1024 directories share the transactions. No link is followed out of the objects, wherever it was planted.
//
// Before Commit returns, the disk has confirmed the files, their descriptions, and the directories above them.
type Directory struct {
	noSync bool
	maxAge time.Duration
	report func(int, error)

	root    *os.Root
	objects *os.Root // a link that is planted in it does not lead back into quarantine
	own     string
	lock    *os.File
	fans    [32 * 32]atomic.Bool // which directories of objects the disk has confirmed

	mu     sync.Mutex
	txs    map[string]*dirTx // that have not ended
	closed bool

	stop    chan struct{}
	janitor sync.WaitGroup
}

const (
	quarantine   = "quarantine"
	inQuarantine = quarantine + "/"
	objects      = "objects"
	lockName     = "lock"
	metaSuffix   = ".meta"

	dirMode  = 0o700
	fileMode = 0o600
)

// Begin implements [Store]. It touches no disk.
func (d *Directory) Begin(ctx context.Context) (Tx, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, ErrDone
	}
	t := &dirTx{d: d, ctx: ctx, id: newTxID(), begun: time.Now()}
	t.path = d.own + "/" + t.id
	d.txs[t.id] = t
	return t, nil
}

// forget is for a transaction that has ended.
func (d *Directory) forget(t *dirTx) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.txs, t.id)
}

// place returns where a transaction is committed, below objects.
func place(tx string) string { return tx[:2] + "/" + tx }

// Open implements [Store].
func (d *Directory) Open(ctx context.Context, key string) (Object, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	tx, name, ok := split(key)
	if !ok {
		return nil, ErrNotFound
	}
	name = place(tx) + "/" + name
	meta, err := d.meta(name + metaSuffix)
	if err != nil {
		return nil, err
	}
	f, size, err := d.regular(name)
	if err != nil {
		return nil, err
	}
	if size != meta.Size {
		_ = f.Close()
		return nil, ErrDamaged
	}
	return &object{io.NewSectionReader(pathless{f}, 0, size), f, meta}, nil
}

func (d *Directory) meta(name string) (Meta, error) {
	f, _, err := d.regular(name)
	if err != nil {
		return Meta{}, err
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(io.LimitReader(f, maxMeta+1))
	if err != nil {
		return Meta{}, fail("read", err)
	}
	return decode(text)
}

// regular opens an ordinary file of objects: no link, and no pipe, which would make us wait.
func (d *Directory) regular(name string) (*os.File, int64, error) {
	before, err := d.objects.Lstat(name)
	if err != nil {
		return nil, 0, missing("open", err)
	}
	if !before.Mode().IsRegular() {
		return nil, 0, ErrDamaged
	}
	f, err := d.objects.Open(name)
	if err != nil {
		return nil, 0, missing("open", err)
	}
	info, err := f.Stat()
	if err == nil && os.SameFile(before, info) {
		return f, info.Size(), nil
	}
	_ = f.Close()
	return nil, 0, errors.Join(ErrDamaged, fail("open", err))
}

// missing is fail, where what does not exist was never committed, or deleted.
func missing(op string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return ErrNotFound
	}
	return fail(op, err)
}

// Delete implements [Store].
func (d *Directory) Delete(ctx context.Context, key string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	tx, name, ok := split(key)
	if !ok {
		return ErrNotFound
	}
	dir := place(tx)
	err := d.objects.Remove(dir + "/" + name) // one of several calls succeeds here
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fail("delete", err)
	}
	_ = d.objects.Remove(dir + "/" + name + metaSuffix) // also where an earlier call came no further
	if err != nil {
		return ErrNotFound
	}
	if d.objects.Remove(dir) == nil { // it was the last file
		dir = tx[:2]
	}
	err = d.sync(objects + "/" + dir)
	if errors.Is(err, fs.ErrNotExist) { // somebody else deleted the last one meanwhile
		err = d.sync(objects + "/" + tx[:2])
	}
	return fail("delete", err)
}

// sync waits until the disk has confirmed a directory's entries, which Windows does not offer.
func (d *Directory) sync(dir string) error {
	if d.noSync || runtime.GOOS == "windows" {
		return nil
	}
	f, err := d.root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// object is a committed file.
type object struct {
	*io.SectionReader
	f    *os.File
	meta Meta
}

func (o *object) Meta() Meta   { return o.meta }
func (o *object) Close() error { return fail("close", o.f.Close()) }

// pathless is a file whose errors have no path.
type pathless struct{ f *os.File }

func (p pathless) ReadAt(b []byte, off int64) (int, error) {
	n, err := p.f.ReadAt(b, off)
	if errors.Is(err, io.EOF) {
		return n, err
	}
	return n, fail("read", err)
}
