package sqlstore

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// patience is how long a writer waits for those of other processes.
const patience = 10 * time.Second

// OpenSQLite opens or creates a file, mode 0600, for a [Store] and other tables beside it. The program imports the driver
// "sqlite", modernc.org/sqlite: this package needs none.
//
// What was committed is on the disk; a writer waits up to ten seconds for those of other processes; a transaction takes
// its lock when it begins; foreign keys hold. The directory must exist, on a local disk, and its owner may read
// everything.
func OpenSQLite(path string) (*sql.DB, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) // SQLite would let others read it
	if err != nil {
		return nil, err
	}
	if err := file.Close(); err != nil {
		return nil, err
	}
	escaped := strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(filepath.ToSlash(path))
	db, err := sql.Open("sqlite", fmt.Sprintf("file:%s?_busy_timeout=%d&_txlock=immediate"+
		"&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)", escaped, patience.Milliseconds()))
	if err != nil {
		return nil, err
	}
	// Readers hardly wait, so a few connections are enough; idle ones are kept, since opening runs the pragmas.
	db.SetMaxOpenConns(8)
	db.SetMaxIdleConns(8)
	if err := useWAL(db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// useWAL changes the file's journal, which it remembers. SQLite does not wait for others where that is in question.
func useWAL(db *sql.DB) error {
	for begin := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		var mode string
		err := db.QueryRow("PRAGMA journal_mode(WAL)").Scan(&mode)
		switch {
		case err == nil && mode != "wal":
			return fmt.Errorf("sqlstore: the journal is %q, and cannot be a write-ahead log here", mode)
		case err == nil, !busy(err), time.Since(begin) > patience:
			return err
		}
	}
}

// busy reports whether SQLite says that another process holds a lock, 5, with details in the upper bits.
func busy(err error) bool {
	e, ok := errors.AsType[interface {
		error
		Code() int
	}](err)
	return ok && e.Code()&0xff == 5
}
