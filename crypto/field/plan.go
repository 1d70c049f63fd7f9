package field

import (
	"fmt"
	"math/bits"
)

// Plan is the advice of [PlanIndex]. Zero bits mean: do not index this column.
type Plan struct {
	MinBits, MaxBits int
	Warnings         []string
}

const (
	fewValues   = 64
	fewRows     = 1024
	defaultBits = 16
)

// PlanIndex says how many bits a blind index should have over a column of population rows with distinct different values.
// At most, so that two values share each index value on average, and nobody who reads the database can be sure that two
// rows are equal; at least, so that a search returns no more rows than the square root of all.
//
// It assumes that values are about equally frequent. Where one is much more common than the others, that one is
// recognised, whatever the length.
func PlanIndex(population, distinct int) Plan {
	if population < 1 || distinct < 1 {
		return Plan{Warnings: []string{"there is nothing to plan for: estimate rows and different values"}}
	}
	distinct = min(distinct, population)
	if distinct < fewValues {
		return Plan{Warnings: []string{fmt.Sprintf(
			"%d different values: the frequencies of the index tell which is which, at any length", distinct,
		)}}
	}
	p := Plan{MaxBits: bits.Len(uint(distinct)) - 2} // 2^bits <= distinct/2
	p.MinBits = bits.Len(uint(population))/2 + bits.Len(uint(population))%2
	if p.MinBits > p.MaxBits {
		p.MinBits = p.MaxBits
		p.warn("values repeat so often that searches return more rows than the square root of all")
	}
	if population < fewRows {
		p.warn("%d rows: to open them all is as fast, and leaks nothing", population)
	}
	if population/distinct >= 16 {
		p.warn("each value stands in %d rows on average: common values can be recognised", population/distinct)
	}
	return p
}

func (p *Plan) warn(format string, args ...any) {
	p.Warnings = append(p.Warnings, fmt.Sprintf(format, args...))
}

// check adds a warning when an index has another length.
func (p *Plan) check(length int) []string {
	switch {
	case p.MaxBits == 0:
	case length > p.MaxBits:
		p.warn("%d bits: more than %d let equal rows be recognised", length, p.MaxBits)
	case length < p.MinBits:
		p.warn("%d bits: less than %d make searches open many rows in vain", length, p.MinBits)
	}
	return p.Warnings
}
