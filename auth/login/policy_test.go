package login_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/auth/login"
	"github.com/gopalisade/palisade/internal/conf"
	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/problem"
)

func newPolicy(t testing.TB, cfg login.PolicyConfig) *login.Policy {
	t.Helper()
	p, err := login.NewPolicy(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// codes are the rules that a password breaks.
func codes(t testing.TB, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	e, ok := errors.AsType[*login.PolicyError](err)
	if !ok || !errors.Is(err, login.ErrPolicy) {
		t.Fatalf("got %v, want a PolicyError", err)
	}
	var list []string
	for _, f := range e.Fields {
		if f.Pointer != "/password" || f.In != "body" {
			t.Errorf("got %+v", f)
		}
		list = append(list, f.Code)
	}
	if p := problem.Of(err); p.Status != 422 || p.Code != "password_refused" || len(p.Errors) != len(list) {
		t.Errorf("got %+v", p)
	}
	return strings.Join(list, " ")
}

func TestPolicy(t *testing.T) {
	eight := login.PolicyConfig{MinLength: 8}
	for _, tc := range []struct {
		name     string
		cfg      login.PolicyConfig
		password string
		about    []string
		want     string
	}{
		{"L6 phrase", login.PolicyConfig{}, "correct horse battery staple", nil, ""},
		{"L6 14 code points", login.PolicyConfig{}, "kd8 fm2 pw9 xz", nil, "too_short"},
		{"L6 15 code points", login.PolicyConfig{}, "kd8 fm2 pw9 xzq", nil, ""},
		{"L6 eight with a second factor", eight, "hkq7zmtw", nil, ""},
		{"code points, not bytes", eight, "пароль🔑", nil, "too_short"},
		{"no composition", login.PolicyConfig{}, "lettersonlyherewithoutdigits", nil, ""},
		{"spaces count", eight, "  m q z ", nil, ""},
		{"empty", login.PolicyConfig{}, "", nil, "too_short common"},
		{"L5 1024 bytes", login.PolicyConfig{}, strings.Repeat("correct horse ", 73) + "ab", nil, ""},
		{"L5 1025 bytes", login.PolicyConfig{}, strings.Repeat("x", 1025), nil, "too_long"},
		{"1 MB", login.PolicyConfig{}, strings.Repeat("x", 1<<20), nil, "too_long"},
		{"own bound", login.PolicyConfig{MaxBytes: 64}, strings.Repeat("correct horse ", 5), nil, "too_long"},
		{"one character", login.PolicyConfig{}, "aaaaaaaaaaaaaaaaaaaa", nil, "common"},
		{"repeated word", login.PolicyConfig{}, "tigertigertiger", nil, "common"},
		{"repeated word, cut", login.PolicyConfig{}, "tigertigertigerti", nil, "common"},
		{"sequence", login.PolicyConfig{}, "abcdefghijklmnop", nil, "common"},
		{"digits", login.PolicyConfig{}, "123456789012345", nil, "common"},
		{"down and up", login.PolicyConfig{}, "9876543210123456789", nil, "common"},
		{"keyboard", login.PolicyConfig{}, "qwertyuiopasdfghjkl", nil, "common"},
		{"keyboard and digits", login.PolicyConfig{}, "QWERTY1234567890", nil, "common"},
		{"password with digits", login.PolicyConfig{}, "Password12345678", nil, "common"},
		{"password in disguise", login.PolicyConfig{}, "P@$$w0rd!P@55w0rd", nil, "common"},
		{"several of them", login.PolicyConfig{}, "AdminAdmin-Welcome1", nil, "common"},
		{"a word in a phrase", login.PolicyConfig{}, "my secret garden has gates", nil, ""},
		{"about the owner", login.PolicyConfig{}, "alice.Liddell-2024", []string{"alice.liddell@example.com"}, "about_you"},
		{"about another", login.PolicyConfig{}, "alice.Liddell-2024", []string{"bob@example.com"}, ""},
		{"about the owner, in a phrase", login.PolicyConfig{}, "alice sells seashells", []string{"alice@example.com"}, ""},
		{"about the service", login.PolicyConfig{Words: []string{"Pali Sade"}}, "palisade-sade-pali", nil, "about_you"},
		{"in disguise", login.PolicyConfig{Words: []string{"palisade"}}, "P4l1s4d3P4li$ade77", nil, "about_you"},
		{"own blocklist", login.PolicyConfig{Blocklist: func(s string) bool { return s == right }}, right, nil, "common"},
		{"composition", login.CompositionPolicy(), "kd8fm2pw9", nil, "needs_upper needs_symbol"},
		{"composition, all", login.CompositionPolicy(), " ", nil, "too_short common needs_upper needs_lower needs_digit"},
		{"composition held", login.CompositionPolicy(), "Kd8-fm2pw", nil, ""},
		{"composition in another script", login.CompositionPolicy(), "Зд8-фм2пж", nil, ""},
		{"not UTF-8", login.PolicyConfig{}, "\xff\xfe\xfd" + right, nil, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := newPolicy(t, tc.cfg).Check(t.Context(), tc.password, tc.about...)
			if got := codes(t, err); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
			if tc.want != "" && len(tc.password) > 8 && strings.Contains(fmt.Sprint(err, problem.Of(err)), tc.password) {
				t.Errorf("the error holds the password: %v", err)
			}
		})
	}
}

func TestBreached(t *testing.T) {
	asked := 0
	collection := func(breached bool, err error) login.PolicyConfig {
		return login.PolicyConfig{Breached: func(context.Context, string) (bool, error) { asked++; return breached, err }}
	}
	lenient := collection(false, errDown)
	lenient.OnBreachedOutage = login.AcceptUnchecked
	for _, tc := range []struct {
		name     string
		cfg      login.PolicyConfig
		password string
		want     string
		asked    int
		outage   bool
	}{
		{"clean", collection(false, nil), right, "", 1, false},
		{"breached", collection(true, nil), right, "breached", 1, false},
		{"all at once", collection(true, nil), "kd8 fm2 pw9", "too_short breached", 1, false},
		{"not asked about nothing", collection(true, nil), "", "too_short common", 0, false},
		{"not asked about the longest", collection(true, nil), strings.Repeat("x", 1025), "too_long", 0, false},
		{"outage refuses", collection(false, errDown), right, "unchecked", 1, true},
		{"outage, but refused already", collection(false, errDown), "short", "too_short common", 1, true},
		{"outage accepts", lenient, right, "", 1, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			asked = 0
			told := false
			ctx := event.WithRecorder(t.Context(), event.RecorderFunc(func(_ context.Context, e event.Event) {
				told = e.Code == event.SysMonitorDisabled && errors.Is(e.Err, errDown)
			}))
			err := newPolicy(t, tc.cfg).Check(ctx, tc.password)
			if tc.want == "unchecked" {
				p := problem.Of(err)
				if !errors.Is(err, login.ErrUnchecked) || !errors.Is(err, errDown) || p.Status != 503 || p.RetryAfter <= 0 {
					t.Errorf("got %v, %+v", err, p)
				}
			} else if got := codes(t, err); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
			if err != nil && err.Error() == "" {
				t.Error("nothing for the log")
			}
			if asked != tc.asked || told != tc.outage {
				t.Errorf("asked %d times, outage told %t; want %d, %t", asked, told, tc.asked, tc.outage)
			}
		})
	}
}

