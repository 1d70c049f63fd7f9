package envelopetest_test

import (
	"testing"

	"github.com/gopalisade/palisade/crypto/envelope"
	"github.com/gopalisade/palisade/crypto/envelope/envelopetest"
)

func TestMemory(t *testing.T) {
	envelopetest.Run(t, func(*testing.T) envelope.Store { return envelope.NewMemory(0) })
	one := envelope.NewMemory(0)
	envelopetest.Run(t, func(*testing.T) envelope.Store { return one })
}
