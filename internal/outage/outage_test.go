package outage_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopalisade/palisade/internal/outage"
)

func TestMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m outage.Memory
		for _, step := range []struct {
			name  string
			after time.Duration
			ask   bool
			tell  bool
		}{
			{"nothing is known", 0, true, true},
			{"all is well", 0, true, false},
			{"it has just failed", time.Second - 1, false, false},
			{"a second is over", 1, true, false},
			{"it failed again", time.Second - 1, false, false},
			{"another second is over", 1, true, true},
			{"it is back", 0, true, true},
		} {
			time.Sleep(step.after)
			got := m.Ask()
			if got != step.ask {
				t.Errorf("%s: got %t, want %t", step.name, got, step.ask)
			}
			if got {
				m.Tell(step.tell)
			}
		}
	})
}

func TestOneTries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m outage.Memory
		m.Tell(false)
		time.Sleep(outage.Pause)
		var asked atomic.Int64
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				if m.Ask() {
					asked.Add(1)
				}
			})
		}
		wg.Wait()
		if got := asked.Load(); got != 1 {
			t.Errorf("%d of 50 tried, want 1", got)
		}
	})
}
