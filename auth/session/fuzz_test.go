package session_test

import (
	"strings"
	"testing"

	"github.com/gopalisade/palisade/auth/session"
)

func FuzzRefreshToken(f *testing.F) {
	w := newWorld(f)
	good := w.start(f, f.Context(), "").Refresh
	for _, s := range []string{good, good[:50], good + "=", strings.Replace(good, "_1_", "_01_", 1), "prt__", strings.ToLower(good)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, refresh string) {
		id, generation, ok := session.ParseRefresh(refresh)
		if ok && (len(id) != 26 || generation == 0 || !strings.HasPrefix(refresh, "prt_"+id+"_")) {
			t.Errorf("%q: read as session %q, generation %d", refresh, id, generation)
		}
		if err := w.End(t.Context(), refresh); err == nil && refresh != good {
			t.Errorf("%q ended a session that it was not made for", refresh)
		}
	})
}
