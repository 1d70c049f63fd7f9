// Package login decides whether a password is the right one.
//
// [Checker.Check] asks package guard for a guess, finds the account, and does the work of one password hash: for an account
// that does not exist, one that is disabled or locked, one whose stored hash is damaged, and for a right and a wrong
// password. Whoever is refused learns nothing about which it was, from the answer or from its time. A [Policy] decides which
// passwords people may choose.
//
// It stands in a login handler, behind a rate limit by address; package auth/session comes after it. It starts no session,
// and a second factor comes after it too.
//
// An account whose stored hash was made by another algorithm, or at another cost, than Config.Passwords makes them takes
// another time than an unknown one, and can be told from it, until its owner has logged in and Config.Upgrade has replaced
// the hash; one that costs more is not replaced. How long Config.Find takes is up to the application: it should ask one
// index, and find nothing as fast as something.
//
// Standards: NIST SP 800-63B-4 sections 3.1.1 and 3.2.2, ASVS 5.0 sections 6.2 and 6.3, OWASP API2:2023.
package login
