package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/login"
	"github.com/gopalisade/palisade/auth/session"
	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/password"
	"github.com/gopalisade/palisade/crypto/vault"
	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/problem"
	"github.com/gopalisade/palisade/ratelimit/guard"
	"github.com/gopalisade/palisade/transport"
	"github.com/gopalisade/palisade/validate"
	"github.com/gopalisade/palisade/validate/sanitize"
)

// profile is what others see of an account.
type profile struct {
	ID    string `json:"id"`
	Email string `json:"email"`
	Role  string `json:"role"`
	Tier  string `json:"tier"`
}

func (u user) profile() profile { return profile{u.ID, u.Email, u.Role, u.Tier} }

// addUser makes an account: a stranger's own, or any by whoever may write users.
func (a *app) addUser(ctx context.Context, in newUser) (validate.Response[profile], error) {
	var none validate.Response[profile]
	u := user{
		ID: rand.Text(), Email: in.Email, Role: in.Role, Tier: in.Tier,
		FirstName: in.FirstName, LastName: in.LastName, Bio: in.Bio,
	}
	var err error
	if u.Password, err = a.passwords.For(u.ID).Hash(ctx, in.Password.Reveal()); err != nil {
		return none, err
	}
	switch err := a.store.addUser(ctx, u); {
	case errors.Is(err, errTaken):
		return none, &problem.Problem{Status: http.StatusConflict, Code: "email_taken", Detail: "The e-mail address has an account."}
	case err != nil:
		return none, err
	}
	event.Emit(ctx, event.Event{Code: event.UserCreated, Object: u.ID, Principal: principalID(ctx)})
	return created(u.profile()), nil
}

// newPasswords seals each hash for its account: who copies the database cannot even begin to guess.
func newPasswords(ring *field.Ring) (*password.Hasher, error) {
	sealer, err := field.NewSealer(field.SealerConfig{Ring: ring, Table: "users", Name: "password"})
	if err != nil {
		return nil, err
	}
	return password.New(password.Config{Sealer: sealer})
}

// newLogin makes what checks passwords.
func (a *app) newLogin(cfg config, sh *shared, ring *field.Ring) error {
	var err error
	if a.passwords, err = newPasswords(ring); err != nil {
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

// findAccount spells the address as it was kept. What is none is nobody's.
func (a *app) findAccount(ctx context.Context, email string) (login.Account, error) {
	if spelt, err := sanitize.Email(email); err == nil {
		email = spelt
	}
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
	in, err := a.in.login.Bind(r)
	if err != nil {
		return nil, err
	}
	attempt := login.Attempt{Login: in.Email, Password: in.Password.Reveal(), Addr: transport.PeerOf(r).Addr}
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
			_, err3 := a.cards.Prune(ctx)
			if err := errors.Join(err1, err2, err3); err != nil {
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

func (a *app) listUsers(ctx context.Context, q userQuery) (validate.Response[page[profile]], error) {
	all, total, err := a.findUsers(ctx, q)
	items := make([]profile, len(all))
	for i, u := range all {
		items[i] = u.profile()
	}
	return listed(items, total), err
}

// findUsers returns those that were asked for, and how many there are.
func (a *app) findUsers(ctx context.Context, q userQuery) ([]user, int, error) {
	email, one := q.Email.Get()
	if !one {
		all, err := a.store.users(ctx)
		if err != nil {
			return nil, 0, err
		}
		total, err := a.store.count(ctx, "users")
		return all, total, err
	}
	u, err := a.store.userByEmail(ctx, email)
	if errors.Is(err, errNotFound) {
		return nil, 0, nil
	}
	return []user{u}, 1, err
}

func (a *app) deleteUser(ctx context.Context, in byID) (struct{}, error) {
	var done struct{}
	if in.ID == principalID(ctx) {
		return done, &problem.Problem{Status: http.StatusConflict, Code: "own_account", Detail: "Nobody deletes the account that asks."}
	}
	// First, for an account that is gone is not found again; and once more, for whoever logged in meanwhile.
	if err := a.manager.DenyUser(ctx, a.manager.User(in.ID)); err != nil {
		return done, err
	}
	if err := a.forgetCards(ctx, vault.Owner{ID: in.ID}); err != nil {
		return done, err
	}
	err := a.store.deleteUser(ctx, in.ID)
	if errors.Is(err, errNotFound) {
		return done, &problem.Problem{Status: http.StatusNotFound}
	}
	if err != nil {
		return done, err
	}
	if err := a.forgetCards(ctx, vault.Owner{ID: in.ID}); err != nil { // once more, of a request that was on its way
		return done, err
	}
	event.Emit(ctx, event.Event{Code: event.UserDeleted, Object: in.ID, Principal: principalID(ctx)})
	return done, a.manager.DenyUser(ctx, a.manager.User(in.ID))
}

var errAdmin = errors.New("PALISADE_ADMIN_EMAIL must be an address, PALISADE_ADMIN_PASSWORD 8 characters to 1024 bytes")

// ensureAdmin creates the administrator at the first start. A random password is printed once, and stored nowhere in clear.
func (a *app) ensureAdmin(ctx context.Context, cfg config, stdout io.Writer) error {
	pw := cmp.Or(cfg.adminPassword, rand.Text())
	body, err := json.Marshal(map[string]string{"email": cfg.adminEmail, "password": pw})
	if err != nil {
		return err
	}
	in, err := a.in.user.Decode(ctx, body)
	if err != nil {
		return errAdmin
	}
	email := in.Email
	switch u, err := a.store.userByEmail(ctx, email); {
	case errors.Is(err, field.ErrOpen): // the others can work meanwhile
		a.log.ErrorContext(ctx, "the administrator's account cannot be opened", "err", err)
		return nil
	case err == nil && u.Role != "admin":
		return errors.New("PALISADE_ADMIN_EMAIL belongs to an account that is no administrator's")
	case !errors.Is(err, errNotFound):
		return err
	}
	u := user{ID: rand.Text(), Email: email, Role: "admin", Tier: "enterprise"}
	if u.Password, err = a.passwords.For(u.ID).Hash(ctx, pw); err != nil {
		return err
	}
	err = a.store.addUser(ctx, u)
	switch {
	case errors.Is(err, errTaken): // another process was faster, and printed its own
		return nil
	case err == nil && cfg.adminPassword == "":
		_, err = fmt.Fprintf(stdout, "administrator %s created; password, shown once: %s\n", email, pw)
	}
	return err
}
