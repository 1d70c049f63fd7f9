package apikey

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gopalisade/palisade/auth"
)

// Authenticate reads the key of r and verifies it. Two lines of the header are [auth.ErrMalformed].
//
// A verifier of tokens beside a Keys with Config.Bearer, in one [auth.Gate], would take each key for a bad token, and the gate
// would see two credentials. Give the verifier to Config.Else: it gets the requests whose bearer token is no key.
func (k *Keys) Authenticate(r *http.Request) (*auth.Principal, error) {
	text, err := k.read(r)
	foreign := err == nil && !strings.HasPrefix(text, k.claim) || errors.Is(err, auth.ErrNoCredentials)
	switch {
	case foreign && k.others != nil:
		return k.others.Authenticate(r)
	case err != nil:
		return nil, err
	}
	return k.Verify(r.Context(), text)
}

func (k *Keys) read(r *http.Request) (string, error) {
	if k.header == "" {
		return auth.BearerToken(r)
	}
	switch lines := r.Header[k.header]; len(lines) {
	case 0:
		return "", k.refusals.absent
	case 1:
		return lines[0], nil
	}
	return "", k.refusals.several
}

// Verify returns the principal of a key: its owner, with the key's scopes as permissions and no roles. Otherwise an
// [auth.Error] of the kind [auth.ErrInvalid], the same for all bad keys but for its Reason, or [auth.ErrUnavailable].
//
// At most once in Config.UsedEvery for each key, it notes in the store that the key was used, and waits for that no longer
// than a quarter of a second. A note that is lost refuses nobody.
func (k *Keys) Verify(ctx context.Context, text string) (*auth.Principal, error) {
	id, ok := k.parse(text)
	if !ok {
		return nil, k.refusals.malformed
	}
	rec, err := k.store.Get(ctx, id)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return nil, unavailable("find", err)
	}
	now := time.Now()
	// An unknown key takes the same steps, so that their time does not tell which ids exist.
	found := err == nil && rec.ID == id
	hash := k.pepper(rec.Pepper).hash(text)
	same := subtle.ConstantTimeCompare(hash[:], rec.Hash[:]) == 1
	switch {
	case !found:
		return nil, k.refusals.unknown
	case !same:
		return nil, k.refusals.secret
	case !rec.RevokedAt.IsZero():
		return nil, k.refusals.revoked
	case !rec.live(now):
		return nil, k.refusals.expired
	}
	p, err := k.owner(ctx, &rec.Key)
	if err == nil && k.uses.due(&rec.Key, now) {
		k.touch(ctx, id, now)
	}
	return p, err
}

// owner makes the principal of a key that holds.
func (k *Keys) owner(ctx context.Context, key *Key) (*auth.Principal, error) {
	p := &auth.Principal{
		ID: key.Owner, Issuer: k.issuer, Tenant: key.Tenant, Permissions: key.Scopes, Tier: key.Tier,
		TokenID: key.ID, Method: auth.MethodAPIKey, IssuedAt: key.CreatedAt, Expiry: key.ExpiresAt,
	}
	if k.principal == nil {
		return p, nil
	}
	now, err := k.principal(ctx, *key)
	if err == nil && now == nil {
		err = errors.New("apikey: Principal returned nothing")
	}
	switch {
	case errors.Is(err, ErrNoOwner):
		return nil, k.refusals.owner
	case err != nil:
		return nil, unavailable("principal", err)
	case now.ID != key.Owner || now.Tenant != key.Tenant:
		return nil, k.refusals.owner
	}
	p.Tier = now.Tier
	p.Permissions = nil
	for _, scope := range key.Scopes {
		if slices.Contains(now.Permissions, scope) {
			p.Permissions = append(p.Permissions, scope)
		}
	}
	return p, nil
}
