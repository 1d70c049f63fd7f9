package envelope_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/crypto/envelope"
	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/secret"
	"github.com/gopalisade/palisade/internal/conf"
)

func TestLocal(t *testing.T) {
	old := field.Key{ID: 1, Secret: secret.New(random()), State: field.Primary}
	next := field.Key{ID: 2, Secret: secret.New(random()), State: field.Primary}
	l := newLocal(t, old)
	if l.ID() != "local" {
		t.Errorf("got ID %q", l.ID())
	}
	key := random()
	for _, aad := range [][]byte{nil, {}, {0}, []byte("aad"), make([]byte, 600)} {
		a, err := l.Wrap(t.Context(), key, aad)
		b, err2 := l.Wrap(t.Context(), key, aad)
		if err != nil || err2 != nil || bytes.Equal(a, b) || bytes.Contains(a, key) || len(a) > 4096 {
			t.Errorf("aad of %d: got %x and %x, %v", len(aad), a, b, err)
		}
		if got, err := l.Unwrap(t.Context(), a, aad); err != nil || !bytes.Equal(got, key) {
			t.Errorf("aad of %d: got %x, %v", len(aad), got, err)
		}
		if _, err := l.Unwrap(t.Context(), a, append(bytes.Clone(aad), 0)); !errors.Is(err, envelope.ErrForged) {
			t.Errorf("longer aad: got %v, want ErrForged", err)
		}
		for i := range a {
			if _, err := l.Unwrap(t.Context(), a[:i], aad); !errors.Is(err, envelope.ErrForged) {
				t.Errorf("cut to %d bytes: got %v", i, err)
			}
		}
	}
	wrapped, err := l.Wrap(t.Context(), key, nil)
	if err != nil {
		t.Fatal(err)
	}
	active, disabled := old, old
	active.State, disabled.State = field.Active, field.Disabled
	for _, tc := range []struct {
		name string
		keys []field.Key
		want error
	}{
		{"old key active", []field.Key{next, active}, nil},
		{"old key disabled", []field.Key{next, disabled}, envelope.ErrRefused},
		{"old key gone", []field.Key{next}, envelope.ErrRefused},
		{"another key of its id", []field.Key{{ID: 1, Secret: secret.New(random()), State: field.Primary}}, envelope.ErrForged},
	} {
		got, err := newLocal(t, tc.keys...).Unwrap(t.Context(), wrapped, nil)
		if !errors.Is(err, tc.want) || (err == nil) != bytes.Equal(got, key) {
			t.Errorf("%s: got %x, %v, want %v", tc.name, got, err, tc.want)
		}
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	_, wrapErr := l.Wrap(t.Context(), key, nil)
	_, err = l.Unwrap(t.Context(), wrapped, nil)
	for _, err := range []error{wrapErr, err} {
		if !errors.Is(err, envelope.ErrRefused) || !errors.Is(err, field.ErrClosed) {
			t.Errorf("after Close: got %v, want ErrRefused", err)
		}
	}
}

func TestLocalConfig(t *testing.T) {
	good := []field.Key{{ID: 1, Secret: secret.New(random()), State: field.Primary}}
	short := []field.Key{{ID: 1, Secret: secret.New([]byte("hunter2")), State: field.Primary}}
	for _, tc := range []struct {
		name string
		cfg  envelope.LocalConfig
		want string // fields at fault
	}{
		{"good", envelope.LocalConfig{Keys: good}, ""},
		{"no keys", envelope.LocalConfig{}, "Keys"},
		{"short key", envelope.LocalConfig{Keys: short}, "Keys[0].Secret"},
		{"name", envelope.LocalConfig{Keys: good, Name: "a\nb"}, "Name"},
		{"both", envelope.LocalConfig{Name: "a\nb"}, "Name Keys"},
	} {
		l, err := envelope.NewLocal(tc.cfg)
		var fields []string
		for _, f := range conf.All(err) {
			fields = append(fields, f.Field)
		}
		if strings.Join(fields, " ") != tc.want || (err == nil) != (l != nil) {
			t.Errorf("%s: got %v, want faults of %q", tc.name, err, tc.want)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the fault shows the key: %v", tc.name, err)
		}
	}
}
