// Package secret wraps a value so that it prints as [redacted].
//
// A [Secret] shows nothing of its value to fmt, slog, JSON, XML, templates and every encoder that asks for text, wherever
// it stands: in a slice, behind a pointer, or in an unexported field, whose methods fmt cannot call. It reads itself from
// JSON or text, with errors that do not repeat the input. It refuses gob, binary encoders and database/sql: what goes
// there in clear is handed over by hand. The one way out is [Secret.Reveal], or [Secret.RevealText]: search for Reveal to
// see who reads secrets.
//
// It stands in configurations and in the types that requests are bound to. A [Handler] stands between slog and the log, for
// what was no Secret: it hides attributes with the names of secrets, headers, and numbers of payment cards. [NewID] makes
// identifiers that nobody guesses, and whose typing mistakes [CheckID] finds.
//
// It does not protect memory: the value is in the heap until it is collected, and in crash dumps and swap. It does not
// follow what Reveal returned, nor know what was printed before New, such as the request that carried the password.
//
// Standards: OWASP ASVS 5.0 sections 11.2.4, 11.5.1 (128 random bits), 13.3.2, 14.2.6 and 16.2.5; CWE-532; PCI DSS 4.0.1
// section 3.4.1; ISO/IEC 7812-1 (Luhn).
package secret
