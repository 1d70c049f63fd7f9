//go:build race

package field_test

// The race detector makes sync.Pool forget on purpose.
const raceEnabled = true
