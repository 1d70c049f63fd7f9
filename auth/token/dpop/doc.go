// Package dpop accepts access tokens that are bound to a key of the client's own.
//
// An [Authenticator] wants the token under the DPoP scheme, and beside it a proof: a small JWT, signed by the client's key for
// this method, this URL, this token and this minute, that counts once. A token that was stolen is worth nothing without the
// key. Give the Authenticator to [auth.New], beside a [token.Verifier] where plain Bearer tokens are welcome too: that one
// refuses bound tokens, and this one refuses unbound ones.
//
// It stands where auth stands, after cors and a coarse rate limit.
//
// It does not sign the body or the header of a request, it cannot tell a client from malware that runs inside it, and a proof
// counts once only as far as its [ReplayStore] is shared.
//
// Browsers read DPoP-Nonce and WWW-Authenticate only where the CORS policy exposes them.
//
// Standards: RFC 9449 (DPoP), RFC 7638 (thumbprints), RFC 7800 (cnf).
package dpop
