package apikey

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/internal/ascii"
	"github.com/gopalisade/palisade/internal/conf"
)

// Config describes a [Keys]. Store and Prefix are required.
type Config struct {
	_ [0]func() // keyed literals only, never comparable

	Store  Store
	Prefix string // how every key begins, so that people and scanners know whose it is: lower-case letters and digits
	Env    string // second word of a key; one of another environment is refused; "live"

	Header string             // where a key is sent; "X-API-Key"
	Bearer bool               // read keys from Authorization: Bearer instead
	Else   auth.Authenticator // with Bearer: judges requests that carry no key with Prefix, a token.Verifier for one; none

	Issuer string // of the principals: the tokens' issuer, where both name the same users; none
	// Principal returns the owner as he is now, on every request. His Permissions must name all that he may do: a key's scopes
	// beyond them do not count. His Tier replaces the key's. ErrNoOwner, and another ID or Tenant than the key's, refuse the key;
	// any other error is 503. Without it, a key is good until it ends, whatever becomes of the owner.
	Principal func(ctx context.Context, k Key) (*auth.Principal, error)

	// Peppers make the stored hashes depend on secrets that the store does not have, 32 bytes or more each: the first those of
	// new keys, the others those of keys that were made with them. A key whose pepper is gone is refused, and so is one from
	// before there were any. None.
	Peppers [][]byte

	MaxAge      time.Duration // longest lifetime of a key, and the usual one; 365 days, negative: no limit
	MaxPerOwner int           // live keys of one owner, without those that were rotated; at most 1000; 100
	UsedEvery   time.Duration // how often at most a key's UsedAt is written, 1m or more; 1m, negative: never
}

// ErrNoOwner is for [Config].Principal to say that there is no such user any more, or that he may not use his keys.
var ErrNoOwner = errors.New("apikey: no such owner")

// Keys makes, accepts, rotates and revokes keys. It is an [auth.Authenticator], safe for concurrent use.
type Keys struct {
	store       Store
	start       string // prefix and environment, as every key begins
	claim       string // prefix: what begins so is not for Else to judge
	header      string // canonical; empty: Authorization
	others      auth.Authenticator
	issuer      string
	principal   func(context.Context, Key) (*auth.Principal, error)
	peppers     []*pepper
	maxAge      time.Duration
	maxPerOwner int
	uses        uses
	refusals    refusals
}

// New returns a Keys, or every fault of cfg joined.
func New(cfg Config) (*Keys, error) {
	f := conf.Faults{Room: "apikey"}
	f.Check(!cfg.Bearer || cfg.Header == "", "Header", cfg.Header, "must be empty with Bearer")
	f.Check(cfg.Else == nil || cfg.Bearer, "Else", nil, "needs Bearer")
	cfg.defaults()
	f.Check(cfg.Store != nil, "Store", nil, "is required")
	f.Check(isWord(cfg.Prefix), "Prefix", cfg.Prefix, "must be 1 to 16 lower-case letters and digits")
	f.Check(isWord(cfg.Env), "Env", cfg.Env, "must be 1 to 16 lower-case letters and digits")
	f.Check(ascii.All(cfg.Header, ascii.Tchar), "Header", cfg.Header, "must be the name of a header")
	header := http.CanonicalHeaderKey(cfg.Header)
	f.Check(header != "Authorization", "Header", cfg.Header, "must be another: set Bearer")
	f.Check(header != "Cookie", "Header", cfg.Header, "must be another: browsers send cookies unasked")
	f.Check(cfg.MaxPerOwner > 0 && cfg.MaxPerOwner <= MaxList, "MaxPerOwner", cfg.MaxPerOwner, "must be between 1 and 1000")
	f.Check(cfg.UsedEvery < 0 || cfg.UsedEvery >= time.Minute, "UsedEvery", cfg.UsedEvery, "must be at least 1m: each is a write")
	k := &Keys{
		store: cfg.Store, start: cfg.Prefix + "_" + cfg.Env + "_", claim: cfg.Prefix + "_", others: cfg.Else,
		issuer: cfg.Issuer, principal: cfg.Principal, maxAge: cfg.MaxAge, maxPerOwner: cfg.MaxPerOwner,
		uses: uses{every: cfg.UsedEvery, last: map[string]time.Time{}},
	}
	scheme, params := "Bearer", ""
	if !cfg.Bearer {
		k.header = header
		scheme, params = "ApiKey", `header="`+cfg.Header+`"`
	}
	k.refusals = newRefusals(scheme, params)
	for i, secret := range cfg.Peppers {
		f.Check(len(secret) >= 32, fmt.Sprintf("Peppers[%d]", i), nil, "must be at least 32 bytes")
		k.peppers = append(k.peppers, newPepper(secret))
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	if len(k.peppers) == 0 {
		k.peppers = []*pepper{{}}
	}
	return k, nil
}

func (cfg *Config) defaults() {
	conf.Default(&cfg.Env, "live")
	conf.Default(&cfg.Header, "X-API-Key")
	conf.Default(&cfg.MaxAge, 365*24*time.Hour)
	conf.Default(&cfg.MaxPerOwner, 100)
	conf.Default(&cfg.UsedEvery, time.Minute)
}

func isWord(s string) bool {
	return ascii.All(s, "") && s == strings.ToLower(s) && len(s) <= 16
}
