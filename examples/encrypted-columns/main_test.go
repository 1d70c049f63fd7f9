package main

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	var out strings.Builder
	if err := run(t.Context(), filepath.Join(t.TempDir(), "shop.db"), &out); err != nil {
		t.Fatal(err)
	}
	const want = `what the database has of 1: 49 bytes, AES-256-GCM under key 1 of 1
who is ada@EXAMPLE.com: customer 1, Ada@example.com, +49 30 1234
Eve copies Ada's address into her row: field: sealed value cannot be opened
and is deleted: gone
key 2 takes over: 1 row sealed again, key 1 retired
what the database has of 1: 49 bytes, AES-256-GCM under key 2 of 2
who is ada@example.com: customer 1, Ada@example.com, +49 30 1234
`
	if out.String() != want {
		t.Errorf("got\n%s, want\n%s", out.String(), want)
	}
}
