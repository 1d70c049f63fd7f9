// Package token issues JWT access tokens, or verifies them.
//
// An [Issuer] signs with the active key of a [Keyring]; a [Verifier] accepts what a key of its [KeySource] signed, under the
// one algorithm that the key is bound to, in the one spelling that a compact JWS has. The source is the ring itself, or a
// [Remote], which fetches the keys that somebody else's issuer publishes. A Verifier is an [auth.Authenticator]: give it to
// [auth.New].
//
// It stands where auth stands, after cors and a coarse rate limit.
//
// It does not revoke: a token is good until it expires, which is why it should expire soon, unless VerifierConfig.Check knows
// better; package session does. A bearer token that was stolen is as good as the owner's. A token may be bound to a key
// instead ([Confirmation]): to the client's TLS certificate, which the Verifier can check, or to a key that signs a proof for
// each request, which package dpop checks. A binding that nobody checks is a refusal.
//
// It reads no encrypted tokens and no JSON serialisation, follows no URL and takes no key from a token, and does not discover
// issuers: which one is trusted, and where its keys are, is configuration.
//
// Standards: RFC 7515 (JWS compact serialisation), RFC 7517 (JWK), RFC 7518 (algorithms), RFC 7519 (JWT), RFC 7638
// (thumbprints), RFC 7800 (cnf), RFC 8037 (EdDSA), RFC 8705 section 3 (certificate-bound tokens), RFC 8725 (best current
// practices), RFC 9068 (profile for access tokens).
package token
