package login

import (
	"context"
	"log/slog"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/gopalisade/palisade/internal/conf"
	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/problem"
)

// Outage says what happens to a new password while Breached is out of reach.
type Outage uint8

// The ways.
const (
	RefuseUnchecked Outage = iota // ask to try again later: ErrUnchecked, 503
	AcceptUnchecked               // take it: people before protection
)

// Require are rules of composition. They make passwords hard to remember and hardly harder to guess, and NIST SP 800-63B-4
// section 3.1.1.2 forbids them; they are for those who must.
type Require struct{ Upper, Lower, Digit, Symbol bool }

// PolicyConfig describes a [Policy]. The zero PolicyConfig is what NIST SP 800-63B-4 wants of a password that is the only
// factor, but for a blocklist that is too short: give one of your own, or Breached.
type PolicyConfig struct {
	_ [0]func() // keyed literals only, never comparable

	MinLength int      // in code points, 8 to 64; 15. Use 8 only where everybody has a second factor
	MaxBytes  int      // 64 to 1024, which is the most that Check looks at; 1024
	Words     []string // the service's own, "palisade": a password must be more than them
	Require   Require  // nothing

	// Blocklist reports whether many people use the password. It is asked beside the rules of this package, which know only
	// the most obvious: repetitions, sequences, rows of keys, "password" with something behind it.
	Blocklist func(password string) bool

	// Breached asks a collection of stolen passwords, over the network perhaps. It is not asked for those that are too long.
	Breached         func(ctx context.Context, password string) (bool, error)
	OnBreachedOutage Outage // RefuseUnchecked
}

// CompositionPolicy is 8 code points or more with a letter of each case, a digit and a symbol, as many old rule books have it.
func CompositionPolicy() PolicyConfig {
	return PolicyConfig{MinLength: 8, Require: Require{Upper: true, Lower: true, Digit: true, Symbol: true}}
}

// Policy decides which new passwords are good enough. It is safe for concurrent use.
type Policy struct{ cfg PolicyConfig }

// NewPolicy returns a Policy, or every fault of cfg joined.
func NewPolicy(cfg PolicyConfig) (*Policy, error) {
	conf.Default(&cfg.MinLength, 15)
	conf.Default(&cfg.MaxBytes, maxPassword)
	f := conf.Faults{Room: "login"}
	f.Check(cfg.MinLength >= 8 && cfg.MinLength <= 64, "MinLength", cfg.MinLength, "must be between 8 and 64")
	f.Check(cfg.MaxBytes >= 64 && cfg.MaxBytes <= maxPassword, "MaxBytes", cfg.MaxBytes, "must be between 64 and 1024")
	f.Check(cfg.OnBreachedOutage <= AcceptUnchecked, "OnBreachedOutage", cfg.OnBreachedOutage, "is no Outage")
	f.Check(len(cfg.Words) <= maxWords, "Words", len(cfg.Words), "must be at most 32")
	if err := f.Err(); err != nil {
		return nil, err
	}
	cfg.Words = split(cfg.Words)
	return &Policy{cfg}, nil
}

// Check judges a new password, given what an attacker knows about its owner: e-mail address, name. It returns nil, a
// [PolicyError] with every rule that is broken, or an error that matches [ErrUnchecked]. Spaces and every other character
// count as they are.
func (p *Policy) Check(ctx context.Context, password string, about ...string) error {
	if len(password) > p.cfg.MaxBytes {
		return &PolicyError{Fields: []problem.Field{broken("too_long", "max_bytes", p.cfg.MaxBytes)}}
	}
	var fields []problem.Field
	add := func(is bool, f problem.Field) {
		if is {
			fields = append(fields, f)
		}
	}
	add(utf8.RuneCountInString(password) < p.cfg.MinLength, broken("too_short", "min", p.cfg.MinLength))
	own := slices.Concat(p.cfg.Words, split(about))
	common := obvious(password, nil) || p.cfg.Blocklist != nil && p.cfg.Blocklist(password)
	add(common, broken("common", "", 0))
	add(!common && obvious(password, own), broken("about_you", "", 0))
	upper, lower, digit, symbol := kinds(password)
	add(p.cfg.Require.Upper && !upper, broken("needs_upper", "", 0))
	add(p.cfg.Require.Lower && !lower, broken("needs_lower", "", 0))
	add(p.cfg.Require.Digit && !digit, broken("needs_digit", "", 0))
	add(p.cfg.Require.Symbol && !symbol, broken("needs_symbol", "", 0))
	if p.cfg.Breached != nil && password != "" {
		breached, err := p.cfg.Breached(ctx, password)
		add(breached, broken("breached", "", 0))
		if err != nil {
			event.Emit(ctx, event.Event{Code: event.SysMonitorDisabled, Level: slog.LevelError, Reason: "breached", Err: err})
		}
		if err != nil && len(fields) == 0 && p.cfg.OnBreachedOutage == RefuseUnchecked {
			return &uncheckedError{err}
		}
	}
	if len(fields) > 0 {
		return &PolicyError{Fields: fields}
	}
	return nil
}

func broken(code, param string, value int) problem.Field {
	f := problem.Field{In: "body", Pointer: "/password", Code: code}
	if param != "" {
		f.Params = map[string]any{param: value}
	}
	return f
}

// kinds reports which kinds of characters there are. A symbol is whatever is neither a letter nor a digit.
func kinds(password string) (upper, lower, digit, symbol bool) {
	for _, r := range password {
		switch {
		case unicode.IsUpper(r):
			upper = true
		case unicode.IsLower(r):
			lower = true
		case unicode.IsDigit(r):
			digit = true
		case !unicode.IsLetter(r):
			symbol = true
		}
	}
	return upper, lower, digit, symbol
}
