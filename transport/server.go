package transport

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/gopalisade/palisade/internal/conf"
)

// ServerConfig describes an [http.Server] that does not wait for ever. Handler is required; every limit has a default.
type ServerConfig struct {
	_ [0]func() // keyed literals only, never comparable

	Addr    string       // address to listen on, as in [http.Server]
	Handler http.Handler // the chain
	Log     *slog.Logger // the server's own complaints, at WARN; discarded where nil

	ReadHeaderTimeout time.Duration // 5 s, from the connection's start to the end of the header: slow headers end here
	ReadTimeout       time.Duration // 30 s, header and body together: slow bodies end here
	WriteTimeout      time.Duration // 60 s, from the end of the header; streams extend it by ResponseController
	IdleTimeout       time.Duration // 60 s, between requests of one connection
	MaxHeaderBytes    int           // 32 KiB; net/http adds 4 KiB of slack
	MaxStreams        int           // 100 concurrent streams of one HTTP/2 connection
}

// NewServer returns a server with cfg's limits, or every fault joined. "OPTIONS *" goes to the handler like any other
// request, so that it is answered with the headers of all others.
//
// It bounds one connection. How many a client may open is for a proxy, or the firewall, to say.
func NewServer(cfg ServerConfig) (*http.Server, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	return &http.Server{
		Addr:                         cfg.Addr,
		Handler:                      cfg.Handler,
		ReadHeaderTimeout:            cfg.ReadHeaderTimeout,
		ReadTimeout:                  cfg.ReadTimeout,
		WriteTimeout:                 cfg.WriteTimeout,
		IdleTimeout:                  cfg.IdleTimeout,
		MaxHeaderBytes:               cfg.MaxHeaderBytes,
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     slog.NewLogLogger(cfg.Log.Handler(), slog.LevelWarn),
		HTTP2: &http.HTTP2Config{
			MaxConcurrentStreams: cfg.MaxStreams,
			SendPingTimeout:      15 * time.Second,
			PingTimeout:          10 * time.Second,
			WriteByteTimeout:     10 * time.Second, // a client that never opens its window
		},
	}, nil
}

// complete fills in the defaults, and reports what is wrong.
func (cfg *ServerConfig) complete() error {
	f := conf.Faults{Room: "transport"}
	f.Check(cfg.Handler != nil, "Handler", nil, "is required")
	for _, d := range [...]struct {
		field string
		value *time.Duration
		usual time.Duration
	}{
		{"ReadHeaderTimeout", &cfg.ReadHeaderTimeout, 5 * time.Second},
		{"ReadTimeout", &cfg.ReadTimeout, 30 * time.Second},
		{"WriteTimeout", &cfg.WriteTimeout, time.Minute},
		{"IdleTimeout", &cfg.IdleTimeout, time.Minute},
	} {
		f.Check(*d.value >= 0, d.field, *d.value, "must not be negative, which would mean no limit")
		if *d.value == 0 {
			*d.value = d.usual
		}
	}
	f.Check(cfg.ReadHeaderTimeout <= cfg.ReadTimeout, "ReadHeaderTimeout", cfg.ReadHeaderTimeout, "must not exceed ReadTimeout")
	f.Check(cfg.MaxHeaderBytes >= 0 && cfg.MaxHeaderBytes <= 1<<20, "MaxHeaderBytes", cfg.MaxHeaderBytes, "must be at most 1 MiB")
	f.Check(cfg.MaxStreams >= 0 && cfg.MaxStreams <= 1000, "MaxStreams", cfg.MaxStreams, "must be at most 1000")
	if cfg.MaxHeaderBytes == 0 {
		cfg.MaxHeaderBytes = 32 << 10
	}
	if cfg.MaxStreams == 0 {
		cfg.MaxStreams = 100
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return f.Err()
}
