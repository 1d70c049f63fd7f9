// Package guard makes guessing a password slow.
//
// [Guard.Begin] reserves a guess before the password is looked at, as if it had failed; [Ticket.Succeed] gives it back. So a
// hundred guesses at once count as a hundred, and one whose client hung up, whose handler panicked or whose process was
// killed counts too. A guess that is refused is refused before any hash runs, and whether the account exists or not.
//
// A stranger's guess counts in five ways: against the account, the address (each IPv4 address, each /64 of IPv6), the two
// together, the number of accounts that the address tried, and the number of addresses that tried the account. Where one of
// them reaches its limit it is banned for a while, and twice as long with each further failure; no account is ever locked for
// good. Failures are forgiven one by one, as time passes.
//
// A stranger can get an account banned for all strangers. Its owner passes by a device cookie ([Guard.DeviceCookie]), which he
// got at his last login: its holder has a counter of his own, and no stranger's guess counts against him. All
// cookies of one account have a bound together, thrice as wide: whoever has stolen several can make the owner a stranger again.
//
// It stands inside a login handler, behind package ratelimit, and in front of auth/login's hash. It does not tell a right
// password from a wrong one, it does not stop somebody who has the password, and a guess that was let through costs whatever
// the hash costs.
//
// With the defaults strangers together have some 40 guesses at one account on the first day, and 24 on each day after; more
// where its owner logs in often and without a cookie, each time clearing the counter. NIST wants a password disabled after
// 100 failures in a row: that is for the application, which sees the authn_login_lock events. Many people behind one address
// who log in at the same moment may be asked to wait: raise AccountsPerAddr where that is usual.
//
// Standards: NIST SP 800-63B-4 section 3.2.2 (throttling), OWASP "Slow Down Online Guessing Attacks with Device Cookies",
// ASVS 5.0 section 6.3.1, RFC 6585 section 4 (429).
package guard
