package password

import "context"

// Parse reports whether s is a PHC string under the ceiling (KiB), and renders what was read.
func Parse(s string, ceiling uint32) (string, bool) {
	h, ok := parse(s, ceiling)
	return h.String(), ok
}

// IsBcrypt exposes the shape check.
func IsBcrypt(s string, maxCost int) bool { return isBcrypt(s, maxCost) }

// Free returns the KiB of the budget that nobody holds, and how many wait.
func (h *Hasher) Free() (free int64, waiting int) {
	h.line.mu.Lock()
	defer h.line.mu.Unlock()
	return h.line.free, h.line.waiting.Len()
}

// Enter takes a share of the budget, as a hash at work would.
func (h *Hasher) Enter(kib int64) func() {
	release, err := h.line.enter(context.Background(), kib)
	if err != nil {
		panic(err)
	}
	return release
}

// IsForeign reports whether s is a hash of before that is verified.
func IsForeign(s string, ceiling uint32) bool {
	_, ok := parseForeign(s, ceiling)
	return ok
}
