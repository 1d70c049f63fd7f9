//go:build race

package rbac_test

const raceEnabled = true
