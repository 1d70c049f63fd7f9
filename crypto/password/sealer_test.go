package password_test

import "github.com/gopalisade/palisade/crypto/field"

// ringSealer seals hashes for the row of their account, as field.Sealer does.
type ringSealer struct{ ring *field.Ring }

func (r ringSealer) cell(subject string) field.Binding {
	return field.Bind("users", "password", field.Str(subject))
}

// Seal implements password.Sealer.
func (r ringSealer) Seal(subject string, hash []byte) (string, error) {
	sealed, err := r.ring.Seal(r.cell(subject), hash)
	return field.Text(sealed), err
}

// Open implements password.Sealer.
func (r ringSealer) Open(subject, text string) (hash []byte, stale bool, err error) {
	sealed, err := field.ParseText(text)
	if err != nil {
		return nil, false, err
	}
	if stale, err = r.ring.NeedsReseal(sealed); err != nil {
		return nil, false, err
	}
	hash, err = r.ring.Open(r.cell(subject), sealed)
	return hash, stale, err
}
