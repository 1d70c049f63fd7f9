// Package problem is how every room says no: RFC 9457 problem details with a stable code.
//
// [Write] turns an error into a response. An error chooses its own answer by having the methods HTTPStatus() int and
// Code() string, which need no import of this package, or Problem() [Problem] to say more; anything else is a 500 of
// which the client learns nothing.
//
// It stands outside the chain: rooms call it through the Deny field of their Config. It does not log; the error's own
// text is for your log and never reaches the client.
//
// Standards: RFC 9457 (problem details), RFC 9110 section 11.6.1 (a 401 carries a challenge) and section 10.2.3
// (Retry-After), RFC 6585 section 4 (429 is not cached).
package problem
