// Package event is the vocabulary in which every room says what happened.
//
// Rooms call [Emit]; a [Recorder] placed in the request's context by [WithRecorder] listens. Without one, Emit returns at
// once and allocates nothing, so a room may emit on its hottest path.
//
// It does not store, format or forward events, and it never holds a credential, a submitted value or a request body:
// what those fields may carry is said at [Event].
//
// The names are those of the OWASP Logging Vocabulary Cheat Sheet.
package event
