// Package password hashes passwords for storage.
//
// A [Hasher] makes Argon2id hashes with [Hasher.Hash] and checks passwords with [Hasher.Verify]; for a login name that
// does not exist call [Hasher.VerifyUnknown], which does the same work. Memory is bounded: when too many ask at once they
// wait in line, and past the line's end they are told that the service is busy.
//
// It stands in the handler of a login, behind a rate limit. Passwords are bytes: nothing is trimmed, folded or truncated.
//
// It does not choose good passwords, count wrong ones, or hide from a clock that an account still has a bcrypt hash, which
// takes another time than Argon2id.
//
// Standards: RFC 9106 (Argon2), the PHC string format, OWASP Password Storage Cheat Sheet, NIST SP 800-63B section 3.1.1.
package password
