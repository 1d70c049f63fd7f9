//go:build race

package stream_test

// The race detector makes sync.Pool forget on purpose.
const raceEnabled = true
