// Package password hashes passwords for storage.
//
// A [Hasher] makes Argon2id hashes with [Hasher.Hash] and checks passwords with [Hasher.Verify]; for a login name that
// does not exist call [Hasher.VerifyUnknown], which does the same work. Memory is bounded: when too many ask at once they
// wait in line, and past the line's end they are told that the service is busy.
//
// With Config.Sealer, which is a pepper, the hash of an account is stored encrypted, and [Hasher.For] names the account:
// nobody who copies the database can start to guess without the key, and a hash that is moved to another account does not
// verify there. Keys rotate without passwords, by [Account.Reseal].
//
// It stands in the handler of a login, behind a rate limit. Passwords are bytes: nothing is trimmed, folded or truncated.
//
// # Hashes of before
//
// Verify reads them, and asks for them to be replaced: bcrypt, scrypt (RFC 7914) and PBKDF2 (RFC 8018) as PHC strings
// ($scrypt$ln=17,r=8,p=1$…, $pbkdf2-sha256$i=600000$…, $pbkdf2-sha512$i=…$…), PBKDF2 as passlib writes it
// ($pbkdf2-sha256$29000$…), and what Django stores (pbkdf2_sha256$, scrypt$, argon2$, bcrypt$, bcrypt_sha256$).
//
// HMAC, which scrypt and PBKDF2 begin with, takes a key with NULs behind it for the same key, and a long key for its own
// SHA-256. Their hashes therefore verify text only: UTF-8 that does not end in a NUL. Whoever found a digest of a long
// password elsewhere cannot log in with it.
//
// # FIPS 140-3
//
// Argon2id, scrypt and bcrypt are no algorithms of the standard: with GODEBUG=fips140=on they work as always, outside of the
// validated module. Config.Iterations makes new hashes with PBKDF2-HMAC-SHA-256 (NIST SP 800-132), which is inside.
// With fips140=only, too, Argon2id and bcrypt work as always, and PBKDF2 and scrypt with a salt below 16 bytes or a key
// below 14 count as damaged.
//
// # What it does not do
//
// It does not choose good passwords, count wrong ones, or hide from a clock that an account still has a hash of before, which
// takes another time than a new one.
//
// Standards: RFC 9106 (Argon2), the PHC string format, OWASP Password Storage Cheat Sheet, NIST SP 800-63B section 3.1.1,
// NIST SP 800-132.
package password
