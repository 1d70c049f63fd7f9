package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/gopalisade/palisade/adapters/sqlstore"
	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/field/reseal"
	"github.com/gopalisade/palisade/crypto/password"
	"github.com/gopalisade/palisade/crypto/vault"
)

// rotation seals all data again under a new key, beside servers that are running. It may be killed at any moment, and run
// again: it goes on with the key that it has drawn.
//
// The key of before opens until the next rotation, for what a process that was stopped in the middle of a request may still
// write. Where a key has leaked, rotate again after a minute.
type rotation struct {
	store     *store
	data      *dataKeys
	rows      *sqlstore.Rows
	passwords *password.Hasher
	cards     *vault.Vault
	pause     time.Duration // until every server knows a new list of keys, or that it lacks a key
	grace     time.Duration // how old a request can be that still holds what it has sealed
}

func rotateKeys(ctx context.Context, st *store, data *dataKeys, out io.Writer) error {
	r, err := newRotation(st, data)
	if err != nil {
		return err
	}
	return r.run(ctx, out)
}

func newRotation(st *store, data *dataKeys) (*rotation, error) {
	r := &rotation{store: st, data: data, pause: 2 * refresh, grace: time.Minute}
	var err error
	r.rows, err = sqlstore.NewRows(sqlstore.RowsConfig{
		DB: st.db, Dialect: st.dialect, Table: "users", Key: "id", Cells: st.people.Cells(),
	})
	if err != nil {
		return nil, err
	}
	if r.passwords, err = newPasswords(data.ring); err != nil {
		return nil, err
	}
	r.cards, err = newVault(data.ring, st)
	return r, err
}

// run takes the steps. Each needs that every server has seen the one before: first all can open with the key, or answer 503;
// then all seal with it, and what was sealed under another is sealed again.
func (r *rotation) run(ctx context.Context, out io.Writer) error {
	id, old, err := r.announce(ctx)
	if err != nil {
		return err
	}
	if err := r.wait(ctx); err != nil {
		return err
	}
	if err := r.data.change(func(list []dataKey) []dataKey { return withPrimary(list, id) }); err != nil {
		return err
	}
	if err := r.wait(ctx); err != nil {
		return err
	}
	var done resealed
	for range tries {
		if err := r.data.follow(); err != nil {
			return err
		}
		if done, err = r.sealAgain(ctx); err == nil {
			break
		}
	}
	if err != nil {
		return err
	}
	if err := r.retire(ctx, old); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "new data key %d: %d accounts, %d passwords and %d cards sealed again, retired %v\n",
		id, done.rows, done.hashes, done.cards, old)
	return err
}

// tries are for keys that another rotation announces meanwhile.
const tries = 3

type resealed struct {
	rows          int64
	hashes, cards int
}

func (r *rotation) sealAgain(ctx context.Context) (done resealed, err error) {
	if done.rows, err = r.resealRows(ctx); err != nil {
		return done, fmt.Errorf("users: %w", err)
	}
	if done.hashes, err = r.resealPasswords(ctx); err != nil {
		return done, fmt.Errorf("passwords: %w", err)
	}
	if done.cards, err = r.resealCards(ctx); err != nil {
		return done, fmt.Errorf("cards: %w", err)
	}
	return done, nil
}

// announce adds a key to the list and to what the database knows, and returns which keys were replaced long before. A key that
// is behind the primary in the list is of a rotation that was killed.
func (r *rotation) announce(ctx context.Context) (id field.KeyID, old []field.KeyID, err error) {
	err = r.data.change(func(list []dataKey) []dataKey {
		primary := slices.IndexFunc(list, func(k dataKey) bool { return k.State == field.Primary.String() })
		id, old = 0, nil
		for i, k := range list {
			switch {
			case k.State != field.Active.String():
			case i > primary:
				id = k.ID
			case time.Since(k.Replaced) >= r.grace:
				old = append(old, k.ID)
			}
		}
		if id == 0 {
			list = append(list, newDataKey(field.Active))
			id = list[len(list)-1].ID
		}
		return list
	})
	if err != nil {
		return 0, nil, err
	}
	return id, old, r.store.addDataKey(ctx, id)
}

func (r *rotation) wait(ctx context.Context) error {
	select {
	case <-time.After(r.pause):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// withPrimary makes one key the primary, and the one before it active.
func withPrimary(list []dataKey, id field.KeyID) []dataKey {
	for i := range list {
		switch {
		case list[i].ID == id:
			list[i].State = field.Primary.String()
		case list[i].State == field.Primary.String():
			list[i].State, list[i].Replaced = field.Active.String(), time.Now().UTC()
		}
	}
	return list
}

func (r *rotation) resealRows(ctx context.Context) (int64, error) {
	resealer, err := reseal.New(reseal.Config{Ring: r.data.ring, Rows: r.rows, Table: r.store.people})
	if err != nil {
		return 0, err
	}
	p, err := resealer.Run(ctx)
	return p.Resealed, err
}

// resealPasswords needs no password: what is sealed is the hash.
func (r *rotation) resealPasswords(ctx context.Context) (n int, err error) {
	err = r.store.eachPassword(ctx, func(id, stored string) error {
		fresh, changed, err := r.passwords.For(id).Reseal(stored)
		if err != nil || !changed {
			return err
		}
		err = r.store.setPassword(ctx, id, stored, fresh)
		if errors.Is(err, errNotFound) { // the owner has changed it, or is gone
			return nil
		}
		n++
		return err
	})
	return n, err
}

var errUnreadable = errors.New("some cannot be opened, and no key is retired before that is clear")

func (r *rotation) resealCards(ctx context.Context) (int, error) {
	var p vault.Progress
	for !p.Done {
		var err error
		if p, err = r.cards.Reseal(ctx, p); err != nil {
			return p.Resealed, err
		}
	}
	if p.Unreadable > 0 {
		return p.Resealed, errUnreadable
	}
	return p.Resealed, nil
}

// retire disables keys that nothing refers to any more. They stay in the list, for backups: whoever deletes one there makes the
// backups of its time unreadable.
func (r *rotation) retire(ctx context.Context, old []field.KeyID) error {
	for _, id := range old {
		if err := reseal.Retire(ctx, r.data.ring, id, r.rows); err != nil {
			return fmt.Errorf("key %d: %w", id, err)
		}
		if err := r.store.deleteDataKey(ctx, id); err != nil { // first, or servers would miss the key
			return err
		}
	}
	return r.data.change(func(list []dataKey) []dataKey {
		for i := range list {
			if slices.Contains(old, list[i].ID) && list[i].State == field.Active.String() {
				list[i].State = field.Disabled.String()
			}
		}
		return list
	})
}
