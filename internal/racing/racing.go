// Package racing tells tests whether the race detector watches them: it makes sync.Pool forget on purpose, allocates, and
// slows everything down.
package racing
