package token_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/auth/token"
	"github.com/gopalisade/palisade/internal/vectortest"
)

type vectors struct {
	TestGroups []struct {
		Comment string
		Public  json.RawMessage
		Private json.RawMessage
		Tests   []struct {
			TcID    int `json:"tcId"`
			Comment string
			JWS     json.RawMessage
			Result  string
		}
	}
}

// load reads a vector file.
func load(t *testing.T, name string) (v vectors) {
	t.Helper()
	vectortest.Wycheproof(t, name, &v)
	return v
}

// exceptions are vectors whose verdict we do not share, each with the reason.
var exceptions = map[string]map[int]string{
	"json_web_signature_test.json": {
		346: "says PS384 for a key that is declared PS256",
		347: "its key is declared ES521, which is no algorithm",
		350: "as 346",
		351: "as 347",
		367: "its token has no padding, though it is meant to: it is a plain valid one",
		370: "as 367",
		372: "holds a character outside of the alphabet, and is called valid",
		373: "as 372",
	},
}

// ringOf builds the ring of a group, which is one JWK or a set.
func ringOf(raw json.RawMessage) (*token.Keyring, error) {
	var set struct{ Keys []json.RawMessage }
	if err := json.Unmarshal(raw, &set); err != nil {
		return nil, err
	}
	if set.Keys == nil {
		k, err := token.ParseJWK(raw)
		if strings.Contains(string(raw), strings.Repeat("A", 43)) { // vectors with a secret of 32 zero bytes
			k, err = token.NewWeakKey("hs256-key", token.HS256, make([]byte, 32))
		}
		if err != nil {
			return nil, err
		}
		return token.NewKeyring(k)
	}
	keys, err := token.ParseJWKS(raw)
	if err != nil {
		return nil, err
	}
	return token.NewKeyring(keys[0], keys[1:]...)
}

func TestWycheproof(t *testing.T) {
	for _, file := range []string{"json_web_signature_test.json", "json_web_key_test.json"} {
		t.Run(file, func(t *testing.T) {
			accepted, refused := 0, 0
			for _, group := range load(t, file).TestGroups {
				raw := group.Public
				if raw == nil {
					raw = group.Private
				}
				ring, ringErr := ringOf(raw)
				for _, tc := range group.Tests {
					var jws string
					err := ringErr
					if err == nil {
						// A JSON serialisation is an object here: no string, so nothing that we would read.
						if err = json.Unmarshal(tc.JWS, &jws); err == nil {
							_, err = token.OpenJWS(ring, jws)
						}
					}
					got := "valid"
					if err != nil {
						got = "invalid"
						refused++
					} else {
						accepted++
					}
					reason, excepted := exceptions[file][tc.TcID]
					if (got == tc.Result) == excepted {
						t.Errorf("%d (%s, %s): got %s (%v), the vector says %s; exception: %q", tc.TcID, group.Comment, tc.Comment, got, err, tc.Result, reason)
					}
				}
			}
			t.Logf("accepted %d, refused %d", accepted, refused)
			if accepted == 0 {
				t.Error("nothing was accepted: the vectors were not read as they should")
			}
		})
	}
}
