//go:build race

package password_test

// The race detector makes hashes slow, and each by another factor.
const raceEnabled = true
