package vault_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// sad are words for what must not be kept after authorisation: card verification codes, PINs, tracks (PCI DSS 3.3.1). They
// match from the beginning of a word inside of a name, so that "Pin" is found in UserPin and not in Ping.
var sad = regexp.MustCompile(`(?i)^(cvv|cvc|cvn|cav|cid|csc|pin|pinblock|track|stripe|magstripe|verification|securitycode)\d*$`)

// TestNothingHoldsVerificationCodes looks at every name of the package and of its stores' suite, exported or not.
func TestNothingHoldsVerificationCodes(t *testing.T) {
	names := 0
	for _, dir := range []string{".", "vaulttest"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(f, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok {
					names++
					if holdsSAD(id.Name) {
						t.Errorf("%s: %s", name, id.Name)
					}
				}
				return true
			})
		}
	}
	if names < 1000 {
		t.Errorf("got %d names: the test looks at the wrong place", names)
	}
	for _, name := range []string{
		"CVV", "CardCVC", "cvv2", "UserPin", "pin_block", "Track1", "SecurityCode", "VerificationValue",
	} {
		if !holdsSAD(name) {
			t.Errorf("%s would pass", name)
		}
	}
	for _, name := range []string{"Ping", "Opinion", "Brackets", "Decide"} {
		if holdsSAD(name) {
			t.Errorf("%s would not pass", name)
		}
	}
}

var words = regexp.MustCompile(`[A-Z]+[a-z0-9]*|[a-z0-9]+`)

func holdsSAD(name string) bool {
	if strings.Contains(strings.ToLower(name), "securitycode") {
		return true
	}
	return slices.ContainsFunc(words.FindAllString(name, -1), sad.MatchString)
}
