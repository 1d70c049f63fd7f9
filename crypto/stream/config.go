package stream

import (
	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/internal/conf"
)

// Config describes [Files].
type Config struct {
	_ [0]func() // keyed literals only, never comparable

	Ring *field.Ring // whose keys the files' keys are derived from; needed
}

// New returns Files, or every fault of cfg joined.
func New(cfg Config) (*Files, error) {
	f := conf.Faults{Room: "stream"}
	f.Check(cfg.Ring != nil, "Ring", nil, "is needed")
	if err := f.Err(); err != nil {
		return nil, err
	}
	return &Files{cfg.Ring}, nil
}
