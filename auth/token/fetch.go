package token

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// ErrKeySet matches the reasons for which a [Remote] did not take a key set, beside those of the network.
var ErrKeySet = errors.New("token: key set not accepted")

// fetcher gets a key set over HTTP.
type fetcher struct {
	url    string
	client *http.Client
	alg    Alg
}

// fetch returns the issuer's present set. Keys that are in the old one too stay the same values, so that what was verified with
// them stays verified.
func (f *fetcher) fetch(ctx context.Context, old *remoteSet) (*remoteSet, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.url, http.NoBody)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/jwk-set+json, application/json")
	at := time.Now() // a set is as old as the question, not as the answer
	resp, err := f.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }() // nothing was written
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%w: status %d", ErrKeySet, resp.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxJWKS+1))
	if err != nil {
		return nil, err
	}
	keys, err := parseRemote(body, f.alg)
	if err != nil {
		return nil, err
	}
	set := &remoteSet{keySet: keySet{keys: keys, byID: make(map[string]*Key, len(keys))}, at: at}
	for i, k := range keys {
		if old != nil && old.byID[k.id].same(k) {
			keys[i] = old.byID[k.id]
		}
		set.byID[k.id] = keys[i]
	}
	return set, nil
}

// parseRemote reads a set that somebody else wrote. Keys that cannot serve are left out: issuers publish keys for encryption
// and of new kinds beside those for signatures. A set is refused as a whole when it holds a secret or the private half of a
// key, since then whoever read it can sign; when two keys share an id; and when none can serve.
func parseRemote(body []byte, alg Alg) ([]*Key, error) {
	set, err := splitJWKS(body)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKeySet, err)
	}
	var keys []*Key
	seen := map[string]bool{}
	var skipped error
	for _, raw := range set {
		k, err := ParsePublicJWK([]byte(raw), alg)
		switch {
		case errors.Is(err, errLeaked):
			return nil, fmt.Errorf("%w: %w", ErrKeySet, err)
		case err != nil:
			skipped = err
			continue
		case seen[k.id]:
			return nil, fmt.Errorf("%w: two keys have the id %q", ErrKeySet, k.id)
		}
		seen[k.id] = true
		keys = append(keys, k)
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("%w: no key can serve: %w", ErrKeySet, skipped)
	}
	return keys, nil
}

// same reports that two public keys are one. A nil key is none.
func (k *Key) same(other *Key) bool {
	if k == nil || k.id != other.id || k.alg != other.alg {
		return false
	}
	pub, ok := k.public.(interface{ Equal(x crypto.PublicKey) bool })
	return ok && pub.Equal(other.public)
}
