//go:build goexperiment.jsonv2 || go1.27

package secret_test

import (
	"encoding/json/v2"
	"errors"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/crypto/secret"
)

// TestJSON2 is about the second version of encoding/json, which prefers other methods.
func TestJSON2(t *testing.T) {
	for shape, v := range shapes(secret.New(password)) {
		if got, err := json.Marshal(v, json.Deterministic(true)); holds(string(got), password) {
			t.Errorf("%s shows the value: %s, %v", shape, got, err)
		}
	}
	type config struct{ Password secret.String }
	if got, err := json.Marshal(config{secret.New(password)}); err != nil || string(got) != `{"Password":"[redacted]"}` {
		t.Errorf("got %s, %v", got, err)
	}
	var c config
	if err := json.Unmarshal([]byte(`{"Password":"pass"}`), &c); err != nil || c.Password.Reveal() != "pass" {
		t.Errorf("got %q, %v", c.Password.Reveal(), err)
	}
	err := json.Unmarshal([]byte(`{"Password":{"`+password+`":1}}`), &c)
	if !errors.Is(err, secret.ErrInput) || strings.Contains(err.Error(), password) {
		t.Errorf("got %v, want ErrInput", err)
	}
}
