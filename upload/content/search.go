package content

import "bytes"

// search finds signatures in bytes that come in pieces.
type search struct {
	carry [searchWindow - 1]byte
	n     int
	joint [2 * searchWindow]byte // here, and not on the stack, which match would keep it from
}

// searchWindow is how many bytes from its start a signature may need.
const searchWindow = 48

// write reports whether match says yes at a place of p or of what came before. Only places where a signature may begin are
// asked about, and only when all that it may need is there: the last ones wait for the next call, or for end.
func (s *search) write(p []byte, match func(at []byte) bool) bool {
	joint := &s.joint
	n := copy(joint[:], s.carry[:s.n])
	n += copy(joint[n:], p[:min(len(p), searchWindow-1)])
	found := find(joint[:n], s.n, match) || find(p, len(p), match)
	if len(p) >= len(s.carry) {
		s.n = copy(s.carry[:], p[len(p)-len(s.carry):])
	} else {
		s.n = copy(s.carry[:], joint[max(0, n-len(s.carry)):n])
	}
	return found
}

// end reports whether match says yes at one of the last places, and forgets all.
func (s *search) end(match func(at []byte) bool) bool {
	p := s.carry[:s.n]
	s.n = 0
	for i := range p {
		if begins(p[i]) && match(p[i:]) {
			return true
		}
	}
	return false
}

// find asks about the first places, those that have a whole window.
func find(p []byte, places int, match func(at []byte) bool) bool {
	places = min(places, len(p)-searchWindow+1)
	for at := 0; at < places; at++ {
		i := bytes.IndexAny(p[at:places], beginnings)
		if i < 0 {
			return false
		}
		if at += i; match(p[at:]) {
			return true
		}
	}
	return false
}

// beginnings are the bytes that signatures begin with.
const beginnings = "<%P"

func begins(c byte) bool { return c == '<' || c == '%' || c == 'P' }
