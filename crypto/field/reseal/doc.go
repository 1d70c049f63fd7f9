// Package reseal brings the sealed columns of a table under the ring's primary key.
//
// A [Resealer] reads the rows in order, lets [field.Table] open them all and seal again what is under another key, and stores
// what changed if nobody else has changed it since: a writer is never overwritten, and one that deleted a row does not see
// it come back. It may be killed at any moment and run again, from its [Checkpoint] or from the start; what is under the
// primary already is not stored twice. [Retire] disables a key once no row refers to it.
//
//	ring.Add(field.Key{ID: 2, …, State: field.Active}) // in every process, before any seals with it
//	ring.SetPrimary(2)                                 // in every process
//	resealer.Run(ctx)                                  // in one
//	reseal.Retire(ctx, ring, 1, rows)                  // then Disable in the others
//
// It stands beside the handlers, in a job of its own; [Rows] is the table, of which adapters/sqlstore has one for SQL.
//
// # What it does not do
//
// It overwrites no row that it cannot open: that is a finding, and the run ends with [ErrDamaged]. It does not wait for
// writers that still seal with the old key: the rows that they insert behind its back are for the next run, and [Retire]
// finds them; what stands outside of the tables that Retire is given, such as in backups, files and queues, nobody looks
// for, and the old key must be kept as long as that is. Of an index value nobody can tell the key: it is computed again
// with its value, and Retire does not count it.
//
// Standards: NIST SP 800-57 part 1 section 5.3 (cryptoperiods), PCI DSS 4.0.1 sections 3.7.4 and 3.7.5 (key changes and
// retirement), OWASP ASVS 5.0 section 11.1.1 (key life cycle).
package reseal
