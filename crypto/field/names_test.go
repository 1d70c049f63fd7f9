package field_test

import (
	"strings"
	"testing"

	"github.com/gopalisade/palisade/crypto/field"
)

// PCI DSS 3.3.1: not even encrypted.
func TestForbiddenNames(t *testing.T) {
	ring := newRing(t, 0)
	for _, tc := range []struct {
		names  string
		refuse bool
	}{
		{"cvv CVV cvc Cvv2 cvc2 CVC2 card_cvv cardCVV cvvCode cvv_code CVVCode card-cvc csc cav2 cid", true},
		{"pin PIN pin_block pinBlock card_pin CardPIN track track1 Track2 track_data trackData magstripe", true},
		{"pin_code pinCode pin_data encrypted_pin card_pin_block user_pin track1_data track_2_data TrackData card_track2", true},
		{"security_code cardSecurityCode card_security_code_raw card_cid icvv dcvv cvn cvn2 cvd CVD2 pvv", true},
		{"card_verification_value cardVerificationCode verification_value cardVerificationNumber card_validation_code", true},
		{"magstripe magnetic_stripe magneticStripeData mag_stripe encrypted_track_data", true},
		{"email data card card_number pin_hash shipping_pin pin_color email_verification_code verification_code", false},
		{"shipping opinion pinned soundtrack tracking_number track_id spin cascade cvtype ä", false},
	} {
		for name := range strings.FieldsSeq(tc.names) {
			_, err := field.NewColumn[string](field.ColumnConfig{Ring: ring, Table: "cards", Name: name})
			if (err != nil) != tc.refuse {
				t.Errorf("%s: got %v, want refused %t", name, err, tc.refuse)
			}
		}
	}
}
