package main

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/token"
	"github.com/gopalisade/palisade/crypto/password"
	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/problem"
	"github.com/gopalisade/palisade/transport"
)

// app is the API behind the chain.
type app struct {
	*chain
	store     *store
	gate      *auth.Gate
	issuer    *token.Issuer
	jwks      http.Handler
	passwords *password.Hasher
	log       *slog.Logger
}

// Who issues the tokens and who accepts them. Both are this program.
const (
	issuerName = "palisade-example"
	audience   = "palisade-example-api"
)

func newApp(cfg config, c *chain, st *store, log *slog.Logger) (*app, error) {
	a := &app{chain: c, store: st, log: log}
	keys, err := loadKeys(cfg.data)
	if err != nil {
		return nil, err
	}
	if a.jwks, err = token.JWKS(keys); err != nil {
		return nil, err
	}
	a.issuer, err = token.NewIssuer(token.IssuerConfig{Keys: keys, Issuer: issuerName, Audience: audience})
	if err != nil {
		return nil, err
	}
	verifier, err := token.NewVerifier(token.VerifierConfig{Keys: keys, Issuer: issuerName, Audience: audience})
	if err != nil {
		return nil, err
	}
	if a.gate, err = auth.New(auth.Config{By: []auth.Authenticator{verifier}}); err != nil {
		return nil, err
	}
	a.passwords, err = password.New(password.Config{})
	return a, err
}

// handler returns the whole server.
func (a *app) handler() http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, h handlerFunc, around ...func(http.Handler) http.Handler) {
		wrapped := a.answer(h)
		for i := len(around) - 1; i >= 0; i-- {
			wrapped = around[i](wrapped)
		}
		mux.Handle(pattern, wrapped)
	}
	require := a.model.Require
	signedIn := a.gate.Wrap

	handle("GET /healthz", a.health)
	mux.Handle("GET /.well-known/jwks.json", a.jwks)
	handle("POST /api/auth/register", a.registerUser, a.register.Wrap)
	handle("POST /api/auth/login", a.logIn, a.login.Wrap)
	handle("GET /api/public/data", a.publicData, a.public.Wrap)
	handle("GET /api/me", a.me, signedIn, a.tiers.Wrap)
	handle("GET /api/users", a.listUsers, signedIn, require(readUsers))
	handle("POST /api/users", a.createUser, signedIn, require(writeUsers))
	handle("DELETE /api/users/{id}", a.deleteUser, signedIn, require(deleteUsers))
	handle("GET /api/orders", a.listOrders, signedIn, require(readOrders))
	handle("POST /api/orders", a.createOrder, signedIn, require(writeOrders))
	handle("GET /api/orders/{id}", a.getOrder, signedIn, require(readOrders))
	handle("GET /api/admin", a.admin, signedIn, require(accessAdmin))

	return a.recorded(a.wrap(a.recovered(problem.Mux(mux))))
}

// handlerFunc answers, or returns an error that [problem.Write] knows.
type handlerFunc func(w http.ResponseWriter, r *http.Request) error

// answer turns an error into a problem. What nobody foresaw is logged, and the client learns nothing of it.
func (a *app) answer(h handlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := h(w, r)
		if err == nil {
			return
		}
		if p := problem.Of(err); p.Status >= http.StatusInternalServerError {
			a.log.ErrorContext(r.Context(), "request failed", "route", r.Pattern, "err", err)
		}
		problem.Write(w, r, err)
	})
}

// recovered answers 500 for a handler that panics, where nothing was written yet.
func (a *app) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			fault := recover()
			if fault == nil {
				return
			}
			if fault == http.ErrAbortHandler {
				panic(fault)
			}
			a.log.ErrorContext(r.Context(), "handler panicked", "code", string(event.SysCrash), "route", r.Pattern, "panic", fault)
			problem.Write(w, r, &problem.Problem{Status: http.StatusInternalServerError})
		}()
		next.ServeHTTP(w, r)
	})
}

// recorded lets the rooms' events reach the log.
func (a *app) recorded(next http.Handler) http.Handler {
	record := event.RecorderFunc(func(ctx context.Context, e event.Event) {
		a.log.Log(ctx, e.Level, "security event", "event", e)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(event.WithRecorder(r.Context(), record)))
	})
}

func (a *app) health(w http.ResponseWriter, _ *http.Request) error {
	return writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
}

func (a *app) publicData(w http.ResponseWriter, r *http.Request) error {
	return writeJSON(w, http.StatusOK, map[string]string{
		"message": "Everybody may read this, a hundred times in a quarter of an hour.",
		"scheme":  transport.PeerOf(r).Scheme,
	})
}

func (a *app) admin(w http.ResponseWriter, r *http.Request) error {
	users, err := a.store.count(r.Context(), "users")
	if err != nil {
		return err
	}
	orders, err := a.store.count(r.Context(), "orders")
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, map[string]int{"users": users, "orders": orders})
}
