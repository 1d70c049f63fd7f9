package login

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/crypto/password"
	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/ratelimit/guard"
)

// Checker checks passwords. It is safe for concurrent use.
type Checker struct {
	find      func(context.Context, string) (Account, error)
	passwords Verifier
	guard     *guard.Guard
	upgrade   func(context.Context, *auth.Principal, string, string) error
}

// Attempt is what somebody sent to log in.
type Attempt struct {
	Login    string // e-mail address or name, as typed; at most 320 bytes
	Password string // at most 1024 bytes
	Addr     netip.Addr
	Device   string // value of the device cookie, if one came
}

// The bounds of what is looked at. Whatever is longer is nobody's.
const (
	maxLogin    = 320 // of an e-mail address: 64 + 1 + 255
	maxPassword = 1024
)

// wellFormed refuses what no account can be called, before a database would stumble over it.
func (a *Attempt) wellFormed() bool {
	return a.Login != "" && len(a.Login) <= maxLogin && utf8.ValidString(a.Login) && strings.IndexByte(a.Login, 0) < 0 &&
		a.Password != "" && len(a.Password) <= maxPassword
}

// Result is a login that was right.
type Result struct {
	Principal *auth.Principal
	// Device is a new device cookie, for a login that is complete: after a second factor, where there is one. See
	// guard.Guard.DeviceCookie. Empty without a guard.
	Device string
}

// Check decides about one login. The error is [ErrInvalidLogin], password.ErrBusy, or matches guard.ErrBlocked,
// ratelimit.ErrUnavailable or [auth.ErrUnavailable]; the result is the zero Result then.
//
// A login that is refused for its own length costs nothing and is not a guess. Every other one is a guess at its login,
// unless it was right or the fault was ours; a client that hangs up has guessed.
func (c *Checker) Check(ctx context.Context, a Attempt) (Result, error) {
	if !a.wellFormed() {
		return Result{}, refuse(ctx, a, "malformed", "", nil)
	}
	if c.guard != nil {
		if a.Login = c.guard.Normalize(a.Login); !a.wellFormed() {
			return Result{}, refuse(ctx, a, "malformed", "", nil)
		}
	}
	guess, err := c.begin(ctx, a)
	if err != nil {
		return Result{}, err
	}
	defer guess.close(ctx)
	account, err := c.find(ctx, a.Login)
	unknown := errors.Is(err, ErrNoAccount)
	if unknown {
		account = Account{}
	}
	if err != nil && !unknown {
		return Result{}, guess.ours(ctx, a, "accounts", err)
	}
	rehash, err := c.verify(ctx, a.Password, account, unknown)
	if reason, refused := judge(err, account, unknown); refused {
		return Result{}, refuse(ctx, a, reason, account.Principal.ID, err)
	}
	if err != nil {
		return Result{}, guess.ours(ctx, a, "password", err)
	}
	return c.admit(ctx, a, account, guess, rehash), nil
}

// verify does the work of one hash, whatever is known about the account.
func (c *Checker) verify(ctx context.Context, pw string, account Account, unknown bool) (rehash bool, err error) {
	if unknown {
		return false, c.passwords.VerifyUnknown(ctx, pw)
	}
	return c.of(account.Principal.ID).Verify(ctx, pw, account.Hash)
}

// of returns the verifier of one account's hashes.
func (c *Checker) of(id string) Verifier {
	switch v := c.passwords.(type) {
	case *password.Hasher:
		return v.For(id)
	case interface{ For(subject string) Verifier }:
		return v.For(id)
	}
	return c.passwords
}

// judge says why a login is refused. An error that is left is nobody's guess.
func judge(err error, account Account, unknown bool) (reason string, refused bool) {
	switch {
	case errors.Is(err, password.ErrEmpty), errors.Is(err, password.ErrTooLong):
		return "malformed", true // a Verifier with narrower bounds than ours
	case errors.Is(err, password.ErrMalformed) && account.Hash == "":
		return "no_password", true
	case errors.Is(err, password.ErrMalformed):
		return "damaged_hash", true // tell the operator; there is no way in
	case err != nil && !errors.Is(err, password.ErrMismatch):
		return "", false
	case unknown:
		return "unknown", true
	case err != nil:
		return "wrong", true
	case account.Disabled:
		return "disabled", true
	case account.Locked:
		return "locked", true
	}
	return "", false
}

func refuse(ctx context.Context, a Attempt, reason, principal string, err error) error {
	e := event.Event{Code: event.AuthnLoginFail, Level: slog.LevelWarn, Principal: principal, Addr: a.Addr, Reason: reason}
	if reason == "damaged_hash" {
		e.Level, e.Err = slog.LevelError, err // whether it is damage, or a key that is gone
	}
	event.Emit(ctx, e)
	return ErrInvalidLogin
}

func (c *Checker) admit(ctx context.Context, a Attempt, account Account, guess *guess, rehash bool) Result {
	p := account.Principal
	p.Method, p.AuthTime = auth.MethodPassword, time.Now()
	failures := guess.succeed(ctx)
	code := event.AuthnLoginSuccess
	if failures > 0 {
		code = event.AuthnLoginSuccessAfterFail
	}
	event.Emit(ctx, event.Event{Code: code, Principal: p.ID, Addr: a.Addr, Count: failures})
	if rehash && c.upgrade != nil {
		c.rehash(ctx, &p, a.Password, account.Hash)
	}
	r := Result{Principal: &p}
	if c.guard != nil {
		r.Device = c.guard.DeviceCookie(a.Login)
	}
	return r
}

// rehash replaces a weak hash, now that the password is at hand. What goes wrong is for the log: the next login tries again.
func (c *Checker) rehash(ctx context.Context, p *auth.Principal, pw, old string) {
	fresh, err := c.of(p.ID).Hash(ctx, pw)
	if err == nil {
		err = c.upgrade(ctx, p, old, fresh)
	}
	if err != nil {
		event.Emit(ctx, event.Event{
			Code: event.AuthnPasswordChangeFail, Level: slog.LevelWarn, Principal: p.ID, Reason: "rehash", Err: err,
		})
	}
}
