package sessiontest_test

import (
	"testing"

	"github.com/gopalisade/palisade/auth/session"
	"github.com/gopalisade/palisade/auth/session/sessiontest"
)

func newMemory(*testing.T) session.Store { return session.NewMemory(0) }

func TestMemory(t *testing.T) { sessiontest.Run(t, newMemory) }

func TestMemoryDrill(t *testing.T) { sessiontest.Drill(t, newMemory, sessiontest.Rounds()) }
