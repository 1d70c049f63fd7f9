package validate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// access says who may use a field: everybody, nobody, or callers with one of the permissions in the mask.
type access struct {
	limited bool
	mask    uint64 // zero: nobody
}

// allows reports whether a caller with these permissions may use the field.
func (a access) allows(held uint64) bool { return !a.limited || a.mask&held != 0 }

// permissions numbers the names that access tags mention.
type permissions struct{ names []string }

func (p *permissions) len() int { return len(p.names) }

// maxPermissions is how many different ones a type may mention: one bit each.
const maxPermissions = 64

// parse reads an access tag, "read=a,b;write=c". One of the permissions is enough; "-" is nobody's.
func (p *permissions) parse(tag string) (read, write access, err error) {
	if tag == "" {
		return read, write, nil
	}
	for clause := range strings.SplitSeq(tag, ";") {
		verb, names, ok := strings.Cut(clause, "=")
		target := map[string]*access{"read": &read, "write": &write}[verb]
		if !ok || target == nil || target.limited {
			return read, write, errors.New(`must be "read=…;write=…", each once`)
		}
		target.limited = true
		if names == "-" {
			continue
		}
		for name := range strings.SplitSeq(names, ",") {
			if name == "" || name == "-" || strings.ContainsAny(name, " \t*") {
				return read, write, fmt.Errorf("%q is no permission", name)
			}
			i := slices.Index(p.names, name)
			if i < 0 {
				i = len(p.names)
				p.names = append(p.names, name)
			}
			if i >= maxPermissions {
				return read, write, fmt.Errorf("has more than %d permissions", maxPermissions)
			}
			target.mask |= 1 << i
		}
	}
	return read, write, nil
}

// held asks for each permission once.
func held(ctx context.Context, names []string, can func(context.Context, string) bool) uint64 {
	var mask uint64
	for i, name := range names {
		if can(ctx, name) {
			mask |= 1 << i
		}
	}
	return mask
}
