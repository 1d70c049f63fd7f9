package content

import "bytes"

// search finds signatures in bytes that come in pieces.
type search struct {
	carry [searchWindow - 1]byte
	n     int
}

// searchWindow is how many bytes from its start a signature may need.
const searchWindow = 48

// write reports whether match says yes at a place of p, or across the border to what came before. Only places where a
// signature may begin are asked about.
func (s *search) write(p []byte, match func(at []byte) bool) bool {
	var joint [2 * searchWindow]byte
	n := copy(joint[:], s.carry[:s.n])
	n += copy(joint[n:], p[:min(len(p), searchWindow)])
	if s.n > 0 && find(joint[:n], match) || find(p, match) {
		return true
	}
	if len(p) >= len(s.carry) {
		s.n = copy(s.carry[:], p[len(p)-len(s.carry):])
	} else {
		s.n = copy(s.carry[:], joint[max(0, n-len(s.carry)):n])
	}
	return false
}

func find(p []byte, match func(at []byte) bool) bool {
	for {
		i := bytes.IndexAny(p, "<%P")
		if i < 0 {
			return false
		}
		if match(p[i:]) {
			return true
		}
		p = p[i+1:]
	}
}
