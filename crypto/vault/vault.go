package vault

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/secret"
	"github.com/gopalisade/palisade/monitor/event"
)

// Limits of what a caller may ask for at once.
const (
	maxID    = 255 // bytes of an owner, a tenant or an actor
	maxTries = 16  // tokens that are taken
	// MaxList is the most cards that [Vault.List] returns.
	MaxList = 100
)

func (o *Owner) valid() bool { return isName(o.ID) && (o.Tenant == "" || isName(o.Tenant)) }

// isName reports whether every store and log can hold s.
func isName(s string) bool {
	if s == "" || len(s) > maxID || !utf8.ValidString(s) {
		return false
	}
	for _, c := range s {
		if !unicode.IsPrint(c) {
			return false
		}
	}
	return true
}

// Tokenize keeps a number for its owner and returns the card with its token. With Config.Dedupe that is the token which the
// owner has for the number already, if it lives.
//
// The error matches [ErrPAN] for the zero PAN, [ErrOwner], [ErrUnavailable], or one of package field.
func (v *Vault) Tokenize(ctx context.Context, owner Owner, pan PAN) (Card, error) {
	switch {
	case pan.IsZero():
		return Card{}, ErrPAN
	case !owner.valid():
		return Card{}, ErrOwner
	}
	prints, err := v.fingerprints(&owner, pan)
	if err != nil {
		return Card{}, v.notSealed(ctx, &owner, err)
	}
	for range maxTries {
		rec, err := v.newRecord(owner, pan)
		if err != nil {
			return Card{}, v.notSealed(ctx, &owner, err)
		}
		if len(prints) > 0 {
			rec.Fingerprint = prints[0]
		}
		kept, err := v.store.Put(ctx, rec, prints)
		switch {
		case errors.Is(err, ErrExists):
			continue
		case err != nil:
			return Card{}, unavailable("put", err)
		case kept.Token == rec.Token:
			event.Emit(ctx, event.Event{Code: event.SensitiveCreate, Principal: owner.ID, Object: kept.Token, Reason: "card"})
			return kept.Card, nil
		}
		switch known, err := v.known(ctx, kept, pan); {
		case err != nil:
			return Card{}, err
		case known:
			event.Emit(ctx, event.Event{Code: event.SensitiveCreate, Principal: owner.ID, Object: kept.Token, Reason: "card_known"})
			return kept.Card, nil
		}
	}
	return Card{}, unavailable("put", ErrExists)
}

// known reports whether a record with the number's fingerprint leads to the number. One that was damaged loses its
// fingerprint, so that its owner gets a token that works; one whose key is not at hand may be whole.
func (v *Vault) known(ctx context.Context, kept Record, pan PAN) (bool, error) {
	found, err := v.open(&kept)
	if err == nil && found.Equal(pan) {
		return true, nil
	}
	if failed, ok := errors.AsType[*field.OpenError](err); ok && failed.Cause != nil && !errors.Is(err, field.ErrFormat) {
		return false, v.notOpened(ctx, kept.Owner.ID, kept.Token, err)
	}
	_ = v.notOpened(ctx, kept.Owner.ID, kept.Token, cmp.Or(err, field.ErrOpen)) // the latter for another number: a forgery too
	plain := kept
	plain.Fingerprint = nil
	if _, err := v.store.Swap(ctx, kept, plain); err != nil {
		return false, unavailable("swap", err)
	}
	return false, nil
}

// newRecord seals the number for a new token.
func (v *Vault) newRecord(owner Owner, pan PAN) (rec Record, err error) {
	rec.Token, rec.Brand, rec.Masked = newToken(v.shaped, pan), pan.Brand(), pan.Masked()
	rec.Owner, rec.CreatedAt = owner, time.Now().Truncate(time.Microsecond) // which every store keeps
	if v.maxAge > 0 {
		rec.ExpiresAt = rec.CreatedAt.Add(v.maxAge).Truncate(time.Microsecond)
	}
	rec.Sealed, err = v.ring.Seal(rec.cell(), []byte(pan.Reveal()))
	return rec, err
}

// cell binds a number to all that is said about it in clear, so that nobody can change that, nor swap two numbers.
func (r *Record) cell() field.Binding {
	expires := int64(0)
	if !r.ExpiresAt.IsZero() {
		expires = r.ExpiresAt.UnixMicro()
	}
	b := field.Bind("vault", "pan", field.Str(r.Token), field.Str(r.Owner.ID),
		field.Str(r.Brand), field.Str(r.Masked), field.Int(expires))
	if r.Owner.Tenant != "" {
		b = b.Tenant(r.Owner.Tenant)
	}
	return b
}

