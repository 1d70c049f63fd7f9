package session

// Remembered says how many good answers Check holds.
func (m *Manager) Remembered() int { return len(m.checks.good) }

// ParseRefresh is parseRefresh, for fuzzing.
var ParseRefresh = parseRefresh
