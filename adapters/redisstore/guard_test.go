package redisstore_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"math/rand/v2"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/gopalisade/palisade/internal/servertest"
	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/ratelimit"
	"github.com/gopalisade/palisade/ratelimit/guard"
	"github.com/gopalisade/palisade/ratelimit/guard/guardtest"
)

func newGuard(t *testing.T, s guard.Store) *guard.Guard {
	t.Helper()
	g, err := guard.New(guard.Config{Keys: [][]byte{bytes.Repeat([]byte("k"), 32)}, Store: s})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestGuard(t *testing.T) {
	client := open(t, servertest.StartRedis(t))
	guardtest.Run(t, func(t *testing.T) guard.Store { return newStore(t, client, t.Name()+":").Guard() })
}

// TestGuardProcesses guesses in several processes at once, as they would be: each has a client and a guard of its own.
func TestGuardProcesses(t *testing.T) {
	url := servertest.StartRedis(t)
	var through atomic.Int64
	var wg sync.WaitGroup
	for range 4 {
		g := newGuard(t, newStore(t, open(t, url), "").Guard())
		for range 25 {
			wg.Go(func() {
				if ticket, err := g.Begin(t.Context(), guard.Attempt{Account: "alice"}); err == nil {
					through.Add(1)
					ticket.Close(t.Context())
				}
			})
		}
	}
	wg.Wait()
	if got := through.Load(); got != 10 {
		t.Errorf("of 100 guesses at once in 4 processes %d were let through, want exactly 10", got)
	}
}

// TestGuardKeys: the server learns no name and no address, keeps nothing for ever, and has all keys in one slot.
func TestGuardKeys(t *testing.T) {
	client := open(t, servertest.StartRedis(t))
	g := newGuard(t, newStore(t, client, "").Guard())
	ticket, err := g.Begin(t.Context(), guard.Attempt{Account: "alice@example.com", Addr: netip.MustParseAddr("198.51.100.7")})
	if err != nil {
		t.Fatal(err)
	}
	keys, err := client.Keys(t.Context(), "*").Result()
	if err != nil || len(keys) != 5 {
		t.Fatalf("got %v, %v; want five keys", keys, err)
	}
	for _, key := range keys {
		id, ok := strings.CutPrefix(key, "palisade:guard:{all}:")
		if raw, err := hex.DecodeString(id); !ok || err != nil || len(raw) != 16 {
			t.Errorf("got %s, want 128 bits of a hash", key)
		}
		if left := client.PTTL(t.Context(), key).Val(); left <= 0 || left > 24*time.Hour {
			t.Errorf("%s is kept for %v", key, left)
		}
	}
	ticket.Succeed(t.Context())
	if keys := client.Keys(t.Context(), "*").Val(); len(keys) != 0 {
		t.Errorf("got %v after a success, want nothing", keys)
	}
}

// TestGuardLikeMemory gives the script and the rule the same guesses: their tallies must be the same but for the time that
// passes.
func TestGuardLikeMemory(t *testing.T) {
	client := open(t, servertest.StartRedis(t))
	stores := []guard.Store{newStore(t, client, "").Guard(), guard.NewMemory(0)}
	rng := rand.New(rand.NewPCG(1, 2))
	refused := 0
	for i := range 2000 {
		id := rng.Uint64N(40)
		c := []guard.Counter{{
			Key: ratelimit.Key{Hi: id << 50, Lo: id}, Limit: 1 + int64(id%5), Every: time.Hour,
			BanFirst: time.Duration(id%2) * time.Hour, BanMax: time.Duration(id%2) * 100 * time.Hour,
		}}
		if id%3 == 0 {
			c[0].Mark = 1 << rng.IntN(64)
		}
		undo := rng.IntN(8) == 0
		var got [2]guard.Tally
		var oks [2]bool
		for j, s := range stores {
			y := make([]guard.Tally, 1)
			ok, err := s.Reserve(t.Context(), c, y)
			if err != nil {
				t.Fatal(err)
			}
			oks[j], got[j] = ok, y[0]
			got[j].Wait, got[j].At = got[j].Wait.Round(time.Hour), 0 // each has its own clock
			if undo && y[0].Charged {
				change := guard.Change{Key: c[0].Key, Every: time.Hour, At: y[0].At, Clear: id%4 == 0}
				if y[0].New {
					change.Mark = c[0].Mark
				}
				if err := s.Settle(t.Context(), []guard.Change{change}); err != nil {
					t.Fatal(err)
				}
			}
		}
		if got[0] != got[1] || oks[0] != oks[1] {
			t.Fatalf("guess %d: got %t, %+v by the script and %t, %+v by the rule", i, oks[0], got[0], oks[1], got[1])
		}
		if !oks[0] {
			refused++
		}
	}
	if refused == 0 {
		t.Error("nothing was refused: nothing was tested")
	}
}

// again sends every command twice, as a client does whose first answer was lost.
type again struct{}

func (again) DialHook(next redis.DialHook) redis.DialHook { return next }

func (again) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		_ = next(ctx, cmd)
		cmd.SetErr(nil)
		return next(ctx, cmd)
	}
}

