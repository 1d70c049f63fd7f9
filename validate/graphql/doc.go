// Package graphql keeps hostile documents away from a GraphQL server.
//
// A [Guard] reads a request over HTTP, bounds what it may ask for, validates it against the schema, and hands on what it
// understood: [From] gives the handler the parsed documents, [Cost] gives a rate limiter their price. It stands in front of
// any server, since it speaks net/http alone.
//
// What it decides, in this order: transport (POST with JSON, so that no other site's page can send one), bytes, strict JSON,
// tokens, syntax, then one walk over the document that visits each fragment once: depth, lists within lists, aliases,
// repeated fields, directives, literals, introspection, how much the rules will have to visit, and the cost of the chosen
// operation; then the rules of the specification, then the variables' types. Up to the rules each step is linear in its
// input. The rules are linear in what they visit, which is bounded (Config.MaxVisits), times the fields of the types that it
// is in; within a selection set they compare each two fields of one name.
//
// # Cost
//
// An operation costs 1, an object 1, a scalar nothing, a list its size times what an element costs. Sizes come from the
// arguments that slice: those of @listSize, or by their names (first, last, limit and others, in any case), read from
// literals, variables and defaults, also inside input objects and lists of them. What a field around a page says goes to the
// lists inside: edges, nodes, items and the like, or the only list there is. Nobody says a size: Config.ListSize, or as many
// as the longest list among the arguments has elements. A negative size means everything, as it does to some databases; 0
// counts as 1, or as Config.ListSize where only the name says that it is a size, and so does null beside a smaller default.
// A list of scalars costs only where its size can be said.
//
// @cost(weight:) on a field or an argument is added for each call, on a type it replaces the 1 of each object. Both
// directives are those of the cost directive specification; requireOneSlicingArgument is not enforced, and the weights of
// input fields are not counted. Behind an interface or a union there is always the dearest type. Branches that exclude each
// other are added up, @skip and @include are not believed.
//
// So the cost is an upper bound as far as the sizes are known. Not seen are those that an enum, a Boolean or an object of
// the application's own scalars stands for, those by other names (amount, n, max), those that a resolver takes from nowhere
// but itself, and lists without a size that are longer than Config.ListSize. What only has the name of a size is believed to
// be one, also where it is a shoe's. @listSize on the field settles each of these.
//
// # What the server behind it sees
//
// The body is written anew from what was decoded: known members once each, in one spelling. The query of a POST's URL is
// taken away. A block string that ends in a quote is refused, since lexers disagree on its end. A trusted document's id is
// replaced by its text. A server that takes the parsed documents from [From] needs neither to parse nor to validate again.
//
// Clients that send the hash of a document first, and its text when they are told to, work: they are told to. Nothing is
// registered by it, so without [Documents] they are told to stop.
//
// # Place
//
// After auth and the limiters by address and principal; a limiter that charges by [Cost] stands inside the guard. It does
// not execute anything, it does not see subscriptions over WebSocket (a request for an upgrade is refused, whatever its
// method), and it does not decide who may read which field: that is the resolver's business, with package rbac. Its refusals
// are 4xx for both media types, where GraphQL over HTTP suggests 200 for application/json, because they come before the
// server; where trusted documents are out of reach they are 503.
//
// Standards: GraphQL September 2025 sections 2, 5 and 6.1; GraphQL over HTTP (draft) sections 5 and 6; OWASP ASVS 5.0
// sections 4.3.1 and 4.3.2; RFC 8259; RFC 7493.
package graphql
