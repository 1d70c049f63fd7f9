package main

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/apikey"
	"github.com/gopalisade/palisade/auth/login"
	"github.com/gopalisade/palisade/auth/session"
	"github.com/gopalisade/palisade/auth/token"
	"github.com/gopalisade/palisade/crypto/password"
	"github.com/gopalisade/palisade/crypto/vault"
	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/problem"
	"github.com/gopalisade/palisade/ratelimit/guard"
	"github.com/gopalisade/palisade/rbac"
	"github.com/gopalisade/palisade/transport"
	"github.com/gopalisade/palisade/validate"
)

// app is the API behind the chain.
type app struct {
	*chain
	store     *store
	files     *files
	data      *dataKeys
	gate      *auth.Gate
	jwks      http.Handler
	passwords *password.Hasher
	guard     *guard.Guard
	logins    *login.Checker
	manager   *session.Manager
	sessions  *session.Handlers
	keys      *apikey.Keys
	cards     *vault.Vault
	in        inputs
	graph     graph
	log       *slog.Logger
}

// Who issues the tokens and who accepts them. Both are this program.
const (
	issuerName = "palisade-example"
	audience   = "palisade-example-api"
)

func newApp(cfg config, c *chain, st *store, sh *shared, up *files, data *dataKeys, log *slog.Logger) (*app, error) {
	a := &app{chain: c, store: st, files: up, data: data, log: log}
	ring, err := loadKeys(cfg.data)
	if err != nil {
		return nil, err
	}
	if a.jwks, err = token.JWKS(ring); err != nil {
		return nil, err
	}
	if err := a.newLogin(cfg, sh, data.ring); err != nil {
		return nil, err
	}
	if a.cards, err = newVault(data.ring, st); err != nil {
		return nil, err
	}
	if err := a.newSessions(cfg, sh, ring); err != nil {
		return nil, err
	}
	a.keys, err = apikey.New(apikey.Config{
		Store: st.rooms.APIKeys(), Prefix: "pk", Issuer: issuerName, Principal: a.keyOwner,
	})
	if err != nil {
		return nil, err
	}
	verifier, err := token.NewVerifier(token.VerifierConfig{
		Keys: ring, Issuer: issuerName, Audience: audience, Check: a.manager.Check, Cache: 10_000,
	})
	if err != nil {
		return nil, err
	}
	if a.gate, err = auth.New(auth.Config{By: []auth.Authenticator{verifier, a.keys}}); err != nil {
		return nil, err
	}
	if err := a.newInputs(); err != nil {
		return nil, err
	}
	return a, a.newGraph(sh)
}

// newSessions makes what keeps people signed in.
func (a *app) newSessions(cfg config, sh *shared, ring *token.Keyring) error {
	issuer, err := token.NewIssuer(token.IssuerConfig{Keys: ring, Issuer: issuerName, Audience: audience})
	if err != nil {
		return err
	}
	key, err := loadSecret(cfg.data, sessionKeyFile)
	if err != nil {
		return err
	}
	var store session.Store = a.store.rooms.Sessions()
	if sh.rooms != nil {
		store = sh.rooms.Sessions()
	}
	a.manager, err = session.New(session.Config{Store: store, Issuer: issuer, Keys: [][]byte{key}, Principal: a.sessionUser})
	if err != nil {
		return err
	}
	a.sessions, err = session.NewHandlers(session.HandlersConfig{Manager: a.manager, Login: a.logIn})
	return err
}

