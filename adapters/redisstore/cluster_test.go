package redisstore_test

import (
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/gopalisade/palisade/auth/session"
	"github.com/gopalisade/palisade/auth/session/sessiontest"
	"github.com/gopalisade/palisade/internal/servertest"
	"github.com/gopalisade/palisade/ratelimit"
	"github.com/gopalisade/palisade/ratelimit/limittest"
)

// TestCluster runs the suites on a cluster of one: it has all slots, and refuses a step that needs two of them like any.
func TestCluster(t *testing.T) {
	opt, err := redis.ParseURL(servertest.Redis(t, "--cluster-enabled", "yes").URL)
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{opt.Addr}, Password: opt.Password})
	t.Cleanup(func() { _ = client.Close() })
	node := redis.NewClient(opt)
	t.Cleanup(func() { _ = node.Close() })
	if err := node.ClusterAddSlotsRange(t.Context(), 0, 16383).Err(); err != nil {
		t.Fatal(err)
	}
	ready := func() bool { return strings.Contains(node.ClusterInfo(t.Context()).Val(), "cluster_state:ok") }
	for begin := time.Now(); !ready(); time.Sleep(5 * time.Millisecond) {
		if time.Since(begin) > 30*time.Second {
			t.Fatal("the cluster does not form")
		}
	}
	newSessions := func(t *testing.T) session.Store { return newStore(t, client, t.Name()+":").Sessions() }
	sessiontest.Run(t, newSessions)
	sessiontest.Drill(t, newSessions, 3)
	limittest.Run(t, func(t *testing.T) ratelimit.Store { return newStore(t, client, t.Name()+":").Limits() })
}
