package validate_test

import (
	"testing"

	"github.com/gopalisade/palisade/validate"
)

// What is open. Each row fails.
func TestFaults(t *testing.T) {
	t.Run("a media type that a browser sends across origins unasked is no fault", func(t *testing.T) {
		if _, err := validate.New[fNone](validate.Config{MediaTypes: []string{"text/plain"}}); err == nil {
			t.Error("compiles, want a fault")
		}
	})
	t.Run("routers differ on a raw bar beside an escaped percent", func(t *testing.T) {
		std, raw := routed(t, "/i/%25|", pathHandler(t))
		same(t, raw.Body.String(), std.Body.String())
	})
	t.Run("order of faults in a map", func(t *testing.T) {
		first := ""
		for range 20 {
			_, err := bind[struct {
				M map[string]inner `json:"m"`
			}](t, validate.Config{}, `{"m":{"a":{},"b":{},"c":{},"d":{}}}`)
			if first == "" {
				first = faultsOf(err)
			}
			if faultsOf(err) != first {
				t.Fatal("the order changes from request to request")
			}
		}
	})
	t.Run("empty bytes are nil", func(t *testing.T) {
		v, err := bind[struct {
			A []byte `json:"a"`
		}](t, validate.Config{}, `{"a":""}`)
		if err != nil || v.A == nil {
			t.Errorf("got nil, want empty: sent is not absent")
		}
	})
	t.Run("float precision with point", func(t *testing.T) {
		_, err := bind[struct {
			A float64 `json:"a"`
		}](t, validate.Config{}, `{"a":9007199254740993.0}`)
		same(t, faultsOf(err), "body /a precision")
	})
	t.Run("empty list is filled", func(t *testing.T) {
		_, err := bind[struct {
			A string   `json:"a"`
			B []string `json:"b" validate:"required_with=A"`
		}](t, validate.Config{}, `{"a":"x","b":[]}`)
		same(t, faultsOf(err), "body /b required_with")
	})
}
