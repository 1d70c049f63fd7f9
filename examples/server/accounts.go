package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/login"
	"github.com/gopalisade/palisade/auth/session"
	"github.com/gopalisade/palisade/crypto/password"
	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/problem"
	"github.com/gopalisade/palisade/ratelimit/guard"
	"github.com/gopalisade/palisade/transport"
)

// registration is what a stranger may say about a new account. Role and tier are not in it: a body that names them is
// refused, and nobody makes an administrator of himself.
type registration struct {
	Email     string `json:"email"`
	Password  string `json:"password"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Bio       string `json:"bio"`
}

// newUser is what somebody with write:users may say.
type newUser struct {
	registration
	Role string `json:"role"`
	Tier string `json:"tier"`
}

// profile is what others see of an account.
type profile struct {
	ID    string `json:"id"`
	Email string `json:"email"`
	Role  string `json:"role"`
	Tier  string `json:"tier"`
}

func (u user) profile() profile { return profile{u.ID, u.Email, u.Role, u.Tier} }

var (
	roles = []string{"customer", "manager", "admin"}
	tiers = []string{"free", "premium", "enterprise"}
)

func (a *app) registerUser(w http.ResponseWriter, r *http.Request) error {
	var in registration
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	return a.addUser(w, r, newUser{registration: in})
}

func (a *app) createUser(w http.ResponseWriter, r *http.Request) error {
	var in newUser
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	return a.addUser(w, r, in)
}

func (a *app) addUser(w http.ResponseWriter, r *http.Request, in newUser) error {
	var f faults
	email := f.checkEmail(in.Email)
	f.checkPassword(in.Password)
	f.checkText("first_name", in.FirstName, 100, false)
	f.checkText("last_name", in.LastName, 100, false)
	f.checkText("bio", in.Bio, 1000, true)
	in.Role, in.Tier = orElse(in.Role, "customer"), orElse(in.Tier, "free")
	f.check(slices.Contains(roles, in.Role), "role", "oneof")
	f.check(slices.Contains(tiers, in.Tier), "tier", "oneof")
	if err := f.err(); err != nil {
		event.Emit(r.Context(), event.Event{Code: event.InputValidationFail, Level: slog.LevelWarn, Count: int64(len(f))})
		return err
	}
	hash, err := a.passwords.Hash(r.Context(), in.Password)
	if err != nil {
		return err
	}
	u := user{
		ID: rand.Text(), Email: email, Password: hash, Role: in.Role, Tier: in.Tier,
		FirstName: in.FirstName, LastName: in.LastName, Bio: in.Bio,
	}
	switch err := a.store.addUser(r.Context(), u); {
	case errors.Is(err, errTaken):
		return &problem.Problem{Status: http.StatusConflict, Code: "email_taken", Detail: "The e-mail address has an account."}
	case err != nil:
		return err
	}
	event.Emit(r.Context(), event.Event{Code: event.UserCreated, Object: u.ID, Principal: principalID(r)})
	return writeJSON(w, http.StatusCreated, u.profile())
}

func orElse(value, usual string) string {
	if value == "" {
		return usual
	}
	return value
}

// credentials are the body of a login.
type credentials struct {
	Email    string `json:"email"`
	Password string `json:"password"`
}

// newLogin makes what checks passwords.
func (a *app) newLogin(cfg config, sh *shared) error {
	var err error
	if a.passwords, err = password.New(password.Config{}); err != nil {
		return err
	}
	key, err := loadSecret(cfg.data, guardKeyFile)
	if err != nil {
		return err
	}
	limits := guard.Config{Keys: [][]byte{key}}
	if sh.rooms != nil {
		limits.Store = sh.rooms.Guard()
	}
	if a.guard, err = guard.New(limits); err != nil {
		return err
	}
	a.logins, err = login.New(login.Config{
		Find: a.findAccount, Passwords: a.passwords, Guard: a.guard,
		Upgrade: func(ctx context.Context, p *auth.Principal, old, hash string) error {
			return a.store.setPassword(ctx, p.ID, old, hash)
		},
	})
	return err
}

func (a *app) findAccount(ctx context.Context, email string) (login.Account, error) {
	u, err := a.store.userByEmail(ctx, strings.ToLower(email))
	if errors.Is(err, errNotFound) {
		return login.Account{}, login.ErrNoAccount
	}
	return login.Account{Principal: *u.principal(), Hash: u.Password}, err
}

// sessionUser is asked at every refresh: roles that were taken away are gone, and so is a user who was deleted.
func (a *app) sessionUser(ctx context.Context, who session.User) (*auth.Principal, error) {
	u, err := a.store.userByID(ctx, who.ID)
	if errors.Is(err, errNotFound) {
		return nil, session.ErrNoUser
	}
	return u.principal(), err
}

func (u user) principal() *auth.Principal {
	return &auth.Principal{ID: u.ID, Roles: []string{u.Role}, Tier: u.Tier}
}

// deviceCookie remembers a browser that has been signed in: its owner gets in while strangers are banned from his account.
const deviceCookie = "__Host-device"

// logIn is what the session handlers ask who signs in.
func (a *app) logIn(w http.ResponseWriter, r *http.Request) (*auth.Principal, error) {
	var in credentials
	if err := readJSON(w, r, &in); err != nil {
		return nil, err
	}
	attempt := login.Attempt{Login: in.Email, Password: in.Password, Addr: transport.PeerOf(r).Addr}
	if sent := r.CookiesNamed(deviceCookie); len(sent) == 1 {
		attempt.Device = sent[0].Value
	}
	result, err := a.logins.Check(r.Context(), attempt)
	if err != nil {
		return nil, err
	}
	http.SetCookie(w, &http.Cookie{
		Name: deviceCookie, Value: result.Device, MaxAge: int((90 * 24 * time.Hour).Seconds()),
		Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})
	return result.Principal, nil
}

// prune forgets what has ended, every hour.
func (a *app) prune(ctx context.Context) {
	for tick := time.NewTicker(time.Hour); ; {
		select {
		case <-ctx.Done():
			tick.Stop()
			return
		case <-tick.C:
			_, err1 := a.manager.Prune(ctx)
			_, err2 := a.keys.Prune(ctx)
			if err := errors.Join(err1, err2); err != nil {
				a.log.WarnContext(ctx, "what has ended was not removed", "err", err)
			}
		}
	}
}

func (a *app) me(w http.ResponseWriter, r *http.Request) error {
	p, _ := auth.From(r.Context())
	u, err := a.store.userByID(r.Context(), p.ID)
	if errors.Is(err, errNotFound) { // deleted since the token was issued
		return &auth.Error{Kind: auth.ErrInvalid, Reason: "user_gone", Scheme: "Bearer"}
	}
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, struct {
		profile
		Permissions []string `json:"permissions"`
	}{u.profile(), a.model.Permissions(p)})
}

func (a *app) listUsers(w http.ResponseWriter, r *http.Request) error {
	all, err := a.store.users(r.Context())
	if err != nil {
		return err
	}
	total, err := a.store.count(r.Context(), "users")
	if err != nil {
		return err
	}
	out := page[profile]{Items: make([]profile, len(all)), Total: total}
	for i, u := range all {
		out.Items[i] = u.profile()
	}
	w.Header().Set("X-Total-Count", strconv.Itoa(out.Total))
	return writeJSON(w, http.StatusOK, out)
}

func (a *app) deleteUser(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if id == principalID(r) {
		return &problem.Problem{Status: http.StatusConflict, Code: "own_account", Detail: "Nobody deletes the account that asks."}
	}
	// First, for an account that is gone is not found again; and once more, for whoever logged in meanwhile.
	if err := a.manager.DenyUser(r.Context(), a.manager.User(id)); err != nil {
		return err
	}
	err := a.store.deleteUser(r.Context(), id)
	if errors.Is(err, errNotFound) {
		return &problem.Problem{Status: http.StatusNotFound}
	}
	if err != nil {
		return err
	}
	event.Emit(r.Context(), event.Event{Code: event.UserDeleted, Object: id, Principal: principalID(r)})
	if err := a.manager.DenyUser(r.Context(), a.manager.User(id)); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

var errAdmin = errors.New("PALISADE_ADMIN_EMAIL must be an address, PALISADE_ADMIN_PASSWORD 8 characters to 1024 bytes")

// ensureAdmin creates the administrator at the first start. A random password is printed once, and stored nowhere in clear.
func (a *app) ensureAdmin(ctx context.Context, cfg config, stdout io.Writer) error {
	var f faults
	email := f.checkEmail(cfg.adminEmail)
	pw := orElse(cfg.adminPassword, rand.Text())
	f.checkPassword(pw)
	if len(f) > 0 {
		return errAdmin
	}
	switch u, err := a.store.userByEmail(ctx, email); {
	case err == nil && u.Role != "admin":
		return errors.New("PALISADE_ADMIN_EMAIL belongs to an account that is no administrator's")
	case !errors.Is(err, errNotFound):
		return err
	}
	hash, err := a.passwords.Hash(ctx, pw)
	if err != nil {
		return err
	}
	err = a.store.addUser(ctx, user{ID: rand.Text(), Email: email, Password: hash, Role: "admin", Tier: "enterprise"})
	switch {
	case errors.Is(err, errTaken): // another process was faster, and printed its own
		return nil
	case err == nil && cfg.adminPassword == "":
		_, err = fmt.Fprintf(stdout, "administrator %s created; password, shown once: %s\n", email, pw)
	}
	return err
}
