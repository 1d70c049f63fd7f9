package rbac

// set is a bit per permission. It holds the words between its first and its last bit only, so that many small roles
// beside many permissions stay small.
type set struct {
	first int // index of words[0]
	words []uint64
}

// union returns the set of the bits and of everything in others.
func union(bits []int, others []set) set {
	first, end := -1, 0
	reach := func(from, to int) {
		if first < 0 || from < first {
			first = from
		}
		end = max(end, to)
	}
	for _, i := range bits {
		reach(i/64, i/64+1)
	}
	for _, o := range others {
		if len(o.words) > 0 {
			reach(o.first, o.first+len(o.words))
		}
	}
	if first < 0 {
		return set{}
	}
	s := set{first: first, words: make([]uint64, end-first)}
	for _, i := range bits {
		s.words[i/64-first] |= 1 << (i % 64)
	}
	for _, o := range others {
		for i, w := range o.words {
			s.words[o.first-first+i] |= w
		}
	}
	return s
}

// has is false for the zero set of a role that nobody declared.
func (s set) has(i int) bool {
	w := uint(i/64 - s.first) // before the first word: huge
	return w < uint(len(s.words)) && s.words[w]&(1<<(i%64)) != 0
}
