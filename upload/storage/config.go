package storage

import (
	"errors"
	"io/fs"
	"os"
	"runtime"
	"time"

	"github.com/gopalisade/palisade/internal/conf"
)

// DirectoryConfig describes a [Directory]. Path is required.
type DirectoryConfig struct {
	_ [0]func() // keyed literals only, never comparable

	// Path is a directory of the store's own, on one file system, which several processes may share. It must exist, so that a
	// disk that was not mounted is noticed, and must not be writable for everybody.
	Path string

	NoSync bool          // commit without waiting for the disk: a power cut may lose or cut what was committed before
	MaxAge time.Duration // how old quarantine is that nobody owns before it is removed, 1m or more; 1h

	Interval time.Duration                // how often a goroutine calls Clean, 1s or more; 10m, negative: never
	Report   func(removed int, err error) // is told what each of these calls returned; nobody
}

// NewDirectory returns a store in cfg.Path, or every fault of cfg joined. It makes what it needs there, and moves an empty
// directory from quarantine to the objects to see that it can. [Directory.Close] ends it.
func NewDirectory(cfg DirectoryConfig) (*Directory, error) {
	f := conf.Faults{Room: "storage"}
	conf.Default(&cfg.MaxAge, time.Hour)
	conf.Default(&cfg.Interval, 10*time.Minute)
	f.Check(cfg.MaxAge >= time.Minute, "MaxAge", cfg.MaxAge, "must be at least 1m: a slow upload must not look abandoned")
	f.Check(cfg.Interval < 0 || cfg.Interval >= time.Second, "Interval", cfg.Interval, "must be at least 1s")
	d := &Directory{
		noSync: cfg.NoSync, maxAge: cfg.MaxAge, report: cfg.Report,
		own: inQuarantine + newTxID(), txs: map[string]*dirTx{}, stop: make(chan struct{}),
	}
	reason := d.open(cfg.Path)
	f.Check(cfg.Path != "", "Path", nil, "is required")
	f.Check(cfg.Path == "" || reason == "", "Path", cfg.Path, reason)
	if err := f.Err(); err != nil {
		_ = d.release()
		return nil, err
	}
	if cfg.Interval > 0 {
		d.janitor.Go(func() { d.cleanEvery(cfg.Interval) })
	}
	return d, nil
}

// open makes the store's directories, and returns what is wrong with the path.
func (d *Directory) open(path string) (reason string) {
	if info, err := os.Stat(path); err != nil || !info.IsDir() { // not opened before: it may be a pipe
		return "must be a directory that exists"
	}
	var err error
	if d.root, err = os.OpenRoot(path); err != nil {
		return "cannot be opened: " + bare(err).Error()
	}
	if !private(d.root, ".", 0o002) {
		return "must not be writable for everybody"
	}
	for _, name := range []string{quarantine, objects} {
		if err := d.root.Mkdir(name, dirMode); err != nil && !errors.Is(err, fs.ErrExist) {
			return "must be writable: " + bare(err).Error()
		}
		if !private(d.root, name, 0o022) {
			return "must not hold a " + name + " that is no directory, or that others can write to"
		}
	}
	if d.objects, err = d.root.OpenRoot(objects); err == nil {
		err = d.claim()
	}
	if err == nil {
		err = d.probe()
	}
	if err != nil {
		return "must be one writable file system: " + bare(err).Error()
	}
	return ""
}

// private reports whether name is a directory, and no link to one, without those bits. Windows has none to compare.
func private(r *os.Root, name string, bits fs.FileMode) bool {
	info, err := r.Lstat(name)
	return err == nil && info.IsDir() && (runtime.GOOS == "windows" || info.Mode().Perm()&bits == 0)
}

// claim makes this process's part of quarantine, and locks it for as long as the process lives.
func (d *Directory) claim() error {
	if err := d.root.Mkdir(d.own, dirMode); err != nil {
		return err
	}
	lock, err := d.root.OpenFile(d.own+"/"+lockName, os.O_CREATE|os.O_EXCL|os.O_RDWR, fileMode)
	if err != nil {
		return err
	}
	d.lock = lock
	// A janitor of another process that comes by in this moment holds it, to see whether anybody does. Without it, this process
	// would look dead for as long as it lives.
	for range lockTries {
		if !busy(lock) {
			return nil
		}
		time.Sleep(lockPause)
	}
	return errLocked
}

const (
	lockTries = 1000
	lockPause = time.Millisecond
)

var errLocked = errors.New("somebody else holds the lock")

// probe does what a commit does, with nothing in it.
func (d *Directory) probe() error {
	id := newTxID()
	if err := d.root.Mkdir(d.own+"/"+id, dirMode); err != nil {
		return err
	}
	err := d.root.Rename(d.own+"/"+id, objects+"/"+id)
	if err == nil {
		err = d.sync(objects)
	}
	_ = d.root.Remove(d.own + "/" + id)
	_ = d.root.Remove(objects + "/" + id)
	return err
}
