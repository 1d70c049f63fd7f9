package rbac

// set is a bit per permission.
type set []uint64

func newSet(n int) set { return make(set, (n+63)/64) }

func (s set) add(i int) { s[i/64] |= 1 << (i % 64) }

// has is false for the nil set of a role that nobody declared.
func (s set) has(i int) bool { return i/64 < len(s) && s[i/64]&(1<<(i%64)) != 0 }

func (s set) merge(other set) {
	for i := range s {
		s[i] |= other[i]
	}
}
