package password_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"

	"github.com/gopalisade/palisade/crypto/password"
	"github.com/gopalisade/palisade/internal/conf"
	"github.com/gopalisade/palisade/problem"
)

// small is fast, and for tests only.
func small() password.Config {
	return password.Config{Memory: 64, Time: 1, MemoryBudget: 1 << 10}
}

func newHasher(t testing.TB, cfg password.Config) *password.Hasher {
	t.Helper()
	h, err := password.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func phc(m, time uint32, p uint8, pw string, saltSize, keySize int) string {
	salt := []byte(strings.Repeat("s", saltSize))
	key := argon2.IDKey([]byte(pw), salt, time, m, p, uint32(keySize))
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", m, time, p, enc.EncodeToString(salt), enc.EncodeToString(key))
}

func TestHashAndVerify(t *testing.T) {
	h := newHasher(t, small())
	for _, pw := range []string{"a", " spaces stay ", "nul\x00inside", "\xff\xfe", strings.Repeat("x", 1024), "пароль🔑"} {
		stored, err := h.Hash(t.Context(), pw)
		if err != nil {
			t.Fatal(err)
		}
		if again, _ := h.Hash(t.Context(), pw); again == stored {
			t.Errorf("%q hashes to the same twice", pw)
		}
		if rehash, err := h.Verify(t.Context(), pw, stored); err != nil || rehash {
			t.Errorf("%q: got %t, %v", pw, rehash, err)
		}
		for _, other := range []string{pw + "x", pw + "\x00", strings.ToUpper(pw) + "!", "x"} {
			if len(other) <= 1024 {
				if rehash, err := h.Verify(t.Context(), other, stored); !errors.Is(err, password.ErrMismatch) || rehash {
					t.Errorf("%q against %q: got %v", other, pw, err)
				}
			}
		}
	}
}

func TestDefaultsAreOWASP(t *testing.T) {
	stored, err := newHasher(t, password.Config{}).Hash(t.Context(), "correct horse")
	if err != nil || !strings.HasPrefix(stored, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("got %s, %v", stored, err)
	}
}

func TestRehash(t *testing.T) {
	h := newHasher(t, password.Config{Memory: 64, Time: 2, MemoryBudget: 1 << 10})
	cheap, err := bcrypt.GenerateFromPassword([]byte("pw"), 4)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, stored string
		want         bool
	}{
		{"same", phc(64, 2, 1, "pw", 16, 32), false},
		{"less memory", phc(32, 2, 1, "pw", 16, 32), true},
		{"fewer passes", phc(64, 1, 1, "pw", 16, 32), true},
		{"stronger", phc(128, 4, 2, "pw", 16, 32), false},
		{"short salt", phc(64, 2, 1, "pw", 8, 32), true},
		{"short key", phc(64, 2, 1, "pw", 16, 12), true},
		{"bcrypt", string(cheap), true},
	} {
		if got, err := h.Verify(t.Context(), "pw", tc.stored); err != nil || got != tc.want {
			t.Errorf("%s: got %t, %v; want %t", tc.name, got, err, tc.want)
		}
		if got, err := h.Verify(t.Context(), "no", tc.stored); !errors.Is(err, password.ErrMismatch) || got {
			t.Errorf("%s, wrong password: got %t, %v", tc.name, got, err)
		}
	}
}