func (v *Vault) open(rec *Record) (PAN, error) {
	digits, err := v.ring.Open(rec.cell(), rec.Sealed)
	if err != nil {
		return PAN{}, err
	}
	return PAN{secret.New(string(digits))}, nil
}

func (v *Vault) notSealed(ctx context.Context, owner *Owner, err error) error {
	event.Emit(ctx, event.Event{
		Code: event.CryptEncryptFail, Level: slog.LevelError, Principal: owner.ID, Reason: "card", Err: err,
	})
	return err
}

func (v *Vault) notOpened(ctx context.Context, actor, token string, err error) error {
	event.Emit(ctx, event.Event{
		Code: event.CryptDecryptFail, Level: slog.LevelError, Principal: actor, Object: token, Reason: "card", Err: err,
	})
	return err
}

// Card returns what may be seen of one of the owner's cards. It opens nothing. The error matches [ErrNotFound], for another
// owner's token too, [ErrOwner] or [ErrUnavailable].
func (v *Vault) Card(ctx context.Context, owner Owner, token string) (Card, error) {
	rec, err := v.find(ctx, owner.ID, owner, token)
	return rec.Card, err
}

// List returns the owner's cards behind the token after, at most [MaxList], in an order of no meaning. The first page is behind
// "", and the next one behind the last card of the one before. The error matches [ErrOwner], [ErrNotFound] where after is no
// token, or [ErrUnavailable].
func (v *Vault) List(ctx context.Context, owner Owner, after string) ([]Card, error) {
	switch {
	case !owner.valid():
		return nil, ErrOwner
	case after != "" && !isToken(after):
		return nil, ErrNotFound
	}
	all, err := v.store.List(ctx, owner, after, time.Now(), MaxList)
	if err != nil {
		return nil, unavailable("list", err)
	}
	cards := make([]Card, len(all))
	for i := range all {
		cards[i] = all[i].Card
	}
	return cards, nil
}

// Delete forgets one of the owner's cards. The number cannot be had again, except from backups. The errors are those of
// [Vault.Card].
func (v *Vault) Delete(ctx context.Context, owner Owner, token string) error {
	if _, err := v.find(ctx, owner.ID, owner, token); err != nil {
		return err
	}
	switch err := v.store.Delete(ctx, token); {
	case errors.Is(err, ErrNotFound): // somebody else was faster
		return ErrNotFound
	case err != nil:
		return unavailable("delete", err)
	}
	event.Emit(ctx, event.Event{Code: event.SensitiveDelete, Principal: owner.ID, Object: token, Reason: "card"})
	return nil
}

// Prune forgets the cards that have expired, and says how many they were. Call it now and then, every day, say.
func (v *Vault) Prune(ctx context.Context) (int, error) {
	n, err := v.store.DeleteExpired(ctx, time.Now())
	if err != nil {
		return 0, unavailable("prune", err)
	}
	if n > 0 {
		event.Emit(ctx, event.Event{Code: event.SensitiveDelete, Reason: "card_expired", Count: int64(n)})
	}
	return n, nil
}

// find returns one of the owner's records.
func (v *Vault) find(ctx context.Context, actor string, owner Owner, token string) (Record, error) {
	switch {
	case !owner.valid():
		return Record{}, ErrOwner
	case !isToken(token):
		return Record{}, refuse(ctx, ErrNotFound, actor, "", "card_malformed") // it may be anything, a number too
	}
	rec, err := v.store.Get(ctx, token)
	reason := ""
	switch {
	case errors.Is(err, ErrNotFound):
		reason = "card_unknown"
	case err != nil:
		return Record{}, unavailable("get", err)
	case rec.Owner != owner:
		reason = "card_of_another"
	case !rec.live(time.Now()):
		reason = "card_expired"
	default:
		return rec, nil
	}
	return Record{}, refuse(ctx, ErrNotFound, actor, token, reason)
}

// refuse tells the log what the client must not learn, and returns err.
func refuse(ctx context.Context, err error, actor, token, reason string) error {
	event.Emit(ctx, event.Event{Code: event.AuthzFail, Level: slog.LevelWarn, Principal: actor, Object: token, Reason: reason})
	return err
}