// handler returns the whole server, or what is wrong with its routes: each must say who may use it.
func (a *app) handler() (http.Handler, error) {
	mux := http.NewServeMux()
	var audit rbac.Audit
	handle := func(pattern string, h http.Handler, around ...func(http.Handler) http.Handler) {
		method, path, _ := strings.Cut(pattern, " ")
		_ = audit.Visit(method, path, h, around...) // Err tells
		for _, wrap := range slices.Backward(around) {
			h = wrap(h)
		}
		mux.Handle(pattern, h)
	}
	answer, require, signedIn, open := a.answer, a.model.Require, a.gate.Wrap, rbac.Public
	people := a.model.Decide("people, signed in", onlyPeople)
	fields := a.model.Decide("whoever is signed in; each field says more", onlyKnown)

	handle("GET /healthz", answer(a.health), open("a load balancer asks"))
	handle("GET /.well-known/jwks.json", a.jwks, open("public keys"))
	handle("POST /api/auth/register", validate.MustHandle(a.in.user, a.addUser), open("anybody may have an account"), a.register.Wrap)
	handle("POST /api/auth/login", http.HandlerFunc(a.sessions.Login), open("the password is checked inside"), a.login.Wrap)
	handle("POST /api/auth/refresh", http.HandlerFunc(a.sessions.Refresh), open("the refresh token is checked inside"))
	handle("POST /api/auth/logout", http.HandlerFunc(a.sessions.Logout), open("whoever holds a token may end it"), a.gate.Optional)
	handle("GET /api/auth/sessions", http.HandlerFunc(a.sessions.Sessions), signedIn, people)
	handle("DELETE /api/auth/sessions/{id}", http.HandlerFunc(a.sessions.End), signedIn, people)
	handle("GET /api/public/data", answer(a.publicData), open("public data"), a.public.Wrap)
	handle("GET /api/me", answer(a.me), signedIn, people, a.tiers.Wrap)
	handle("POST /api/keys", validate.MustHandle(a.in.key, a.createKey), signedIn, people)
	handle("GET /api/keys", validate.MustHandle(a.in.none, a.listKeys), signedIn, people)
	handle("DELETE /api/keys/{id}", validate.MustHandle(a.in.id, a.revokeKey), signedIn, people)
	handle("GET /api/users", validate.MustHandle(a.in.users, a.listUsers), signedIn, people, require(readUsers))
	handle("POST /api/users", validate.MustHandle(a.in.user, a.addUser), signedIn, people, require(writeUsers))
	handle("DELETE /api/users/{id}", validate.MustHandle(a.in.id, a.deleteUser), signedIn, people, require(deleteUsers))
	handle("GET /api/orders", validate.MustHandle(a.in.orders, a.listOrders), signedIn, require(readOrders))
	handle("POST /api/orders", validate.MustHandle(a.in.order, a.createOrder), signedIn, require(writeOrders))
	handle("GET /api/orders/{id}", validate.MustHandle(a.in.id, a.getOrder), signedIn, require(readOrders))
	handle("POST /api/files", answer(a.keepFiles), signedIn, people, a.files.wrap)
	handle("GET /api/files/{id}", a.files.server, signedIn, people)
	handle("POST /api/cards", validate.MustHandle(a.in.card, a.keepCard), signedIn, people)
	handle("GET /api/cards/{token}", validate.MustHandle(a.in.token, a.getCard), signedIn, people)
	handle("POST /api/graphql", a.graph.run, signedIn, fields, a.graph.guard.Wrap, a.graph.costs.Wrap)
	handle("GET /api/admin", answer(a.admin), signedIn, people, require(accessAdmin))

	return a.recorded(a.wrap(a.data.wrap(a.recovered(a.model.DenyByDefault(problem.Mux(mux)))))), audit.Err()
}

// onlyPeople refuses machines: an API key acts on orders, and never on the account that it belongs to.
func onlyPeople(r *http.Request) error {
	switch p, ok := auth.From(r.Context()); {
	case !ok:
		return &auth.Error{Kind: auth.ErrNoCredentials, Scheme: "Bearer"}
	case p.Method == auth.MethodAPIKey:
		return &problem.Problem{Status: http.StatusForbidden, Code: "api_key_not_allowed"}
	}
	return nil
}

// handlerFunc answers, or returns an error that [problem.Write] knows.
type handlerFunc func(w http.ResponseWriter, r *http.Request) error

// answer turns an error into a problem.
func (a *app) answer(h handlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			a.refuse(w, r, err)
		}
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
