package vault

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"

	"github.com/gopalisade/palisade/crypto/field"
)

// purposePrint names the derived key, which does nothing else (PCI DSS 4.0.1 section 3.5.1.1).
const purposePrint = "vault/fingerprint/v1"

// fingerprint is a MAC over the entire number, behind the id of the ring's key. Owner and tenant are in the derived key: the
// database does not tell that two owners have one card.
func (v *Vault) fingerprint(id field.KeyID, owner *Owner, pan PAN) ([]byte, error) {
	id, key, err := v.ring.Derive(purposePrint, id, []byte(owner.Tenant), []byte(owner.ID))
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, key)
	clear(key)
	_, _ = mac.Write([]byte(pan.Reveal())) // never fails
	return mac.Sum(binary.BigEndian.AppendUint32(make([]byte, 0, 4+sha256.Size), uint32(id))), nil
}

// fingerprints returns what the owner's records of this number may have, one for each key that is not disabled, the
// primary's first: while a rotation is under way, records of both keys are found.
func (v *Vault) fingerprints(owner *Owner, pan PAN) ([][]byte, error) {
	if !v.dedupe {
		return nil, nil
	}
	ids := []field.KeyID{0} // the primary
	for _, k := range v.ring.Keys() {
		if k.State == field.Active {
			ids = append(ids, k.ID)
		}
	}
	all := make([][]byte, len(ids))
	for i, id := range ids {
		var err error
		if all[i], err = v.fingerprint(id, owner, pan); err != nil {
			return nil, err
		}
	}
	return all, nil
}
