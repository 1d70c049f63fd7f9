package envelope

import "context"

// Store keeps records. It must be safe for concurrent use, by several processes where several share it; package
// envelopetest checks an implementation. Every step is atomic, and every error that is not named here means that nothing is
// known about it. What is returned is the caller's own. Reads see what was written before: a replica that lags behind brings
// back who was shredded.
//
// A store may take the fields of a record apart, or keep [Record.MarshalBinary]. It may rely on Keys that they are valid. Its
// contexts never end with a caller's, for whom others wait too, and hold the values of the one who asked first: take nothing
// from them that belongs to a request.
type Store interface {
	// List returns the subject's records in any order, none where it has none, and ErrShredded after Shred.
	List(ctx context.Context, subject string) ([]Record, error)
	// Add adds a record. It fails with ErrExists where the subject has one of this Seq, so that of several processes that
	// make a key at once one succeeds, and with ErrShredded after Shred.
	Add(ctx context.Context, rec Record) error
	// Replace puts rec in the place of the subject's record of the same Seq, if that one's Wrapped is still the old one. It
	// fails with ErrConflict where it is another or missing, and with ErrShredded after Shred.
	Replace(ctx context.Context, rec Record, old []byte) error
	// Delete deletes the subject's record of this Seq. One that is missing is no error.
	Delete(ctx context.Context, subject string, seq uint32) error
	// Shred deletes the subject's records and remembers that it did, for ever; also for a subject that is unknown. What
	// Add or Replace write at the same time is deleted as well. Another call is no error.
	Shred(ctx context.Context, subject string) error
}
