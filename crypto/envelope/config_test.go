package envelope_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/crypto/envelope"
	"github.com/gopalisade/palisade/crypto/envelope/envelopetest"
	"github.com/gopalisade/palisade/internal/conf"
)

// named is a wrapper with another ID.
type named struct {
	envelope.KeyWrapper
	id string
}

func (n named) ID() string { return n.id }

func TestConfig(t *testing.T) {
	local := newLocal(t)
	for _, tc := range []struct {
		name   string
		change func(*envelope.Config)
		want   string // fields at fault
	}{
		{"usual", func(*envelope.Config) {}, ""},
		{"long TTL", func(c *envelope.Config) { c.TTL = 48 * time.Hour }, ""},
		{"long HardTTL", func(c *envelope.Config) { c.HardTTL = 7 * 24 * time.Hour }, ""},
		{"least", func(c *envelope.Config) {
			c.TTL, c.HardTTL, c.Timeout, c.MaxAge = time.Second, time.Second, time.Millisecond, 2*time.Second+2*time.Millisecond
			c.MaxUses, c.MaxSubjects, c.MaxContexts = 1, 1, 16
		}, ""},
		{"old wrapper", func(c *envelope.Config) { c.OldWrappers = []envelope.KeyWrapper{named{local, "old"}} }, ""},
		{"nothing", func(c *envelope.Config) { *c = envelope.Config{} }, "Store Wrapper"},
		{"no name", func(c *envelope.Config) { c.Wrapper = named{local, ""} }, "Wrapper"},
		{"odd name", func(c *envelope.Config) { c.Wrapper = named{local, "a\x00"} }, "Wrapper"},
		{"same name", func(c *envelope.Config) {
			c.OldWrappers = []envelope.KeyWrapper{named{local, "old"}, local}
		}, "OldWrappers[1]"},
		{"no old wrapper", func(c *envelope.Config) { c.OldWrappers = []envelope.KeyWrapper{nil} }, "OldWrappers[0]"},
		{"short TTL", func(c *envelope.Config) { c.TTL = time.Millisecond }, "TTL"},
		{"negative TTL", func(c *envelope.Config) { c.TTL = -time.Hour }, "TTL"},
		{"HardTTL below TTL", func(c *envelope.Config) { c.HardTTL = time.Minute }, "HardTTL"},
		{"endless HardTTL", func(c *envelope.Config) { c.HardTTL = 30 * 24 * time.Hour }, "HardTTL"},
		{"negative Timeout", func(c *envelope.Config) { c.Timeout = -1 }, "Timeout"},
		{"MaxAge below its delay", func(c *envelope.Config) { c.MaxAge = time.Hour + 5*time.Minute + 19*time.Second }, "MaxAge"},
		{"MaxUses", func(c *envelope.Config) { c.MaxUses = 1<<32 + 1 }, "MaxUses"},
		{"negative MaxSubjects", func(c *envelope.Config) { c.MaxSubjects = -1 }, "MaxSubjects"},
		{"MaxSubjects", func(c *envelope.Config) { c.MaxSubjects = 1<<20 + 1 }, "MaxSubjects"},
		{"few MaxContexts", func(c *envelope.Config) { c.MaxContexts = 15 }, "MaxContexts"},
		{"many MaxContexts", func(c *envelope.Config) { c.MaxContexts = 4097 }, "MaxContexts"},
	} {
		cfg := envelope.Config{Wrapper: local, Store: envelope.NewMemory(0)}
		tc.change(&cfg)
		k, err := envelope.New(cfg)
		var fields []string
		for _, f := range conf.All(err) {
			if f.Room != "envelope" {
				t.Errorf("%s: got room %q", tc.name, f.Room)
			}
			fields = append(fields, f.Field)
		}
		if strings.Join(fields, " ") != tc.want || (err == nil) != (k != nil) {
			t.Errorf("%s: got %v, want faults of %q", tc.name, err, tc.want)
		}
		if k != nil {
			_ = k.Close()
		}
	}
}

func TestMemory(t *testing.T) {
	envelopetest.Run(t, func(*testing.T) envelope.Store { return envelope.NewMemory(0) })
}

func TestMemoryBounds(t *testing.T) {
	m := envelope.NewMemory(2)
	rec := goodRecord()
	if err := m.Add(t.Context(), rec); err != nil {
		t.Fatal(err)
	}
	rec.Seq = 1
	if err := m.Add(t.Context(), rec); err != nil {
		t.Fatal(err)
	}
	rec.Seq = 3
	if err := m.Add(t.Context(), rec); !errors.Is(err, envelope.ErrFull) {
		t.Errorf("got %v, want ErrFull", err)
	}
	if err := m.Shred(t.Context(), "stranger"); !errors.Is(err, envelope.ErrFull) {
		t.Errorf("got %v, want ErrFull", err)
	}
	if err := m.Shred(t.Context(), alice); err != nil { // never for want of place
		t.Errorf("got %v", err)
	}
	if err := m.Shred(t.Context(), "stranger"); err != nil { // one tombstone in the place of two records
		t.Errorf("got %v", err)
	}
	if err := m.Shred(t.Context(), alice); err != nil {
		t.Errorf("again: got %v", err)
	}
}

func TestErrorText(t *testing.T) {
	cause := errors.New("cause")
	for _, tc := range []struct {
		err  *envelope.Error
		want string
	}{
		{&envelope.Error{Kind: envelope.ErrShredded}, "envelope: subject was shredded"},
		{&envelope.Error{Kind: envelope.ErrForged, Step: "unwrap"}, "envelope: key record is not authentic (unwrap)"},
		{&envelope.Error{Kind: envelope.ErrUnavailable, Step: "list", Err: cause}, "envelope: key cannot be reached (list): cause"},
	} {
		if got := tc.err.Error(); got != tc.want {
			t.Errorf("got %q, want %q", got, tc.want)
		}
		if errors.Is(tc.err, cause) != (tc.err.Err != nil) {
			t.Errorf("%v: the cause does not match", tc.err)
		}
	}
}
