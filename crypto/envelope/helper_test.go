package envelope_test

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gopalisade/palisade/crypto/envelope"
	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/secret"
	"github.com/gopalisade/palisade/problem"
)

func random() []byte {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	return key
}

func newLocal(t testing.TB, keys ...field.Key) *envelope.Local {
	t.Helper()
	if keys == nil {
		keys = []field.Key{{ID: 0x01020304, Secret: secret.New(random()), State: field.Primary}}
	}
	l, err := envelope.NewLocal(envelope.LocalConfig{Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

var errDown = errors.New("connection refused")

// service is a key management service that counts, and fails as it is told.
type service struct {
	envelope.KeyWrapper
	wraps, unwraps atomic.Int64

	mu      sync.Mutex
	err     error               // of every call
	wrapErr error               // of Wrap
	gate    chan struct{}       // what calls wait for, or their ctx
	began   chan struct{}       // is told of every call
	change  func([]byte) []byte // of what Unwrap returns
}

func newService(t testing.TB) *service { return &service{KeyWrapper: newLocal(t)} }

func (s *service) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

func (s *service) failWrap(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wrapErr = err
}

// block has calls wait until the returned function is called. Every call is told to the channel.
func (s *service) block() (began <-chan struct{}, release func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	gate := make(chan struct{})
	s.gate, s.began = gate, make(chan struct{}, 100)
	return s.began, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.gate, s.began = nil, nil
		close(gate)
	}
}

func (s *service) wait(ctx context.Context) error {
	s.mu.Lock()
	err, gate, began := s.err, s.gate, s.began
	s.mu.Unlock()
	if gate != nil {
		began <- struct{}{}
		select {
		case <-gate:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return err
}

func (s *service) Wrap(ctx context.Context, key, aad []byte) ([]byte, error) {
	s.wraps.Add(1)
	if err := s.wait(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	err := s.wrapErr
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	return s.KeyWrapper.Wrap(ctx, key, aad)
}

func (s *service) Unwrap(ctx context.Context, wrapped, aad []byte) ([]byte, error) {
	s.unwraps.Add(1)
	if err := s.wait(ctx); err != nil {
		return nil, err
	}
	key, err := s.KeyWrapper.Unwrap(ctx, wrapped, aad)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.change != nil && err == nil {
		key = s.change(key)
	}
	return key, err
}

// calls counts both.
func (s *service) calls() int64 { return s.wraps.Load() + s.unwraps.Load() }

// brokenStore is a store that fails as it is told, and calls before each step.
type brokenStore struct {
	envelope.Store
	err    atomic.Pointer[error]
	before func(step string)
}

func (b *brokenStore) fail(err error) { b.err.Store(&err) }

func (b *brokenStore) step(name string) error {
	if b.before != nil {
		b.before(name)
	}
	if p := b.err.Load(); p != nil {
		return *p
	}
	return nil
}

func (b *brokenStore) List(ctx context.Context, subject string) ([]envelope.Record, error) {
	if err := b.step("list"); err != nil {
		return nil, err
	}
	return b.Store.List(ctx, subject)
}

func (b *brokenStore) Add(ctx context.Context, rec envelope.Record) error {
	if err := b.step("add"); err != nil {
		return err
	}
	return b.Store.Add(ctx, rec)
}

func (b *brokenStore) Replace(ctx context.Context, rec envelope.Record, old []byte) error {
	if err := b.step("replace"); err != nil {
		return err
	}
	return b.Store.Replace(ctx, rec, old)
}

func (b *brokenStore) Delete(ctx context.Context, subject string, seq uint32) error {
	if err := b.step("delete"); err != nil {
		return err
	}
	return b.Store.Delete(ctx, subject, seq)
}

func (b *brokenStore) Shred(ctx context.Context, subject string) error {
	if err := b.step("shred"); err != nil {
		return err
	}
	return b.Store.Shred(ctx, subject)
}

func newKeys(t testing.TB, w envelope.KeyWrapper, s envelope.Store, change func(*envelope.Config)) *envelope.Keys {
	t.Helper()
	cfg := envelope.Config{Wrapper: w, Store: s}
	if change != nil {
		change(&cfg)
	}
	k, err := envelope.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.Close() })
	return k
}

const alice = "customer-7"

func ringOf(t testing.TB, k *envelope.Keys, subject string) *field.Ring {
	t.Helper()
	ring, err := k.Ring(t.Context(), subject)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func cell() field.Binding { return field.Bind("notes", "text", field.Int(1)) }

func seal(t testing.TB, ring *field.Ring) []byte {
	t.Helper()
	sealed, err := ring.Seal(cell(), []byte("a note"))
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

// opens reports whether a ring opens what seal made.
func opens(ring *field.Ring, sealed []byte) bool {
	text, err := ring.Open(cell(), sealed)
	return err == nil && string(text) == "a note"
}

func records(t testing.TB, s envelope.Store, subject string) []envelope.Record {
	t.Helper()
	recs, err := s.List(context.Background(), subject)
	if err != nil {
		t.Fatal(err)
	}
	return recs
}

// wantKind wants an *Error of one kind and of no other, and the answer that fits it.
func wantKind(t testing.TB, name string, err, want error) {
	t.Helper()
	statuses := map[error]int{
		envelope.ErrUnavailable: 503, envelope.ErrClosed: 503, envelope.ErrShredded: 410, envelope.ErrInUse: 409,
		envelope.ErrRefused: 500, envelope.ErrForged: 500, envelope.ErrSubject: 500, envelope.ErrFull: 500,
	}
	e, ok := errors.AsType[*envelope.Error](err)
	if !ok || e.Kind != want {
		t.Errorf("%s: got %v, want an Error of kind %v", name, err, want)
		return
	}
	for kind := range statuses {
		if errors.Is(err, kind) != (kind == want) {
			t.Errorf("%s: %v matches %v too", name, err, kind)
		}
	}
	p := problem.Of(err)
	if p.Status != statuses[want] ||
		(e.RetryAfter > 0) != (want == envelope.ErrUnavailable) || p.Code != e.Code() || p.Detail == "" {
		t.Errorf("%s: got problem %+v, want status %d", name, p, statuses[want])
	}
}
