package validate_test

import (
	"strings"
	"testing"

	"github.com/gopalisade/palisade/validate"
)

func TestLanguages(t *testing.T) {
	catalog, err := validate.NewCatalog("en", map[string]validate.Messages{
		"de":    {"max": "Höchstens {max} Zeichen.", "unlucky": "Pech mit {nothing}."},
		"fr":    nil,
		"pt-BR": {"": "Não é válido.", "max": "No máximo {max}."},
	})
	if err != nil {
		t.Fatal(err)
	}
	s := mustNew[account](t, validate.Config{Messages: catalog})
	plain := mustNew[account](t, validate.Config{})
	body := `{"name":"` + strings.Repeat("hunter2", 4) +
		`","role":"hunter2","tags":["a","a"],"age":"x","odd":1,"pass":"hunter2"}`
	for _, tc := range []struct{ name, accept, language, max, oneof string }{
		{"none", "", "en", "Must have at most 20 characters.", "Must be one of: user, staff."},
		{"German", "de", "de", "Höchstens 20 Zeichen.", "Muss eines davon sein: user, staff."},
		{"Austrian", "de-AT,en;q=0.5", "de", "Höchstens 20 Zeichen.", "Muss eines davon sein: user, staff."},
		{
			"French first", "fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", "fr", "Doit avoir au plus 20 caractères.",
			"Doit être l'un de : user, staff.",
		},
		{"Portuguese without a sentence", "pt", "pt-BR", "No máximo 20.", "Não é válido."},
		{"unknown", "ja", "en", "Must have at most 20 characters.", "Must be one of: user, staff."},
		{"refused German", "de;q=0", "en", "Must have at most 20 characters.", "Must be one of: user, staff."},
		{"any", "*", "en", "Must have at most 20 characters.", "Must be one of: user, staff."},
		{"nonsense", "hunter2;;;q=x", "en", "Must have at most 20 characters.", "Must be one of: user, staff."},
		{"of 1 MB", strings.Repeat("de,", 350_000), "en", "Must have at most 20 characters.", "Must be one of: user, staff."},
		{"of underscores", strings.Repeat("a_", 100), "en", "Must have at most 20 characters.", "Must be one of: user, staff."},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := postJSON(body)
			r.Header.Set("Accept-Language", tc.accept)
			a := serve(t, s, r)
			refused(t, a)
			if len(a.problem.Errors) != 6 {
				t.Fatalf("got %s, want six faults", a)
			}
			if got := a.header.Get("Vary"); got != "Accept-Language" {
				t.Errorf("got Vary %q, want Accept-Language", got)
			}
			if got := a.header.Get("Content-Language"); got != tc.language {
				t.Errorf("got the language %q, want %q", got, tc.language)
			}
			if got := a.problem.Errors[0].Detail; got != tc.max {
				t.Errorf("got %q, want %q", got, tc.max)
			}
			if got := a.problem.Errors[1].Detail; got != tc.oneof {
				t.Errorf("got %q, want %q", got, tc.oneof)
			}
			for _, f := range a.problem.Errors {
				if f.Detail == "" {
					t.Errorf("%s has no sentence", f.Code)
				}
			}
			if tc.language == "en" {
				if b := serve(t, plain, postJSON(body)); b.body != a.body {
					t.Errorf("without a catalog: got %s, want %s", b.body, a.body)
				}
			}
		})
	}
}
