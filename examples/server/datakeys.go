package main

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/secret"
	"github.com/gopalisade/palisade/problem"
)

// dataKeys are the keys of what is stored sealed. They stand in the data folder as a list, in a file that is never
// written again or removed: data-keys-1.json, then data-keys-2.json, of which the last counts. So several processes can change
// the list at once and lose no key, and a crash leaves no half of one. A key is gone when no file has it any more.
//
// Running servers look for a new list every refresh: key rotation goes on beside them. The database knows the numbers of the
// keys that its data may be sealed with; a server whose list lacks one answers 503, since it would not find what is there.
type dataKeys struct {
	dir  string
	ring *field.Ring
	log  *slog.Logger

	mu      sync.Mutex
	version int // of the list that the ring has

	behind atomic.Bool // a key is missing
}

// refresh is how soon every process knows a new list.
const refresh = time.Second

// dataKey is a key in the file. Secret is base64 there.
type dataKey struct {
	ID     field.KeyID `json:"id"`
	State  string      `json:"state"` // "primary", "active" or "disabled"
	Secret []byte      `json:"secret"`
	// Replaced is when another key became the primary instead.
	Replaced time.Time `json:"replaced,omitzero"`
}

func newDataKey(state field.State) dataKey {
	key := dataKey{State: state.String(), Secret: make([]byte, 32)}
	var id [4]byte
	for key.ID == 0 {
		_, _ = rand.Read(id[:]) // never fails
		key.ID = field.KeyID(binary.BigEndian.Uint32(id[:]))
	}
	_, _ = rand.Read(key.Secret)
	return key
}

func (k dataKey) key() (field.Key, error) {
	for state := field.Active; state <= field.Disabled; state++ {
		if k.State == state.String() {
			return field.Key{ID: k.ID, Secret: secret.New(k.Secret), State: state}, nil
		}
	}
	return field.Key{}, fmt.Errorf("data keys: key %d has no state that is known", k.ID)
}

// openDataKeys returns the ring of the folder's keys. At the first start it makes the folder, and draws one.
func openDataKeys(dir string, log *slog.Logger) (*dataKeys, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	d := &dataKeys{dir: dir, log: log}
	version, list, err := d.read()
	if errors.Is(err, fs.ErrNotExist) {
		err = d.write(1, []dataKey{newDataKey(field.Primary)})
		if err == nil || errors.Is(err, fs.ErrExist) { // another process was faster
			version, list, err = d.read()
		}
	}
	if err != nil {
		return nil, err
	}
	d.version = version
	d.ring, err = newDataRing(list)
	return d, err
}

func newDataRing(list []dataKey) (*field.Ring, error) {
	var cfg field.Config
	for _, k := range list {
		key, err := k.key()
		if err != nil {
			return nil, err
		}
		cfg.Keys = append(cfg.Keys, key)
	}
	return field.New(cfg)
}

func (d *dataKeys) path(version int) string {
	return filepath.Join(d.dir, fmt.Sprintf("data-keys-%d.json", version))
}

// read returns the last list.
func (d *dataKeys) read() (version int, list []dataKey, err error) {
	files, err := os.ReadDir(d.dir)
	if err != nil {
		return 0, nil, err
	}
	for _, file := range files {
		var n int
		if _, err := fmt.Sscanf(file.Name(), "data-keys-%d.json", &n); err == nil {
			version = max(version, n)
		}
	}
	data, err := os.ReadFile(d.path(version))
	if err != nil {
		return 0, nil, err
	}
	if err := json.Unmarshal(data, &list); err != nil {
		return 0, nil, fmt.Errorf("data keys: %s is not what was written", d.path(version)) // the error could quote a key
	}
	return version, list, nil
}

// write adds a list that a ring can be made of, or returns fs.ErrExist when another process has added one of the version.
func (d *dataKeys) write(version int, list []dataKey) error {
	ring, err := newDataRing(list)
	if err != nil {
		return err
	}
	data, err := json.MarshalIndent(list, "", "\t")
	if err := errors.Join(err, ring.Close()); err != nil {
		return err
	}
	return linkFile(d.path(version), append(data, '\n'))
}

// change replaces the list by what f makes of it, and lets this process's ring follow.
func (d *dataKeys) change(f func([]dataKey) []dataKey) error {
	for {
		version, list, err := d.read()
		if err != nil {
			return err
		}
		switch err := d.write(version+1, f(list)); {
		case errors.Is(err, fs.ErrExist): // somebody else was faster: on top of what he made
			continue
		case err != nil:
			return err
		}
		return d.follow()
	}
}

// follow brings the ring to the state of the last list.
func (d *dataKeys) follow() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	version, list, err := d.read()
	if err != nil || version <= d.version {
		return err
	}
	have := map[field.KeyID]field.State{}
	for _, info := range d.ring.Keys() {
		have[info.ID] = info.State
	}
	// The new primary before the old one's end: a ring is never without.
	for _, last := range []bool{false, true} {
		for _, k := range list {
			key, err := k.key()
			if err != nil {
				return err
			}
			if disabled := key.State == field.Disabled; disabled != last {
				continue
			}
			if err := d.set(key, have); err != nil {
				return err
			}
		}
	}
	d.version = version
	return nil
}

func (d *dataKeys) set(key field.Key, have map[field.KeyID]field.State) error {
	state, known := have[key.ID]
	switch {
	case !known:
		return d.ring.Add(key)
	case state == key.State:
		return nil
	case state == field.Disabled:
		return fmt.Errorf("data keys: key %d was disabled, and comes back with the next start", key.ID)
	case key.State == field.Primary:
		return d.ring.SetPrimary(key.ID)
	case key.State == field.Disabled:
		return d.ring.Disable(key.ID)
	}
	return nil // a primary that was replaced is active by now
}

// check compares the ring with the numbers that the database knows. A database that is new learns the primary's.
func (d *dataKeys) check(ctx context.Context, st *store) error {
	known, err := st.dataKeys(ctx)
	if err != nil {
		return err
	}
	usable := map[field.KeyID]bool{}
	for _, info := range d.ring.Keys() {
		usable[info.ID] = info.State != field.Disabled
		if len(known) == 0 && info.State == field.Primary {
			return st.addDataKey(ctx, info.ID)
		}
	}
	for _, id := range known {
		if !usable[id] {
			d.behind.Store(true)
			return fmt.Errorf("data keys: the database holds data of key %d, which %s has not: are these the files of another server?", id, d.dir)
		}
	}
	d.behind.Store(false)
	return nil
}

// watch follows new lists until ctx ends.
func (d *dataKeys) watch(ctx context.Context, st *store) {
	for tick := time.NewTicker(refresh); ; {
		select {
		case <-ctx.Done():
			tick.Stop()
			return
		case <-tick.C:
			if err := errors.Join(d.follow(), d.check(ctx, st)); err != nil && ctx.Err() == nil {
				d.log.ErrorContext(ctx, "data keys", "err", err)
			}
		}
	}
}

// wrap refuses while a key is missing.
func (d *dataKeys) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if d.behind.Load() {
			problem.Write(w, r, &problem.Problem{Status: http.StatusServiceUnavailable, Code: "data_keys_behind", RetryAfter: 5 * time.Second})
			return
		}
		next.ServeHTTP(w, r)
	})
}
