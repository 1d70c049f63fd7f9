// Command server is every room of Palisade in one program: a JSON API with accounts, roles and orders, on a SQLite file.
//
// Run it and follow the printed administrator's password; README.md in the root of the repository shows the requests.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/gopalisade/palisade/crypto/secret"
	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/transport"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// Exit codes: 1 for what went wrong, 2 for what was asked wrongly.
const (
	exitFailed = 1
	exitUsage  = 2
)

// run is main with everything that it touches as arguments.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	fail := func(code int, err error) int {
		_, _ = fmt.Fprintln(stderr, "server:", strings.ReplaceAll(err.Error(), "\n", "; "))
		return code
	}
	cfg, err := parseConfig(args, getenv)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return fail(exitUsage, err)
	}
	log, err := newLog(cfg, stderr)
	if err != nil {
		return fail(exitFailed, err)
	}
	data, err := openDataKeys(cfg.data, log)
	if err != nil {
		return fail(exitFailed, err)
	}
	defer func() { _ = data.ring.Close() }()
	st, err := openStore(ctx, cfg, data.ring)
	if err != nil {
		return fail(exitFailed, err)
	}
	defer func() { _ = st.db.Close() }()
	if err := data.check(ctx, st); err != nil {
		return fail(exitFailed, err)
	}
	if cfg.rotateKeys {
		if err := rotateKeys(ctx, st, data, stdout); err != nil {
			return fail(exitFailed, err)
		}
		return 0
	}
	sh, err := openShared(cfg)
	if err != nil {
		return fail(exitFailed, err)
	}
	defer func() { _ = sh.close() }()
	chain, err := newChain(cfg, sh)
	if err != nil {
		return fail(exitUsage, err)
	}
	up, err := openFiles(ctx, cfg, log)
	if err != nil {
		return fail(exitFailed, err)
	}
	defer func() { _ = up.close() }()
	a, err := newApp(cfg, chain, st, sh, up, data, log)
	if err != nil {
		return fail(exitFailed, err)
	}
	switch err := a.ensureAdmin(ctx, cfg, stdout); {
	case errors.Is(err, errAdmin):
		return fail(exitUsage, err)
	case err != nil:
		return fail(exitFailed, err)
	}
	h, err := a.handler()
	if err != nil {
		return fail(exitFailed, err)
	}
	go a.prune(ctx)
	go data.watch(ctx, st)
	if err := serve(ctx, cfg, h, log); err != nil {
		return fail(exitFailed, err)
	}
	return 0
}

// newLog hides what looks like a secret or a card number, whoever logs it.
func newLog(cfg config, stderr io.Writer) (*slog.Logger, error) {
	h, err := secret.NewHandler(secret.HandlerConfig{Next: slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: cfg.logLevel})})
	return slog.New(h), err
}

// serve listens until ctx ends, then lets requests finish.
func serve(ctx context.Context, cfg config, h http.Handler, log *slog.Logger) error {
	server, err := transport.NewServer(transport.ServerConfig{Handler: h, Log: log})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", cfg.addr)
	if err != nil {
		return err
	}
	scheme, start := "http", func() error { return server.Serve(listener) }
	if cfg.tlsCert != "" {
		scheme, start = "https", func() error { return server.ServeTLS(listener, cfg.tlsCert, cfg.tlsKey) }
	}
	ended := make(chan error, 1)
	go func() { ended <- start() }()
	log.Info("listening on "+scheme+"://"+listener.Addr().String(), "code", string(event.SysStartup))
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	log.Info("shutting down", "code", string(event.SysShutdown))
	grace, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	return server.Shutdown(grace)
}
