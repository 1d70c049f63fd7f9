package palisade_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// layers is the import policy. A room may import the standard library, internal/*, problem, monitor/event, its parent
// room, and what stands beside it here: earlier rooms of the request, and the third-party modules it was built on.
// Do not relax it to make a build pass: a change needs a decision record in docs/decisions.
const layers = `
internal/around
internal/ascii
internal/conf
internal/deadline
internal/eicar
internal/formats golang.org/x/net/idna golang.org/x/text/language golang.org/x/text/unicode/norm
internal/jose
internal/outage
internal/racing
problem
monitor/event
transport
headers          transport
cors             transport
ratelimit        transport
ratelimit/guard
auth
auth/apikey
auth/login       crypto/password ratelimit/guard
auth/session     auth/token
auth/token
auth/token/dpop  auth
rbac             auth
validate         validate/sanitize crypto/secret github.com/go-json-experiment/json github.com/go-json-experiment/json/jsontext github.com/go-playground/validator/v10 golang.org/x/text/language golang.org/x/text/unicode/norm
validate/graphql github.com/vektah/gqlparser/v2/ast github.com/vektah/gqlparser/v2/gqlerror github.com/vektah/gqlparser/v2/lexer github.com/vektah/gqlparser/v2/parser github.com/vektah/gqlparser/v2/validator github.com/vektah/gqlparser/v2/validator/core github.com/vektah/gqlparser/v2/validator/rules github.com/go-json-experiment/json/jsontext
validate/sanitize github.com/microcosm-cc/bluemonday golang.org/x/net/html golang.org/x/net/idna golang.org/x/text/secure/precis golang.org/x/text/unicode/norm
upload           upload/content upload/storage validate/sanitize
upload/clamav
upload/content   golang.org/x/image/webp
upload/storage
crypto
crypto/field     crypto/secret golang.org/x/text/unicode/norm
crypto/field/reseal
crypto/envelope  crypto/field crypto/secret
crypto/envelope/transit crypto/secret
crypto/stream    crypto/field
crypto/vault     crypto/field crypto/secret
crypto/password  golang.org/x/crypto/argon2 golang.org/x/crypto/bcrypt golang.org/x/crypto/scrypt
crypto/secret
`

const module = "github.com/gopalisade/palisade"

// base may be imported by every room, and imports the standard library only.
var base = []string{"internal/conf", "problem", "monitor/event"}

func TestLayers(t *testing.T) {
	policy := map[string][]string{}
	for line := range strings.Lines(layers) {
		if words := strings.Fields(line); len(words) > 0 {
			policy[words[0]] = words[1:]
		}
	}
	used := map[string]bool{}
	for file, imports := range rootImports(t) {
		dir := path.Dir(file)
		room := strings.TrimSuffix(dir, path.Base(dir))
		_, known := policy[dir]
		testKit := strings.HasSuffix(dir, "test") // ships tests to users, beside the room it tests
		if dir == "." {
			continue
		}
		if !known && !testKit {
			t.Errorf("%s: package %s has no line in the policy", file, dir)
			continue
		}
		used[dir] = true
		for _, imp := range imports {
			local, ours := strings.CutPrefix(imp, module+"/")
			switch {
			case imp == "testing" && !testKit:
				t.Errorf("%s imports testing, and with it every user's binary does", file)
			case !ours && !strings.Contains(strings.Split(imp, "/")[0], "."):
				// standard library
			case slices.Contains(policy[dir], imp), ours && slices.Contains(policy[dir], local):
			case slices.Contains(base, dir):
				t.Errorf("%s imports %s, but %s may import the standard library only", file, imp, dir)
			case ours && (slices.Contains(base, local) || strings.HasPrefix(local, "internal/")):
			case ours && local == strings.TrimSuffix(room, "/"):
			case ours && testKit:
			default:
				t.Errorf("%s imports %s, which the policy does not allow", file, imp)
			}
		}
	}
	for dir := range policy {
		if !used[dir] {
			t.Errorf("the policy has a line for %s, which does not exist", dir)
		}
	}
}

// rootImports reads the imports of every non-test file of the root module, by slash-separated path.
func rootImports(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, file := range goFiles(t) {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		slash := filepath.ToSlash(file)
		all[slash] = nil
		for _, spec := range f.Imports {
			imp, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			all[slash] = append(all[slash], imp)
		}
	}
	return all
}

// nested are the folders with a go.mod of their own.
var nested = []string{"adapters", "examples", "benchmarks", "tools"}

// goFiles lists the root module's Go files.
func goFiles(t *testing.T) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && p != "." && (slices.Contains(nested, p) || strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata"):
			return fs.SkipDir
		case !d.IsDir() && strings.HasSuffix(p, ".go"):
			files = append(files, p)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
