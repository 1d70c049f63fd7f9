// Package headers sets what every response carries.
//
// Start from a preset, [API], [Page] or [OWASP], change the value where you must, and mount the [Policy] that [New] makes
// of it. Headers are set before the handler runs: a handler that knows better may overwrite one.
//
// Place it right after transport, outside everything that refuses, so that refusals carry the same set.
//
// It does not make a page safe that pastes input into its HTML: a content security policy is the second line. It cannot
// reach what net/http answers by itself before any handler runs (a malformed request line, a header that is too long).
//
// Standards: CSP Level 3, Fetch section 3.7 (Cross-Origin-Resource-Policy), RFC 6797 (HSTS), Reporting API,
// Permissions Policy, OWASP Secure Headers Project.
package headers
