package rbac_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/rbac"
)

func FuzzWildcard(f *testing.F) {
	for _, s := range [][2]string{
		{"orders:read", "orders:*"},
		{"orders", "orders:*"},
		{"ordersx:read", "orders:*"},
		{"orders:read:extra", "orders:*"},
		{"orders:", "orders:*"},
		{"a::b", "a::*"},
		{"a", "*"},
		{":a", ":*"},
	} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, permission, entry string) {
		m, err := rbac.New(rbac.Config{Permissions: []string{permission, "other"}, Roles: allow(entry)})
		if err != nil {
			return
		}
		p := as("r")
		granted := m.Permissions(p)
		segments, wild := strings.Split(permission, ":"), strings.Split(entry, ":")
		last := len(wild) - 1
		inSegment := wild[last] == "*" && last > 0 && len(segments) == len(wild) &&
			slices.Equal(segments[:last], wild[:last]) && segments[last] != ""
		if m.Can(p, permission) != (permission == entry || inSegment) {
			t.Errorf("%q allows %q: %t", entry, permission, m.Can(p, permission))
		}
		if m.Can(p, "other") != (entry == "other") || len(granted) > 1 && permission != "other" {
			t.Errorf("%q allows %q", entry, granted)
		}
		if m.Explain(p, permission).Allowed != m.Can(p, permission) {
			t.Errorf("%q and %q: the explanation differs from the decision", permission, entry)
		}
		if direct := (&auth.Principal{Permissions: []string{entry}}); m.Can(direct, permission) != (permission == entry) {
			t.Errorf("%q was expanded in a principal to %q", entry, permission)
		}
	})
}

// FuzzModel builds roles from bytes, three a role (a parent and two permissions), and compares the compiled model with the
// rules followed by hand.
func FuzzModel(f *testing.F) {
	f.Add([]byte{0, 1, 2, 0, 3, 200, 1, 130, 7})
	names := make([]string, 256)
	for i := range names {
		names[i] = "p:" + string(rune('a'+i/16)) + string(rune('a'+i%16))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		b = b[:min(len(b), 3*20)]
		cfg := rbac.Config{Permissions: names, Roles: map[string]rbac.Role{}}
		byHand := map[string]map[string]bool{}
		role := func(i int) string { return "r" + string(rune('a'+i)) }
		for i := 0; 3*i+2 < len(b); i++ {
			own := rbac.Role{Allow: []string{names[b[3*i+1]], names[b[3*i+2]]}}
			has := map[string]bool{own.Allow[0]: true, own.Allow[1]: true}
			if i > 0 {
				parent := role(int(b[3*i]) % i) // an earlier one, so that there are no circles
				own.Inherits = []string{parent}
				for name := range byHand[parent] {
					has[name] = true
				}
			}
			cfg.Roles[role(i)], byHand[role(i)] = own, has
		}
		m, err := rbac.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		for name, has := range byHand {
			p := as(name)
			for _, perm := range names {
				if m.Can(p, perm) != has[perm] || m.Explain(p, perm).Allowed != has[perm] {
					t.Errorf("%s, %s: got %t, want %t", name, perm, m.Can(p, perm), has[perm])
				}
			}
			if got := m.Permissions(p); len(got) != len(has) {
				t.Errorf("%s: got %q, want %d", name, got, len(has))
			}
		}
	})
}
