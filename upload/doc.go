// Package upload takes files from strangers.
//
// A [Guard] reads a multipart form as it comes, refuses what no [Field] asked for before its bytes arrive, writes the rest to
// quarantine, checks that each file is what its name and its sender say, has it scanned, and only then lets the handler
// run. The files of a request vanish unless the handler calls [Batch.Commit], which makes all of them permanent at once.
// [Server] hands them out again in a way that no browser runs them.
//
// Everything fails closed: without a verdict of the scanner there is no file, with the scanner gone there is a 503, and after
// an abort, a crash or a full disk there is nothing left.
//
// It stands behind auth and rbac, in the place of package validate on its route, and is the only reader of the body. It does
// not decide who may upload, nor how much one user may keep. Its checks find what a file contradicts about itself; they do
// not prove that it is harmless to the program that opens it: package content tells for each type what is looked at.
//
// Standards: RFC 7578 (multipart/form-data), RFC 2046 section 5.1 (boundaries), RFC 6266 and RFC 8187 (names in answers);
// OWASP ASVS 5.0 chapter 5, OWASP File Upload Cheat Sheet.
package upload
