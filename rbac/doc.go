// Package rbac decides whether they may.
//
// A [Model] is compiled from the permissions that an application has and the roles that bundle them. [Model.Require] and
// [Model.RequireAny] guard routes; [Model.Check] is the same decision for tests and handlers.
//
// Place it after auth, on the route: a decision that hangs on the matched route cannot be walked around by another
// spelling of the path.
//
// It knows kinds of action, not records: that order 7 belongs to somebody else is for the handler to see. Rights come from
// the principal as it was authenticated, so a role that is taken away stops with the token that carries it.
//
// Standards: NIST RBAC (hierarchical), RFC 9110 section 15.5.4 (403), RFC 6750 section 3.1 (insufficient_scope).
package rbac
