// Package validate turns a request into a typed value that the handler may trust.
//
// A [Schema] is compiled from the tags of a struct when the server starts: which field comes from where (json, query, path,
// header, form), how it is normalised (norm), what it must satisfy (validate, in the language of go-playground/validator),
// and who may write or read it (access). A wrong tag is a fault of [New], never a surprise of the first request.
//
// Everything is refused that the struct does not name: unknown, repeated and differently spelled members, parameters that
// nobody declared, values of another JSON type, text that is not UTF-8, NUL, trailing data, a foreign Content-Type. All
// faults are reported at once, by JSON Pointer and a stable code, and never by the value that was sent. So mass assignment
// is impossible by construction: what the struct has no field for cannot arrive.
//
// The body is read once, within [Limits], by one parser; what the handler gets is what was checked. The steps of a request
// are always limits, syntax, binding, defaults, normalising, rules, Validate methods.
//
// It stands behind auth and rbac, before the handler, which must not read the body again. It does not authorise (an id in
// the path is well-formed, not one's own), it does not make text safe for HTML, SQL or a shell (escape there; package
// sanitize helps with HTML), and it does not slow anybody down. Files are package upload's.
//
// Standards: RFC 8259 and RFC 7493 (JSON, I-JSON), RFC 6901 (JSON Pointer), RFC 9457 (problem details), RFC 9110 section
// 8.3 (Content-Type), RFC 3986 section 2 (percent-encoding, once), WHATWG URL (form encoding); OWASP API Security API3:2023
// and API4:2023, ASVS 5.0 sections 1.1.1, 1.5.2, 2.2, 15.3.
package validate
