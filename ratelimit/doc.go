// Package ratelimit bounds how often one caller may ask.
//
// A [Limiter] charges each request to a key under one or more [Policy] values, all of them or none. [Limiter.Wrap] is the
// middleware; [Limiter.Take] and [Limiter.Check] are the same decision for other places and for tests.
//
// Place one keyed by address before auth, so that guessing costs, and one keyed by principal after it.
//
// Counting is GCRA: a bucket of Burst permits that refills evenly, so that no interval of length d ever sees more than
// Burst + d·Limit/Window. State lives in a [Store]; [NewMemory] keeps it in this process, where two replicas allow twice
// the rate. A limit by address does not stop somebody who has many addresses.
//
// Standards: RFC 6585 section 4 (429), RFC 9110 section 10.2.3 (Retry-After), draft-ietf-httpapi-ratelimit-headers in the
// format of draft 11, RFC 9651 (structured fields).
package ratelimit
