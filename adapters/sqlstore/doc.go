// Package sqlstore keeps what the rooms must remember in SQLite or PostgreSQL.
//
// A [Store] stands on a *sql.DB that the program opened, with a driver of its choice; its tables begin with palisade_ and
// are made and brought up to date by [New]. Each room's part of it ([Store.Sessions], [Store.APIKeys], [Store.Cards],
// [Store.DataKeys]) implements that room's interface, and may be shared by any number of processes. [Rows] is a table of the
// program's own whose sealed columns get a new key, and [Store.Checkpoint] remembers how far that is.
//
// Every step is one statement or one transaction, so that it happens or does not. What was acknowledged survives a crash as
// far as the database is told so: SQLite with synchronous=FULL, as [OpenSQLite] sets it, PostgreSQL with synchronous_commit
// on, in its usual isolation, read committed. Reads must go to the primary: a replica that lags behind does not know yet
// that a session was ended.
//
// The rows hold no secret that is good alone (tokens of cards are names), but they say who was here and when. Whoever may
// write to them may bring back a session that was ended.
package sqlstore