func (again) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// TestGuardRepeats: a refund that is sent twice is one refund.
func TestGuardRepeats(t *testing.T) {
	url := servertest.StartRedis(t)
	twice := open(t, url)
	twice.AddHook(again{})
	once := newStore(t, open(t, url), "").Guard()
	c := []guard.Counter{{Key: ratelimit.Key{Lo: 1}, Limit: 100, Every: time.Hour, BanFirst: time.Hour, BanMax: time.Hour}}
	y := make([]guard.Tally, 1)
	for range 5 {
		if _, err := once.Reserve(t.Context(), c, y); err != nil {
			t.Fatal(err)
		}
	}
	if err := newStore(t, twice, "").Guard().Settle(t.Context(), []guard.Change{{Key: c[0].Key, Every: time.Hour}}); err != nil {
		t.Fatal(err)
	}
	if _, err := once.Reserve(t.Context(), c, y); err != nil || y[0].Count != 5 {
		t.Errorf("got a count of %d, %v; want 5 after one refund of 5 and one charge", y[0].Count, err)
	}
}

// TestGuardServerGone stops the server: guesses are counted in the process meanwhile, and by the server afterwards.
func TestGuardServerGone(t *testing.T) {
	server := servertest.Redis(t)
	opt, err := redis.ParseURL(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	opt.MaxRetries, opt.DialerRetries = -1, 1 // a login must not wait for them
	client := redis.NewClient(opt)
	t.Cleanup(func() { _ = client.Close() })
	g := newGuard(t, newStore(t, client, "").Guard())
	told := 0
	ctx := event.WithRecorder(t.Context(), event.RecorderFunc(func(_ context.Context, e event.Event) {
		if e.Code == event.SysMonitorDisabled {
			told++
		}
	}))
	guesses := func() (through int) {
		for range 15 {
			if ticket, err := g.Begin(ctx, guard.Attempt{Account: "alice"}); err == nil {
				through++
				ticket.Close(ctx)
			}
		}
		return through
	}
	if got := guesses(); got != 10 || told != 0 {
		t.Errorf("got %d through with %d events, want 10 with none", got, told)
	}
	server.Stop()
	if got := guesses(); got != 10 || told != 15 {
		t.Errorf("stopped: got %d through with %d events, want 10 with 15", got, told)
	}
	server.Start() // it has forgotten everything
	for start := time.Now(); client.Ping(ctx).Err() != nil && time.Since(start) < 10*time.Second; {
		time.Sleep(10 * time.Millisecond)
	}
	if got := guesses(); got != 10 {
		t.Errorf("started again: got %d through, want 10", got)
	}
}

// TestGuardForeignValue puts what is not ours at a counter's key.
func TestGuardForeignValue(t *testing.T) {
	client := open(t, servertest.StartRedis(t))
	s := newStore(t, client, "").Guard()
	c := []guard.Counter{{Limit: 1, Every: time.Hour, BanFirst: time.Hour, BanMax: time.Hour}}
	y := make([]guard.Tally, 1)
	key := "palisade:guard:{all}:" + strings.Repeat("0", 32)
	client.HSet(t.Context(), key, "full", "junk", "last", "junk")
	if ok, err := s.Reserve(t.Context(), c, y); err != nil || !ok || y[0].Count != 1 {
		t.Errorf("junk: got %t, %v, %+v; want the first failure", ok, err, y[0])
	}
	client.Set(t.Context(), key, "text", 0)
	if ok, err := s.Reserve(t.Context(), c, y); err == nil || ok {
		t.Errorf("another type: got %t, %v; want an error", ok, err)
	}
	if err := s.Settle(t.Context(), []guard.Change{{Every: 1}}); err == nil {
		t.Error("another type: Settle changed it")
	}
}

// TestGuardClockGoesBack: after a fail-over to a server whose clock is behind, a ban lasts as long as a ban.
func TestGuardClockGoesBack(t *testing.T) {
	client := open(t, servertest.StartRedis(t))
	s := newStore(t, client, "").Guard()
	c := []guard.Counter{{Limit: 1, Every: time.Hour, BanFirst: 20 * time.Millisecond, BanMax: 20 * time.Millisecond}}
	key := "palisade:guard:{all}:" + strings.Repeat("0", 32)
	tomorrow := time.Now().Add(24 * time.Hour)
	client.HSet(t.Context(), key, "full", tomorrow.Add(time.Hour).UnixMicro(), "last", tomorrow.UnixMicro())
	y := make([]guard.Tally, 1)
	ok, err := s.Reserve(t.Context(), c, y)
	if err != nil || ok || y[0].Count != 1 || y[0].Wait > 20*time.Millisecond {
		t.Errorf("got %t, %v, %+v; want a ban of one failure that was just now", ok, err, y[0])
	}
	time.Sleep(21 * time.Millisecond)
	if ok, err := s.Reserve(t.Context(), c, y); err != nil || !ok || y[0].Count != 2 {
		t.Errorf("after the ban: got %t, %v, %+v; want the second failure", ok, err, y[0])
	}
}
