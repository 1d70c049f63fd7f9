package validate_test

import (
	"testing"

	"github.com/gopalisade/palisade/validate"
)

// What is limited stays so, however it is nested.
func TestViewEdges(t *testing.T) {
	t.Run("map with int keys", func(t *testing.T) {
		v, err := validate.NewView[map[int]FExp](validate.ViewConfig{Can: nobody})
		if err != nil {
			t.Skip(err)
		}
		b, _ := v.Marshal(t.Context(), map[int]FExp{7: {}})
		same(t, string(b), `{"7":{}}`)
	})
	t.Run("embedded pointer that is not exported", func(t *testing.T) {
		type R struct {
			*fHidden
			B string `json:"b"`
		}
		v, err := validate.NewView[R](validate.ViewConfig{Can: nobody})
		if err != nil {
			t.Skip(err)
		}
		b, _ := v.Marshal(t.Context(), R{&fHidden{"x"}, "b"})
		same(t, string(b), `{"b":"b"}`)
	})
	t.Run("access of an embedded struct", func(t *testing.T) {
		type E struct {
			A string `json:"a"`
		}
		type R struct {
			E `access:"read=admin"`
		}
		v, err := validate.NewView[R](validate.ViewConfig{Can: nobody})
		if err != nil {
			t.Skip(err)
		}
		b, _ := v.Marshal(t.Context(), R{E{"x"}})
		same(t, string(b), `{}`)
	})
	t.Run("omitempty of a pointer, limited or not", func(t *testing.T) {
		type plain struct {
			P *string `json:"p,omitempty"`
		}
		type limited struct {
			P *string `json:"p,omitempty"`
			Q string  `json:"q" access:"read=x"`
		}
		e := ""
		v, _ := validate.NewView[plain](validate.ViewConfig{})
		w, _ := validate.NewView[limited](validate.ViewConfig{Can: nobody})
		a, _ := v.Marshal(t.Context(), plain{&e})
		b, _ := w.Marshal(t.Context(), limited{P: &e})
		same(t, string(a), string(b))
	})
}
