// Package auth establishes who is asking.
//
// A [Gate] asks its [Authenticator] values for the one credential of a request and puts the [Principal] they find into
// the context, where [From] reads it. [Gate.Wrap] refuses everybody else; [Gate.Optional] also lets through requests that
// carry no credential at all.
//
// Place it after cors, because preflights carry no credentials, and after a coarse rate limit, so that guessing costs;
// package rbac comes after it. Subpackages hold the schemes: token for JWT access tokens, others beside it.
//
// It does not decide what a principal may do, it does not read cookies, and it does not protect a principal whose
// credential was stolen.
//
// Standards: RFC 9110 section 11 (authentication), RFC 6750 (bearer tokens).
package auth
