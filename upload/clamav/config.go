package clamav

import (
	"context"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/gopalisade/palisade/internal/conf"
)

// Config describes a [Client]. Addr is required.
type Config struct {
	_ [0]func() // keyed literals only, never comparable

	Addr     string        // "unix:///run/clamav/clamd.ctl", "tcp://127.0.0.1:3310" or "127.0.0.1:3310"
	MaxBytes int64         // of the longest file that is sent, and what the self-test proves; 64 KiB to 2 GiB; 25 MiB
	MaxConns int           // scans at a time, the others wait: less than clamd's MaxThreads; 4
	Timeout  time.Duration // of one scan, with the wait and the self-test before it; 1 min
	Retest   time.Duration // how long a self-test counts, should nothing be seen of a restart; 10 min

	// Dial makes the connections, over TLS for one. Without it a net.Dialer does.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)

	// DangerouslyIgnoreLimits takes a clamd without AlertExceedsMax, which says OK to an archive that it has not looked through:
	// who nests his file deeply enough passes.
	DangerouslyIgnoreLimits bool
}

const (
	// greeting is how long clamd may take to accept a connection and say who it is, when all its threads are busy for one.
	greeting = 10 * time.Second
	// maxFile is where clamd stops, whatever its configuration says.
	maxFile = 2<<30 - 1
	// minFile leaves room for every file of the self-test.
	minFile = 64 << 10
)

// New returns a Client of a clamd that has passed the self-test, or every fault of cfg joined, or an error that matches
// ErrSelfTest or ErrUnavailable. It takes as long as clamd needs for a file of MaxBytes.
func New(ctx context.Context, cfg Config) (*Client, error) {
	conf.Default(&cfg.MaxBytes, 25<<20)
	conf.Default(&cfg.MaxConns, 4)
	conf.Default(&cfg.Timeout, time.Minute)
	conf.Default(&cfg.Retest, 10*time.Minute)
	f := conf.Faults{Room: "clamav"}
	network, address := split(cfg.Addr)
	f.Check(network != "", "Addr", cfg.Addr, "must be unix:// and an absolute path, or tcp:// and host:port")
	f.Check(cfg.MaxBytes >= minFile && cfg.MaxBytes <= maxFile, "MaxBytes", cfg.MaxBytes, "must be between 64 KiB and 2 GiB")
	f.Check(cfg.MaxConns > 0 && cfg.MaxConns <= 256, "MaxConns", cfg.MaxConns, "must be between 1 and 256")
	f.Check(cfg.Timeout > 0, "Timeout", cfg.Timeout, "must be positive")
	f.Check(cfg.Retest > 0, "Retest", cfg.Retest, "must be positive")
	if err := f.Err(); err != nil {
		return nil, err
	}
	if cfg.Dial == nil {
		cfg.Dial = (&net.Dialer{}).DialContext
	}
	c := &Client{
		cfg: cfg, network: network, address: address,
		trust: trust{probes: newProbes(cfg.MaxBytes, cfg.DangerouslyIgnoreLimits), turn: make(chan struct{}, 1), doubts: 1},
		slots: make(chan struct{}, cfg.MaxConns), closed: make(chan struct{}), sessions: map[*session]bool{},
	}
	if err := c.Ping(ctx); err != nil { // no command is sent before the self-test has passed
		_ = c.Close()
		return nil, err
	}
	return c, nil
}

// split returns no network for what is no address.
func split(addr string) (network, address string) {
	if path, ok := strings.CutPrefix(addr, "unix:"); ok {
		path = strings.TrimPrefix(path, "//")
		if !strings.HasPrefix(path, "/") || strings.Contains(path, "\x00") {
			return "", ""
		}
		return "unix", path
	}
	address = strings.TrimPrefix(addr, "tcp://")
	host, port, err := net.SplitHostPort(address)
	n, bad := strconv.ParseUint(port, 10, 16)
	if err != nil || bad != nil || n == 0 || host == "" || strings.ContainsAny(host, "/ \x00") {
		return "", ""
	}
	return "tcp", address
}