func TestBcrypt(t *testing.T) {
	h := newHasher(t, small())
	long := strings.Repeat("a", 72)
	hash := func(pw string) string {
		b, err := bcrypt.GenerateFromPassword([]byte(pw), 4)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for _, tc := range []struct {
		name, pw, stored string
		want             error
	}{
		{"72 bytes", long, hash(long), nil},
		{"73 bytes", long + "E", hash(long), password.ErrMismatch},
		{"NUL repeats the key", "a\x00a", hash("a"), password.ErrMismatch},
		{"published vector", "U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", nil},
		{"published vector, 2y", "U*U", "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", nil},
		{"trailing byte", "pw", hash("pw") + "x", password.ErrMalformed},
		{"version 2x", "pw", "$2x" + hash("pw")[3:], password.ErrMalformed},
		{"version 2Z", "pw", "$2Z" + hash("pw")[3:], password.ErrMalformed},
		{"separator", "pw", hash("pw")[:6] + "x" + hash("pw")[7:], password.ErrMalformed},
		{"cost 31", "pw", "$2a$31" + hash("pw")[6:], password.ErrMalformed},
		{"cost 03", "pw", "$2a$03" + hash("pw")[6:], password.ErrMalformed},
		{"cost signed", "pw", "$2a$+4" + hash("pw")[6:], password.ErrMalformed},
		{"alphabet", "pw", hash("pw")[:59] + "!", password.ErrMalformed},
		{"unused bits", "pw", hash("pw")[:28] + "/" + hash("pw")[29:], password.ErrMalformed},
		{"cut", "pw", hash("pw")[:59], password.ErrMalformed},
	} {
		if _, err := h.Verify(t.Context(), tc.pw, tc.stored); !errors.Is(err, tc.want) {
			t.Errorf("%s: got %v, want %v", tc.name, err, tc.want)
		}
	}
}

const salt, key = "c2FsdHNhbHRzYWx0c2E", "a2V5a2V5a2V5a2V5"

func TestPHC(t *testing.T) {
	for _, tc := range []struct {
		name, s string
		want    bool
	}{
		{"plain", "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$" + key, true},
		{"L3 empty", "", false},
		{"L3 p=0", "$argon2id$v=19$m=64,t=1,p=0$" + salt + "$" + key, false},
		{"L3 t=0", "$argon2id$v=19$m=64,t=0,p=1$" + salt + "$" + key, false},
		{"L3 huge memory", "$argon2id$v=19$m=4294967295,t=1,p=1$" + salt + "$" + key, false},
		{"L3 more than 32 bits", "$argon2id$v=19$m=4294967360,t=1,p=1$" + salt + "$" + key, false},
		{"over the ceiling", "$argon2id$v=19$m=1025,t=1,p=1$" + salt + "$" + key, false},
		{"too little memory for the lanes", "$argon2id$v=19$m=64,t=1,p=16$" + salt + "$" + key, false},
		{"t too high", "$argon2id$v=19$m=64,t=17,p=1$" + salt + "$" + key, false},
		{"p too high", "$argon2id$v=19$m=1024,t=1,p=17$" + salt + "$" + key, false},
		{"p=257", "$argon2id$v=19$m=1024,t=1,p=257$" + salt + "$" + key, false},
		{"argon2i", "$argon2i$v=19$m=64,t=1,p=1$" + salt + "$" + key, false},
		{"version 16", "$argon2id$v=16$m=64,t=1,p=1$" + salt + "$" + key, false},
		{"junk after the version", "$argon2id$v=19junk$m=64,t=1,p=1$" + salt + "$" + key, false},
		{"junk after a cost", "$argon2id$v=19$m=64,t=1,p=1junk$" + salt + "$" + key, false},
		{"leading zero", "$argon2id$v=19$m=064,t=1,p=1$" + salt + "$" + key, false},
		{"sign", "$argon2id$v=19$m=+64,t=1,p=1$" + salt + "$" + key, false},
		{"other order", "$argon2id$v=19$t=1,m=64,p=1$" + salt + "$" + key, false},
		{"twice", "$argon2id$v=19$m=64,m=64,t=1,p=1$" + salt + "$" + key, false},
		{"more costs", "$argon2id$v=19$m=64,t=1,p=1,keyid=x$" + salt + "$" + key, false},
		{"no key", "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$", false},
		{"no key part", "$argon2id$v=19$m=64,t=1,p=1$" + salt, false},
		{"short salt", "$argon2id$v=19$m=64,t=1,p=1$c2FsdA$" + key, false},
		{"short key", "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$a2V5", false},
		{"padding", "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$a2V5a2V5a2V5a2V5a2U=", false},
		{"unused bits", "$argon2id$v=19$m=64,t=1,p=1$" + salt[:18] + "F$" + key, false},
		{"line feed", "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$a2V5a2V5\na2V5a2V5", false},
		{"one part more", "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$" + key + "$x", false},
		{"too long", "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$" + strings.Repeat("A", 300), false},
	} {
		if got, ok := password.Parse(tc.s, 1024); ok != tc.want || ok && got != tc.s {
			t.Errorf("%s: got %t, %s", tc.name, ok, got)
		}
		_, err := newHasher(t, small()).Verify(t.Context(), "pw", tc.s)
		if want := password.ErrMalformed; tc.want {
			want = password.ErrMismatch
			if !errors.Is(err, want) {
				t.Errorf("%s: got %v, want %v", tc.name, err, want)
			}
		} else if !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", tc.name, err, want)
		}
	}
}