func TestPolicyFaults(t *testing.T) {
	for _, tc := range []struct {
		name string
		cfg  login.PolicyConfig
		want string
	}{
		{"too short", login.PolicyConfig{MinLength: 7}, "MinLength"},
		{"too long a minimum", login.PolicyConfig{MinLength: 65}, "MinLength"},
		{"too short a maximum", login.PolicyConfig{MaxBytes: 63}, "MaxBytes"},
		{"more than Check looks at", login.PolicyConfig{MaxBytes: 1025}, "MaxBytes"},
		{"outage", login.PolicyConfig{OnBreachedOutage: 2}, "OnBreachedOutage"},
		{"words", login.PolicyConfig{Words: make([]string, 33)}, "Words"},
	} {
		_, err := login.NewPolicy(tc.cfg)
		if all := conf.All(err); len(all) != 1 || all[0].Field != tc.want {
			t.Errorf("%s: got %v, want one fault of %s", tc.name, err, tc.want)
		}
	}
}

// TestPolicyIsBounded gives the longest password of its worst kind, and every word that is searched for.
func TestPolicyIsBounded(t *testing.T) {
	word := strings.Repeat("a", 511) + "b "
	p := newPolicy(t, login.PolicyConfig{Words: strings.Fields(strings.Repeat(word, 32))})
	best := time.Hour
	for range 5 {
		start := time.Now()
		_ = p.Check(t.Context(), strings.Repeat("a", 1023)+"z", strings.Repeat(word, 2000))
		best = min(best, time.Since(start))
	}
	if best > time.Second {
		t.Errorf("took %v", best)
	}
	t.Log(best)
}
