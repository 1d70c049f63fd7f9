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
	"github.com/gopalisade/palisade/crypto/password"
	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/problem"
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

// tokens are the answer.
type tokens struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int64  `json:"expires_in"` // seconds
}

func (a *app) logIn(w http.ResponseWriter, r *http.Request) error {
	var in credentials
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	u, err := a.checkPassword(r.Context(), in)
	if err != nil {
		event.Emit(r.Context(), event.Event{
			Code: event.AuthnLoginFail, Level: slog.LevelWarn, Principal: u.ID, Addr: transport.PeerOf(r).Addr, Err: err,
		})
		return err
	}
	t, err := a.issuer.Issue(auth.Principal{ID: u.ID, Roles: []string{u.Role}, Tier: u.Tier, AuthTime: time.Now()}, nil)
	if err != nil {
		return err
	}
	event.Emit(r.Context(), event.Event{Code: event.AuthnLoginSuccess, Principal: u.ID, Addr: transport.PeerOf(r).Addr})
	return writeJSON(w, http.StatusOK, tokens{t.Value, "Bearer", int64(time.Until(t.Expiry).Round(time.Second) / time.Second)})
}

var errLogin = &problem.Problem{
	Status: http.StatusUnauthorized, Code: "invalid_credentials", Detail: "E-mail address or password is wrong.",
	Challenges: []string{`Bearer realm="api"`},
}

// checkPassword takes the same time for an account that does not exist, and gives the same answer.
func (a *app) checkPassword(ctx context.Context, in credentials) (user, error) {
	u, err := a.store.userByEmail(ctx, strings.ToLower(in.Email))
	if errors.Is(err, errNotFound) {
		if err := a.passwords.VerifyUnknown(ctx, in.Password); !errors.Is(err, password.ErrMismatch) {
			return user{}, err
		}
		return user{}, errLogin
	}
	if err != nil {
		return user{}, err
	}
	rehash, err := a.passwords.Verify(ctx, in.Password, u.Password)
	switch {
	case errors.Is(err, password.ErrMismatch):
		return user{ID: u.ID}, errLogin
	case errors.Is(err, password.ErrMalformed):
		a.log.ErrorContext(ctx, "stored password hash cannot be read", "user", u.ID)
		return user{ID: u.ID}, errLogin
	case err != nil:
		return user{ID: u.ID}, err
	}
	if rehash {
		a.rehash(ctx, u, in.Password)
	}
	return u, nil
}

// rehash replaces a hash that has become too weak. That it fails is no reason to refuse the login.
func (a *app) rehash(ctx context.Context, u user, pw string) {
	hash, err := a.passwords.Hash(ctx, pw)
	if err == nil {
		err = a.store.setPassword(ctx, u.ID, u.Password, hash)
	}
	if err != nil {
		a.log.WarnContext(ctx, "password was not rehashed", "user", u.ID, "err", err)
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
	err := a.store.deleteUser(r.Context(), id)
	if errors.Is(err, errNotFound) {
		return &problem.Problem{Status: http.StatusNotFound}
	}
	if err != nil {
		return err
	}
	event.Emit(r.Context(), event.Event{Code: event.UserDeleted, Object: id, Principal: principalID(r)})
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// ensureAdmin creates the administrator at the first start. A random password is printed once, and stored nowhere in clear.
func (a *app) ensureAdmin(ctx context.Context, cfg config, stdout io.Writer) error {
	var f faults
	email := f.checkEmail(cfg.adminEmail)
	pw := orElse(cfg.adminPassword, rand.Text())
	f.checkPassword(pw)
	if len(f) > 0 {
		return errors.New("PALISADE_ADMIN_EMAIL must be an address, PALISADE_ADMIN_PASSWORD 8 characters to 1024 bytes")
	}
	if _, err := a.store.userByEmail(ctx, email); !errors.Is(err, errNotFound) {
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
