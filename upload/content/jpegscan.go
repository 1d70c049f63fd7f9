package content

import "bytes"

// blocks returns how many blocks of eight by eight a component has at least (T.81 section A.1.1).
func (j *jpegWalk) blocks(part *jpegPart) int64 {
	h, v := 1, 1
	for _, other := range j.parts {
		h, v = max(h, other.h), max(v, other.v)
	}
	up := func(n, by int) int64 { return int64((n + by - 1) / by) }
	return up(int(up(j.w*part.h, h)), 8) * up(int(up(j.h*part.v, v)), 8)
}

// least returns how many bits a component's blocks take in a scan. Those of later coefficients, in a scan of their own, may
// take next to none.
func (j *jpegWalk) least(part *jpegPart, first bool) int64 {
	switch {
	case !j.progressive:
		return 2 * j.blocks(part)
	case first:
		return j.blocks(part)
	}
	return 0
}

// entropy passes over coded data and returns the marker behind it. Stuffed zeros and restart markers belong to the data. A
// block is a bit at least, and another one for what is not its first coefficient, unless that has a scan of its own: a header
// that promises many over a few bytes makes decoders allocate for nothing.
func (j *jpegWalk) entropy() byte {
	start := j.off
	m := j.coded()
	if j.healthy() && j.need > 8*(j.off-start) {
		j.fail(ErrMalformed, "too little data for a scan")
	}
	return m
}

func (j *jpegWalk) coded() byte {
	for next := byte(0); j.healthy(); {
		p := j.window()
		if len(p) == 0 {
			j.fail(ErrMalformed, "ends too early")
		}
		i := bytes.IndexByte(p, 0xff)
		if i < 0 {
			j.advance(len(p))
			continue
		}
		j.advance(i + 1)
		stuffed := j.window()
		if len(stuffed) > 0 && stuffed[0] == 0 {
			j.advance(1)
			continue
		}
		m := j.code()
		if m < rst0 || m > rst7 {
			return m
		}
		if !j.restarts || m != rst0+next {
			j.fail(ErrMalformed, "restart marker out of place")
		}
		next = (next + 1) & 7
	}
	return 0
}
