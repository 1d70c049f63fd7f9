// Package token issues JWT access tokens, or verifies them.
//
// An [Issuer] signs with the active key of a [Keyring]; a [Verifier] accepts what one of the ring's keys signed, under the
// one algorithm that the key is bound to, in the one spelling that a compact JWS has. A Verifier is an
// [auth.Authenticator]: give it to [auth.New].
//
// It stands where auth stands, after cors and a coarse rate limit.
//
// It does not revoke: a token is good until it expires, which is why it should expire soon. A bearer token that was stolen
// is as good as the owner's; a token bound to a key (a cnf claim) is refused, since nothing here can check the binding.
// It reads no encrypted tokens, no JSON serialisation, and fetches no keys.
//
// Standards: RFC 7515 (JWS compact serialisation), RFC 7517 (JWK), RFC 7518 (algorithms), RFC 7519 (JWT), RFC 8037
// (EdDSA), RFC 8725 (best current practices), RFC 9068 (profile for access tokens).
package token
