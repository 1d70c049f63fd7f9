package password

import "context"

// Parse reports whether s is an Argon2id PHC string under the ceiling (KiB), and renders what was read.
func Parse(s string, ceiling uint32) (string, bool) {
	h, ok := parse(s, ceilings{memory: ceiling, work: maxWork})
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

// Reads reports whether s is a hash that is verified, and the KiB that it counts.
func (h *Hasher) Reads(s string) (kib int64, ok bool) {
	t, ok := h.read(s)
	return t.memory, ok
}
