package field

import "github.com/gopalisade/palisade/internal/conf"

// SealerConfig describes a [Sealer]. All fields are needed.
type SealerConfig struct {
	_ [0]func() // keyed literals only, never comparable

	Ring  *Ring
	Table string
	Name  string // of the column, as in [ColumnConfig]
}

// Sealer seals a column of text for packages that know an account, or another subject, but no Ring: the hashes of
// crypto/password for one, whose Sealer it is. It is safe for concurrent use.
//
// Each text is bound to the table, the column and its subject, so that a hash that is copied to another account does not open
// there. What [Column] makes of [Str] rows, in its text form, opens too.
type Sealer struct {
	ring *Ring
	cell Binding
}

// NewSealer returns a Sealer, or every fault of cfg joined.
func NewSealer(cfg SealerConfig) (*Sealer, error) {
	f := conf.Faults{Room: "field"}
	f.Check(cfg.Ring != nil, "Ring", nil, "is required")
	checkNames(&f, cfg.Table, "Name", cfg.Name)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return &Sealer{cfg.Ring, Bind(cfg.Table, cfg.Name)}, nil
}

// Tenant returns the Sealer for one tenant's subjects, see [Binding.Tenant].
func (s *Sealer) Tenant(id string) *Sealer { return &Sealer{s.ring, s.cell.Tenant(id)} }

// Seal returns the text form of plaintext sealed for a subject. The error is that of [Ring.Seal]; an empty subject is an
// [ErrBinding].
func (s *Sealer) Seal(subject string, plaintext []byte) (string, error) {
	sealed, err := s.ring.Seal(s.binding(subject), plaintext)
	if err != nil {
		return "", err
	}
	return Text(sealed), nil
}

// Open returns what was sealed for the subject, and whether it should be sealed again: see [Ring.NeedsReseal]. Every error
// matches [ErrOpen].
func (s *Sealer) Open(subject, text string) (plaintext []byte, stale bool, err error) {
	sealed, err := ParseText(text)
	if err != nil {
		return nil, false, err
	}
	if plaintext, err = s.ring.Open(s.binding(subject), sealed); err != nil {
		return nil, false, err
	}
	stale, err = s.ring.NeedsReseal(sealed)
	if err != nil {
		return nil, false, err // the key was disabled in this moment
	}
	return plaintext, stale, nil
}

func (s *Sealer) binding(subject string) Binding {
	b := s.cell
	b.row = []Part{Str(subject)}
	return b
}
