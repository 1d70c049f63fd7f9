// Package password hashes passwords for storage.
//
// A [Hasher] makes Argon2id hashes with [Hasher.Hash] and checks passwords with [Hasher.Verify]; for a login name that
// does not exist call [Hasher.VerifyUnknown], which does the same work. Memory is bounded: when too many ask at once they
// wait in line, and past the line's end they are told that the service is busy.
//
// It stands in the handler of a login, behind a rate limit. Passwords are bytes: nothing is trimmed, folded or truncated.
//
// Hashes of before are verified and asked to be replaced: bcrypt, scrypt (RFC 7914) and PBKDF2 (RFC 8018) as PHC strings
// ($scrypt$ln=17,r=8,p=1$…, $pbkdf2-sha256$i=600000$…, $pbkdf2-sha512$i=…$…), and PBKDF2 as Django stores it.
//
// It does not choose good passwords, count wrong ones, or hide from a clock that an account still has a hash of before, which
// takes another time than Argon2id.
//
// Argon2id is no algorithm of FIPS 140-3: with GODEBUG=fips140=on this package works as always, outside of the validated
// module; with fips140=only PBKDF2 refuses what the standard does, such as salts below 16 bytes.
//
// Standards: RFC 9106 (Argon2), the PHC string format, OWASP Password Storage Cheat Sheet, NIST SP 800-63B section 3.1.1.
package password
