// Package vectortest reads vectors of others, which are not part of this repository.
package vectortest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// Wycheproof decodes a file of Project Wycheproof into v, for a package that lies two folders deep. Without the file the test
// is skipped, or fails under PALISADE_REQUIRE=1.
func Wycheproof(t testing.TB, name string, v any) {
	t.Helper()
	dir := os.Getenv("PALISADE_VECTORS")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "vectors")
	}
	b, err := os.ReadFile(filepath.Join(dir, "wycheproof", name))
	if err != nil {
		if os.Getenv("PALISADE_REQUIRE") == "1" {
			t.Fatal(err)
		}
		t.Skip("no vectors: set PALISADE_VECTORS to a folder that holds wycheproof/" + name)
	}
	if err := json.Unmarshal(b, v); err != nil {
		t.Fatal(err)
	}
}
