// Package session keeps people signed in, and signs them out.
//
// A [Manager] starts a session after a login and hands out two tokens: a short-lived access token for requests, and a
// refresh token that buys the next pair. Each refresh token is good for one exchange. A client that repeats an exchange,
// because an answer was lost or two tabs asked at once, gets the same successor for a few seconds; a token that comes back
// later was copied, and ends the session for whoever holds any of it. [NewHandlers] makes the HTTP side of it.
//
// Place [Handlers] behind transport, cors and a rate limit; give [Manager.Check] to the verifier of access tokens, so that a
// session that was ended stops at once, and not when its access token expires.
//
// Nothing that the store holds can be turned into a token without the Manager's key, nor the other way round. It does not
// tell a thief from an owner before both have used a token, it does not protect an access token that was stolen until its
// session is ended, and it does not say who may log in: package login does.
//
// Standards: RFC 6749 section 6 (refresh), RFC 9700 section 4.14 (rotation and reuse), RFC 6265bis (cookie prefixes), OWASP
// Session Management Cheat Sheet.
package session
