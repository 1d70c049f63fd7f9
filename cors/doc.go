// Package cors tells browsers which other origins may read us.
//
// A [Policy] answers preflights and adds the response headers of the Fetch standard for the origins that it names.
// [Policy.Decide] is the same decision for tests and logs.
//
// Place it before auth, since preflights carry no credentials, and outside everything that refuses, so that the page can
// read the refusal. Where a router dispatches by method, mount [Policy.Preflight] on OPTIONS as well.
//
// It keeps nobody out: a stranger's request still reaches the handler, and only the browser withholds the answer. It
// does not stop cross-site writes, nor clients that are no browsers. An origin pattern trusts every host below its
// suffix, so it is no use for suffixes under which strangers can register; a few well-known ones are refused, the public
// suffix list is not consulted.
//
// Standards: Fetch section 3.2 (CORS protocol), RFC 6454 (origins), RFC 9110 section 12.5.5 (Vary).
package cors
