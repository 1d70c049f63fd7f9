package ratelimit_test

import (
	"testing"
	"time"

	"github.com/gopalisade/palisade/ratelimit"
)

func FuzzDecide(f *testing.F) {
	f.Add(int64(5), int64(time.Minute), int64(0), int64(0), int64(1), int64(1))
	f.Fuzz(func(t *testing.T, limit, window, burst, tat, now, cost int64) {
		p := ratelimit.Policy{Name: "p", Limit: limit, Window: time.Duration(window), Burst: burst}
		if _, err := ratelimit.New(ratelimit.Config{Key: ratelimit.ByAddr, Policies: []ratelimit.Policy{p}}); err != nil {
			return
		}
		now = max(now, 0) % (1 << 60)
		tat = min(max(tat, 0), now+int64(60*24*time.Hour))
		next, denied, allowed := ratelimit.Decide(p, tat, now, cost)
		if next < tat {
			t.Errorf("a decision gave permits back: %d < %d", next, tat)
		}
		if denied.Remaining < 0 || allowed.Remaining < 0 || denied.ResetAfter < 0 {
			t.Errorf("negative state: %+v %+v", denied, allowed)
		}
		if denied.RetryAfter > 0 {
			if _, again, _ := ratelimit.Decide(p, tat, now+int64(denied.RetryAfter), cost); again.RetryAfter != 0 {
				t.Errorf("refused after the wait: %+v then %+v", denied, again)
			}
		}
	})
}
