package vault_test

import (
	"testing"

	"github.com/gopalisade/palisade/crypto/vault"
	"github.com/gopalisade/palisade/crypto/vault/vaulttest"
)

func TestMemory(t *testing.T) {
	vaulttest.Run(t, func(*testing.T) vault.Store { return vault.NewMemory(0) })
}
