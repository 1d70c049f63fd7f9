package dpop

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/token"
	"github.com/gopalisade/palisade/internal/conf"
)

// Config describes an [Authenticator]. Verifier, Replay and BaseURLs are required.
type Config struct {
	_ [0]func() // keyed literals only, never comparable

	Verifier *token.Verifier // of the tokens
	Replay   ReplayStore     // remembers which proofs were used; NewMemory for one process
	// BaseURLs are where clients find this service: "https://api.example.com", with a path where a proxy or
	// http.StripPrefix takes one away. A proof's URL must be one of them, followed by the path of the request. They are not
	// read from the request, or a server to which a client speaks as well could pass its proofs on to us, with its own
	// Host.
	BaseURLs []string
	Algs     []token.Alg   // what proofs may be signed with; ES256 and EdDSA
	Window   time.Duration // how far a proof's iat may lie from now, either way, 1 second to 10 minutes; a minute
	// NonceKeys makes every proof carry a nonce of ours, so that proofs cannot be made in advance. The first key, of at
	// least 32 random bytes, makes them; all are accepted, and all machines need the same. None: no nonces.
	NonceKeys [][]byte
}

// New returns an Authenticator, or every fault of cfg joined.
func New(cfg Config) (*Authenticator, error) {
	f := conf.Faults{Room: "dpop"}
	f.Check(cfg.Verifier != nil, "Verifier", nil, "is required")
	f.Check(cfg.Replay != nil, "Replay", nil, "is required")
	f.Check(len(cfg.BaseURLs) > 0, "BaseURLs", nil, "is required")
	conf.Default(&cfg.Window, time.Minute)
	f.Check(cfg.Window >= time.Second && cfg.Window <= 10*time.Minute, "Window", cfg.Window, "must be between 1s and 10m")
	a := &Authenticator{verifier: cfg.Verifier, replay: cfg.Replay, window: cfg.Window, algs: slices.Clone(cfg.Algs)}
	for i, text := range cfg.BaseURLs {
		base, ok := parseBase(text)
		f.Check(ok, fmt.Sprintf("BaseURLs[%d]", i), text,
			"must be an absolute https URL, or http on a loopback address, without user, query and fragment")
		a.bases = append(a.bases, base)
	}
	if len(a.algs) == 0 {
		a.algs = []token.Alg{token.ES256, token.EdDSA}
	}
	names := make([]string, len(a.algs))
	for i, alg := range a.algs {
		names[i] = string(alg)
		f.Check(alg.Asymmetric(), fmt.Sprintf("Algs[%d]", i), string(alg), "must be an algorithm of key pairs")
	}
	for i, key := range cfg.NonceKeys {
		f.Check(len(key) >= 32, fmt.Sprintf("NonceKeys[%d]", i), nil, "must have at least 32 bytes")
		a.nonceKeys = append(a.nonceKeys, slices.Clone(key))
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	a.params = `algs="` + strings.Join(names, " ") + `"`
	a.absent = &auth.Error{Kind: auth.ErrNoCredentials, Reason: "no_credentials", Scheme: scheme, Params: a.params}
	return a, nil
}

func parseBase(text string) (target, bool) {
	u, err := url.Parse(text)
	if err != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return target{}, false
	}
	t, ok := targetOf(u)
	ip, _ := netip.ParseAddr(u.Hostname())
	t.path = strings.TrimSuffix(t.path, "/")
	return t, ok && (t.scheme == "https" || ip.IsLoopback() || u.Hostname() == "localhost")
}
