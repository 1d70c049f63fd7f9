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
// again: then there is one more key, and everything ends under the last.
type rotation struct {
	store     *store
	data      *dataKeys
	rows      *sqlstore.Rows
	passwords *password.Hasher
	cards     *vault.Vault
	pause     time.Duration // until every server knows a new list of keys
}

func rotateKeys(ctx context.Context, st *store, data *dataKeys, out io.Writer) error {
	r, err := newRotation(st, data)
	if err != nil {
		return err
	}
	return r.run(ctx, out)
}

func newRotation(st *store, data *dataKeys) (*rotation, error) {
	r := &rotation{store: st, data: data, pause: 2 * refresh}
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

// run takes the steps. Each needs that every server has seen the one before: first all can open with the key, then all seal with
// it, then nothing is left under another.
func (r *rotation) run(ctx context.Context, out io.Writer) error {
	fresh := newDataKey(field.Active)
	if err := r.data.change(func(list []dataKey) []dataKey { return append(list, fresh) }); err != nil {
		return err
	}
	if err := r.wait(ctx); err != nil {
		return err
	}
	if err := r.data.change(func(list []dataKey) []dataKey { return withPrimary(list, fresh.ID) }); err != nil {
		return err
	}
	if err := r.wait(ctx); err != nil {
		return err
	}
	rows, err := r.resealRows(ctx)
	if err != nil {
		return fmt.Errorf("users: %w", err)
	}
	hashes, err := r.resealPasswords(ctx)
	if err != nil {
		return fmt.Errorf("passwords: %w", err)
	}
	cards, err := r.resealCards(ctx)
	if err != nil {
		return fmt.Errorf("cards: %w", err)
	}
	retired, err := r.retire(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "new data key %d: %d accounts, %d passwords and %d cards sealed again, retired %v\n",
		fresh.ID, rows, hashes, cards, retired)
	return err
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
			list[i].State = field.Active.String()
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

// retire disables the keys that nothing refers to any more. They stay in the file, for backups: whoever deletes one there
// makes the backups of its time unreadable.
func (r *rotation) retire(ctx context.Context) (ids []field.KeyID, err error) {
	for _, info := range r.data.ring.Keys() {
		if info.State != field.Active {
			continue
		}
		if err := reseal.Retire(ctx, r.data.ring, info.ID, r.rows); err != nil {
			return nil, fmt.Errorf("key %d: %w", info.ID, err)
		}
		ids = append(ids, info.ID)
	}
	return ids, r.data.change(func(list []dataKey) []dataKey {
		for i := range list {
			if slices.Contains(ids, list[i].ID) && list[i].State == field.Active.String() {
				list[i].State = field.Disabled.String()
			}
		}
		return list
	})
}
