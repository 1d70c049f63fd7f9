package storage

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"
)

// Clean removes transactions that nobody will end, and reports how many: those of processes that are gone, and those of this
// one whose context has ended, if nothing in them changed for MaxAge. A goroutine calls it every Interval.
//
// A process is alive while it holds its lock, which no kill leaves behind. Where the file system, or the operating system, has
// no such locks, age alone decides: an upload that stands still for MaxAge is then taken for abandoned.
func (d *Directory) Clean(ctx context.Context) (removed int, err error) {
	before := time.Now().Add(-d.maxAge)
	removed, err = d.cleanOwn(before)
	entries, more := d.list(quarantine)
	errs := []error{err, more}
	for _, e := range entries {
		name := inQuarantine + e.Name()
		if ctx.Err() != nil || name == d.own {
			continue
		}
		var n int
		if e.IsDir() {
			n, err = d.cleanOther(name, before)
		} else { // a link, for one: it goes, what it points to stays
			n, err = d.remove(name, before)
		}
		removed += n
		errs = append(errs, err)
	}
	return removed, errors.Join(append(errs, ctx.Err())...)
}

// cleanOwn ends what this process has forgotten, and removes what it failed to remove.
func (d *Directory) cleanOwn(before time.Time) (removed int, err error) {
	entries, err := d.list(d.own) // first: a transaction that is in it and ends now is in neither afterwards
	errs := []error{err}
	d.mu.Lock()
	live, over := map[string]bool{lockName: true}, []*dirTx{}
	for id, t := range d.txs {
		live[id] = true
		if t.ctx.Err() != nil && t.begun.Before(before) {
			over = append(over, t)
		}
	}
	d.mu.Unlock()
	for _, t := range over {
		errs = append(errs, t.Rollback(context.Background()))
		removed++
	}
	for _, e := range entries {
		if !live[e.Name()] {
			n, err := d.remove(d.own+"/"+e.Name(), before)
			removed += n
			errs = append(errs, err)
		}
	}
	return removed, errors.Join(errs...)
}

// cleanOther removes what a process left behind, unless it lives.
func (d *Directory) cleanOther(process string, before time.Time) (removed int, err error) {
	lock, err := d.root.OpenFile(process+"/"+lockName, os.O_RDWR, 0)
	if err == nil {
		defer func() { _ = lock.Close() }()
		if busy(lock) {
			return 0, nil
		}
	} else if !errors.Is(err, fs.ErrNotExist) { // for want of descriptors, for one: nothing is known of its owner
		return 0, fail("clean", err)
	}
	entries, err := d.list(process)
	errs := []error{err}
	left := 0
	for _, e := range entries {
		if e.Name() == lockName {
			continue
		}
		n, err := d.remove(process+"/"+e.Name(), before)
		removed += n
		left += 1 - n
		errs = append(errs, err)
	}
	began := d.newest(process + "/" + lockName)
	if began.IsZero() { // it came no further
		began = d.newest(process)
	}
	if left == 0 && began.Before(before) {
		// Not all at once: where age alone decides, its owner may just begin another.
		_ = d.root.Remove(process + "/" + lockName)
		_ = d.root.Remove(process)
	}
	return removed, errors.Join(errs...)
}

// remove removes what is there and did not change since before.
func (d *Directory) remove(name string, before time.Time) (int, error) {
	if last := d.newest(name); last.IsZero() || !last.Before(before) {
		return 0, nil
	}
	if err := d.root.RemoveAll(name); err != nil {
		return 0, fail("clean", err)
	}
	return 1, nil
}

// newest returns when name, or what is in it, was last changed; the zero time where it is gone.
func (d *Directory) newest(name string) time.Time {
	info, err := d.root.Lstat(name)
	if err != nil {
		return time.Time{}
	}
	last := info.ModTime()
	if !info.IsDir() {
		return last
	}
	entries, _ := d.list(name)
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() && info.ModTime().After(last) {
			last = info.ModTime()
		}
	}
	return last
}

// list reads a directory; one that is gone is empty.
func (d *Directory) list(name string) ([]os.DirEntry, error) {
	f, err := d.root.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, fail("clean", err)
	}
	defer func() { _ = f.Close() }()
	entries, err := f.ReadDir(-1)
	return entries, fail("clean", err)
}

func (d *Directory) cleanEvery(interval time.Duration) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-d.stop:
			return
		case <-tick.C:
			removed, err := d.Clean(context.Background())
			if d.report != nil {
				d.report(removed, err)
			}
		}
	}
}

// Close rolls back the transactions that have not ended, and ends the goroutine. Files that are open can be read on.
func (d *Directory) Close() error {
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		return nil
	}
	d.closed = true
	var open []*dirTx
	for _, t := range d.txs {
		open = append(open, t)
	}
	d.mu.Unlock()
	close(d.stop)
	d.janitor.Wait()
	var errs []error
	for _, t := range open {
		errs = append(errs, t.Rollback(context.Background()))
	}
	return errors.Join(append(errs, d.release())...)
}

// release gives back what open and claim took, as far as they came.
func (d *Directory) release() error {
	var errs []error
	if d.lock != nil {
		_ = d.root.Remove(d.own + "/" + lockName) // where an open file cannot be removed, it is a janitor's
		errs = append(errs, d.lock.Close())
	}
	if d.objects != nil {
		errs = append(errs, d.objects.Close())
	}
	if d.root != nil {
		_ = d.root.Remove(d.own)
		errs = append(errs, d.root.Close())
	}
	return fail("close", errors.Join(errs...))
}
