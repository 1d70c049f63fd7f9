package main

import (
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
)

// config is what flags and environment say.
type config struct {
	addr, data      string
	trustedProxies  []netip.Prefix
	corsOrigins     []string
	tlsCert, tlsKey string
	postgres, redis string // URLs
	clamd           string // URL
	logLevel        slog.Level
	rotateKeys      bool
	adminEmail      string
	adminPassword   string
}

// parseConfig reads the flags; PALISADE_ADDR is the default of -addr, and so on.
func parseConfig(args []string, getenv func(string) string) (config, error) {
	var cfg config
	flags := flag.NewFlagSet("server", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // one line is enough; main prints it
	flags.StringVar(&cfg.addr, "addr", "127.0.0.1:8080", "`address` to listen on")
	flags.StringVar(&cfg.data, "data", "./palisade-data", "`folder` of the database and the keys")
	proxies := flags.String("trusted-proxies", "", "`networks` whose X-Forwarded-For is believed, comma-separated")
	origins := flags.String("cors-origins", "https://app.example.com", "`origins` whose pages may call, comma-separated")
	flags.StringVar(&cfg.tlsCert, "tls-cert", "", "PEM `file` of the certificate chain")
	flags.StringVar(&cfg.tlsKey, "tls-key", "", "PEM `file` of its private key")
	flags.StringVar(&cfg.postgres, "postgres", "", "`URL` of a PostgreSQL database instead of the file, postgres://…")
	flags.StringVar(&cfg.clamd, "clamd", "", "`URL` of the clamd that scans uploads, unix:///path or tcp://host:port; without it they answer 503")
	redisURL := flags.String("redis", "", "`URL` of a Redis for sessions, limits and the guard, redis://host:port/0")
	flags.TextVar(&cfg.logLevel, "log-level", slog.LevelInfo, "debug, info, warn or error")
	flags.BoolVar(&cfg.rotateKeys, "rotate-keys", false, "seal all data under a new key and exit; servers may be running")
	if err := readEnvironment(flags, getenv); err != nil {
		return config{}, err
	}
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			flags.SetOutput(os.Stdout)
			flags.PrintDefaults()
		}
		return config{}, err
	}
	if flags.NArg() > 0 {
		return config{}, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	for _, network := range list(*proxies) {
		prefix, err := netip.ParsePrefix(network)
		if err != nil {
			return config{}, fmt.Errorf("-trusted-proxies: %q is no network such as 10.0.0.0/8", network)
		}
		cfg.trustedProxies = append(cfg.trustedProxies, prefix)
	}
	cfg.corsOrigins = list(*origins)
	if cfg.redis = *redisURL; cfg.redis != "" && !strings.Contains(cfg.redis, "://") {
		cfg.redis = "redis://" + cfg.redis
	}
	if cfg.redis != "" {
		if _, err := redis.ParseURL(cfg.redis); err != nil {
			return config{}, errors.New("-redis is no URL such as redis://127.0.0.1:6379/0")
		}
	}
	if cfg.postgres != "" {
		if _, err := pgx.ParseConfig(cfg.postgres); err != nil {
			return config{}, errors.New("-postgres is no URL such as postgres://user@127.0.0.1/name")
		}
	}
	if cfg.clamd != "" && !isClamd(cfg.clamd) {
		return config{}, errors.New("-clamd is no URL such as unix:///run/clamav/clamd.ctl or tcp://127.0.0.1:3310")
	}
	if (cfg.tlsCert == "") != (cfg.tlsKey == "") {
		return config{}, errors.New("-tls-cert and -tls-key need each other")
	}
	if cfg.tlsCert != "" {
		if _, err := tls.LoadX509KeyPair(cfg.tlsCert, cfg.tlsKey); err != nil {
			return config{}, fmt.Errorf("-tls-cert and -tls-key: %w", err)
		}
	}
	if _, err := net.ResolveTCPAddr("tcp", cfg.addr); err != nil {
		return config{}, errors.New("-addr is no address such as 127.0.0.1:8080")
	}
	cfg.adminEmail, cfg.adminPassword = getenv("PALISADE_ADMIN_EMAIL"), getenv("PALISADE_ADMIN_PASSWORD")
	if cfg.adminEmail == "" {
		cfg.adminEmail = "admin@example.com"
	}
	return cfg, nil
}

// readEnvironment sets the defaults of flags. What a flag does once, no environment asks for at every start.
func readEnvironment(flags *flag.FlagSet, getenv func(string) string) (wrong error) {
	flags.VisitAll(func(f *flag.Flag) {
		name := "PALISADE_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		if value := getenv(name); value != "" && f.Name != "rotate-keys" {
			f.DefValue = value
			if err := f.Value.Set(value); err != nil {
				wrong = fmt.Errorf("%s: %w", name, err)
			}
		}
	})
	return wrong
}

// isClamd tells what can be an address before anything is dialled.
func isClamd(url string) bool {
	if path, ok := strings.CutPrefix(url, "unix://"); ok {
		return strings.HasPrefix(path, "/")
	}
	host, port, err := net.SplitHostPort(strings.TrimPrefix(url, "tcp://"))
	n, bad := strconv.ParseUint(port, 10, 16)
	return err == nil && bad == nil && host != "" && n > 0
}

// list splits at commas and drops what is empty.
func list(s string) []string {
	var all []string
	for item := range strings.SplitSeq(s, ",") {
		if item = strings.TrimSpace(item); item != "" {
			all = append(all, item)
		}
	}
	return all
}
