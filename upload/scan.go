package upload

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// Scanner looks for malware in a complete file. It must be safe for concurrent use.
type Scanner interface {
	// Scan judges a file, which it may read at any place, also an empty one. An error means that nothing is known of the
	// file; so does any verdict but a Clean one. It returns when ctx ends.
	Scan(ctx context.Context, f Subject) (Verdict, error)
}

// Subject is what a Scanner reads: the whole file at rest, whatever the client is doing.
type Subject interface {
	io.ReaderAt
	Size() int64 // in bytes
}

// Verdict is what a Scanner found. Its zero value is not clean, so that a forgotten assignment lets nothing pass.
type Verdict struct {
	Status Status
	Name   string // of what was found, for the log
	Engine string // who found it, for the log
}

// Status is the outcome of a scan.
type Status uint8

// The outcomes. Only Clean lets a file pass.
const (
	Unknown     Status = iota // nobody has looked
	Clean                     // looked at as a whole, and nothing found
	Infected                  // something found
	Unscannable               // encrypted, or beyond the scanner's limits: nobody can tell
)

var statusNames = [...]string{"unknown", "clean", "infected", "unscannable"}

// String names the status in lower case.
func (s Status) String() string {
	if int(s) < len(statusNames) {
		return statusNames[s]
	}
	return fmt.Sprintf("status(%d)", uint8(s))
}

// Chain returns a Scanner that asks each in turn and stops at the first that does not say Clean. An empty chain has looked
// at nothing: its verdict is Unknown, and an error.
func Chain(scanners ...Scanner) Scanner { return chain(scanners) }

type chain []Scanner

func (c chain) Scan(ctx context.Context, f Subject) (Verdict, error) {
	v := Verdict{}
	err := errNoScanner
	for _, s := range c {
		if v, err = s.Scan(ctx, f); err != nil || v.Status != Clean {
			return v, err
		}
	}
	return v, err
}

var errNoScanner = errors.New("upload: no scanner has looked at the file")
