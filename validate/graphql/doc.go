// Package graphql keeps hostile documents away from a GraphQL server.
//
// A [Guard] reads a request over HTTP, bounds what it may ask for, validates it against the schema, and hands on what it
// understood: [From] gives the handler the parsed documents, [Cost] gives a rate limiter their price. It stands in front of
// any server, since it speaks net/http alone.
//
// What it decides, in this order: transport (POST with JSON, so that no other site's page can send one), bytes, strict JSON,
// tokens, syntax, then one walk over the document that visits each fragment once: depth, lists within lists, aliases,
// repeated fields, directives, literals, introspection, and the cost of the chosen operation; then the rules of the
// specification, then the variables' types. Every step is linear in its input or works on what the steps before it bounded.
//
// # Cost
//
// An operation costs 1, an object 1, a scalar nothing, a list its size times what an element costs. Sizes come from the
// arguments that slice: those of @listSize, or by their names (first, last, limit and others), read from literals, variables
// and defaults, also inside input objects. Nobody says a size: Config.ListSize. A negative size means everything, as it does
// to some databases. @cost(weight:) on a field or an argument is added for each call, on a type it replaces the 1 of each
// object. Both directives are those of the cost directive specification; requireOneSlicingArgument is not enforced, and the
// weights of input fields are not counted. Branches that exclude each other are added up, @skip and @include are not
// believed: the cost is an upper bound.
//
// # What the server behind it sees
//
// The body is written anew from what was decoded: known members once each, in one spelling. No second parser can read from
// it a query that was not checked. A trusted document's id is replaced by its text. A server that takes the parsed documents
// from [From] need neither parse nor validate again.
//
// # Place
//
// After auth and the limiters by address and principal; a limiter that charges by [Cost] stands inside the guard. It does
// not execute anything, it does not see subscriptions over WebSocket (an upgrade is refused), and it does not decide who may
// read which field: that is the resolver's business, with package rbac. Its refusals are 4xx for both media types, where
// GraphQL over HTTP suggests 200 for application/json, because they come before the server.
//
// Standards: GraphQL September 2025 sections 2, 5 and 6.1; GraphQL over HTTP (draft) sections 5 and 6; OWASP ASVS 5.0
// sections 4.3.1 and 4.3.2; RFC 8259; RFC 7493.
package graphql
