package transit

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/gopalisade/palisade/crypto/secret"
	"github.com/gopalisade/palisade/internal/conf"
)

// Config describes a [Wrapper]. Address, Key and Token are needed.
type Config struct {
	_ [0]func() // keyed literals only, never comparable

	Address   string // of Vault: scheme, host and port, "https://vault.example.com:8200"
	Key       string // name of the key in the transit engine: letters, digits, '_', '-' and '.'
	Mount     string // path of the engine; "transit"
	Namespace string // sent as X-Vault-Namespace; none

	// Token returns the token for one request: see [File]. An error of it is an outage.
	Token func(ctx context.Context) (secret.String, error)

	// Client makes the requests; its redirects and cookies are not used. One with the system's roots, and as many
	// connections as there are subjects to load at once: to spare Vault, give it a transport with MaxConnsPerHost.
	Client  *http.Client
	Timeout time.Duration // of one request, at least a millisecond; 5 seconds

	// DangerouslyAllowHTTP accepts an Address without TLS on other machines than this one. Whoever is on the way reads the
	// token and every data key.
	DangerouslyAllowHTTP bool
}

// New returns a Wrapper, or every fault of cfg joined. It asks nobody yet.
func New(cfg Config) (*Wrapper, error) {
	conf.Default(&cfg.Mount, "transit")
	conf.Default(&cfg.Timeout, 5*time.Second)
	f := conf.Faults{Room: "transit"}
	base, ok := baseURL(cfg.Address, cfg.DangerouslyAllowHTTP)
	// Not shown: it may hold a password.
	f.Check(ok, "Address", nil, "must be an https URL of scheme and host, such as https://vault.example.com:8200")
	f.Check(isSegment(cfg.Key), "Key", cfg.Key, "must be letters, digits, '_', '-' and inner '.'")
	for part := range strings.SplitSeq(cfg.Mount, "/") {
		f.Check(isSegment(part), "Mount", cfg.Mount, "must be a path without slashes at its ends")
	}
	f.Check(len(cfg.Key)+len(cfg.Mount) <= 200, "Key", nil, "must not be longer than 200 bytes together with Mount")
	f.Check(isVisible(cfg.Namespace), "Namespace", cfg.Namespace, "must be visible ASCII")
	f.Check(cfg.Token != nil, "Token", nil, "is required")
	f.Check(cfg.Timeout >= time.Millisecond, "Timeout", cfg.Timeout, "must be at least 1ms")
	if err := f.Err(); err != nil {
		return nil, err
	}
	client := http.Client{}
	if cfg.Client != nil {
		client = *cfg.Client
	}
	// A redirect would carry a data key to a host of somebody else's choice.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	client.Jar = nil
	return &Wrapper{
		id:      cfg.Mount + "/" + cfg.Key,
		encrypt: base + "/v1/" + cfg.Mount + "/encrypt/" + cfg.Key,
		decrypt: base + "/v1/" + cfg.Mount + "/decrypt/" + cfg.Key,
		client:  &client, namespace: cfg.Namespace, token: cfg.Token, timeout: cfg.Timeout,
	}, nil
}

func baseURL(text string, allowHTTP bool) (string, bool) {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.User != nil || strings.Trim(u.Path, "/") != "" ||
		u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return "", false
	}
	ip, _ := netip.ParseAddr(u.Hostname())
	here := ip.IsLoopback() || u.Hostname() == "localhost"
	return u.Scheme + "://" + u.Host, u.Scheme == "https" || u.Scheme == "http" && (here || allowHTTP)
}

// isSegment keeps names from leaving their place in the path. Vault takes no path that ends in a period.
func isSegment(s string) bool {
	for _, c := range []byte(s) {
		if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.", rune(c)) {
			return false
		}
	}
	return s != "" && s[0] != '.' && s[len(s)-1] != '.'
}

func isVisible(s string) bool {
	for _, c := range []byte(s) {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return true
}
