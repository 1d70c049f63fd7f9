//go:build race

package envelope_test

// The race detector makes sync.Pool forget on purpose.
const raceEnabled = true
