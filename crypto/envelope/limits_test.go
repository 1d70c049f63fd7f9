package envelope_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopalisade/palisade/crypto/envelope"
)

// TestPanicInOnError: it runs where nobody can recover either. Of the process it would be the end.
func TestPanicInOnError(t *testing.T) {
	if os.Getenv("PALISADE_PANIC") != "" {
		svc := newService(t)
		svc.fail(errDown)
		k := newKeys(t, svc, envelope.NewMemory(0), func(c *envelope.Config) {
			c.OnError = func(string, error) { panic("bug in the log") }
		})
		_, err := k.Ring(t.Context(), alice)
		wantKind(t, "an outage", err, envelope.ErrUnavailable)
		return
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestPanicInOnError$")
	cmd.Env = append(os.Environ(), "PALISADE_PANIC=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		line, _, _ := strings.Cut(string(out), "\n")
		t.Errorf("a panic in OnError ended the process: %v, %s", err, line)
	}
}

// TestFullRing has a ring that holds 255 keys, nearly all retired, and two more added before it is confirmed.
func TestFullRing(t *testing.T) {
	local := newLocal(t)
	synctest.Test(t, func(t *testing.T) {
		store := envelope.NewMemory(0)
		cfg := func(c *envelope.Config) {
			c.TTL, c.HardTTL, c.Timeout = time.Second, time.Hour, time.Millisecond
			c.OnError = func(_ string, err error) { t.Errorf("told %v", err) }
		}
		k := newKeys(t, local, store, cfg)
		rotate := func(n int) {
			for range n {
				if err := k.Rotate(t.Context(), alice); err != nil {
					t.Fatal(err)
				}
			}
		}
		rotate(255)
		ringOf(t, k, alice)
		for range 8 { // until all but the newest may go
			time.Sleep(30 * time.Minute)
			ringOf(t, k, alice)
		}
		recs := records(t, store, alice)
		for _, rec := range recs[:len(recs)-1] {
			if err := k.Retire(t.Context(), alice, rec.KeyID); err != nil {
				t.Fatal(err)
			}
		}
		rotate(2)
		time.Sleep(2 * time.Second)
		if _, err := k.Ring(t.Context(), alice); err != nil {
			t.Errorf("with %d keys stored: %v", len(records(t, store, alice)), err)
		}
		_ = k.Close()
	})
}