func TestInputs(t *testing.T) {
	h := newHasher(t, small())
	for pw, want := range map[string]error{"": password.ErrEmpty, strings.Repeat("x", 1025): password.ErrTooLong} {
		_, hashErr := h.Hash(t.Context(), pw)
		_, verifyErr := h.Verify(t.Context(), pw, "whatever")
		for _, err := range []error{hashErr, verifyErr, h.VerifyUnknown(t.Context(), pw)} {
			if p := problem.Of(err); !errors.Is(err, want) || p.Status != 422 || err.Error() == "" {
				t.Errorf("%d bytes: got %v, %+v; want %v", len(pw), err, p, want)
			}
		}
	}
	if err := h.VerifyUnknown(t.Context(), "x"); !errors.Is(err, password.ErrMismatch) {
		t.Errorf("unknown: got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Hash(ctx, "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	for _, stored := range []string{"junk", "$2junk", phc(64, 1, 1, "x", 16, 32), "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"} {
		if _, err := h.Verify(ctx, "x", stored); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v", stored, err)
		}
	}
	if err := h.VerifyUnknown(ctx, "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := small()
		cfg.MaxQueue, cfg.MaxWait = 2, time.Second
		h := newHasher(t, cfg)
		release := h.Enter(1 << 10) // everything
		ctx, cancel := context.WithCancel(t.Context())
		errs := make([]error, 4)
		var wg sync.WaitGroup
		start := func(i int, ctx context.Context) {
			wg.Go(func() { _, errs[i] = h.Hash(ctx, "x") })
			synctest.Wait()
		}
		start(0, ctx)
		start(1, t.Context())
		start(2, t.Context()) // the line is full
		cancel()
		synctest.Wait()
		start(3, t.Context()) // in the place that the first left
		time.Sleep(500 * time.Millisecond)
		release()
		wg.Wait()
		if !errors.Is(errs[0], context.Canceled) || errs[1] != nil || !errors.Is(errs[2], password.ErrBusy) || errs[3] != nil {
			t.Errorf("got %v", errs)
		}
		if free, waiting := h.Free(); free != 1<<10 || waiting != 0 {
			t.Errorf("got %d KiB free, %d waiting", free, waiting)
		}
		defer h.Enter(1 << 10)()
		before := time.Now()
		if err := h.VerifyUnknown(t.Context(), "x"); !errors.Is(err, password.ErrBusy) || time.Since(before) != time.Second {
			t.Errorf("got %v after %v, want busy after a second", err, time.Since(before))
		}
		if p := problem.Of(password.ErrBusy); p.Status != 503 || p.RetryAfter <= 0 || p.Code != "password_busy" || password.ErrBusy.Error() == "" {
			t.Errorf("got %+v", p)
		}
	})
}

// TestLargeIsNotOvertaken lets small requests arrive behind a large one.
func TestLargeIsNotOvertaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHasher(t, small())
		half := h.Enter(512)
		order := make(chan string, 2)
		go func() { defer h.Enter(1 << 10)(); order <- "large" }()
		synctest.Wait()
		go func() { defer h.Enter(8)(); order <- "small" }()
		synctest.Wait()
		half()
		if first := <-order; first != "large" {
			t.Errorf("%s came first", first)
		}
		<-order
	})
}

func TestManyAtOnce(t *testing.T) {
	cfg := small()
	cfg.MaxQueue = 100
	h := newHasher(t, cfg)
	stored, err := h.Hash(t.Context(), "pw")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			if _, err := h.Verify(t.Context(), "pw", stored); err != nil {
				t.Error(err)
			}
			if free, _ := h.Free(); free < 0 {
				t.Errorf("%d KiB over the budget", -free)
			}
		})
	}
	wg.Wait()
	if free, _ := h.Free(); free != 1<<10 {
		t.Errorf("%d KiB were not given back", 1<<10-free)
	}
}

func TestFaults(t *testing.T) {
	for _, tc := range []struct {
		name string
		cfg  password.Config
		want int
	}{
		{"zero", password.Config{}, 0},
		{"all", password.Config{
			Memory: 4, Time: 99, Parallelism: 99, MemoryBudget: 1 << 30, MaxQueue: -1, MaxWait: -1, MaxLength: 1, MaxBcryptCost: 31,
		}, 8},
		{"more than the budget", password.Config{MemoryBudget: 1024}, 1},
	} {
		if _, err := password.New(tc.cfg); len(conf.All(err)) != tc.want {
			t.Errorf("%s: got %v, want %d faults", tc.name, err, tc.want)
		}
	}
}
