package secret_test

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gopalisade/palisade/crypto/secret"
)

func FuzzEncoders(f *testing.F) {
	names := slices.Sorted(maps.Keys(shapes(secret.New(""))))
	for place := range names {
		f.Add("hunter2-hunter2", uint8(place))
		f.Add("%!s(MISSING)\x00\"'<script>", uint8(place))
		f.Add("\xff\xfe\u202eabcdefgh", uint8(place))
	}
	f.Fuzz(func(t *testing.T, value string, place uint8) {
		if len(value) < 8 || len(value) > 256 {
			return
		}
		shape := names[int(place)%len(names)]
		plain := encoders(shapes(secret.New("x"))[shape])
		for encoder, got := range encoders(shapes(secret.New(value))[shape]) {
			// Types and names of fields are there without it.
			if holds(got, value) && !holds(plain[encoder], value) && !looksLikeFrame(value) {
				t.Errorf("%s by %s shows %q: %s", shape, encoder, value, got)
			}
		}
	})
}

// looksLikeFrame is about values of what addresses and clocks are made of, which an encoder may print by chance.
func looksLikeFrame(value string) bool {
	return strings.Trim(value, "0123456789abcdefxABCDEFX-:+.TZ, ") == ""
}

func FuzzUnmarshalJSON(f *testing.F) {
	f.Add([]byte(`"pass"`))
	f.Add([]byte(`"\ud83d\ude00"`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var s secret.String
		if err := s.UnmarshalJSON(data); err != nil {
			if !errors.Is(err, secret.ErrInput) || err.Error() != secret.ErrInput.Error() || !s.IsZero() {
				t.Fatalf("%q: a refusal says more than it should, or set the value: %v", data, err)
			}
			return
		}
		var want string
		if err := json.Unmarshal(data, &want); err != nil || s.Reveal() != want || !utf8.ValidString(want) {
			t.Errorf("%q: got %q, encoding/json has %q, %v", data, s.Reveal(), want, err)
		}
	})
}
