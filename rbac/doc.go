// Package rbac decides whether they may.
//
// A [Model] is compiled from the permissions that an application has and the roles that bundle them. [Model.Require] and
// [Model.RequireAny] guard routes by kind of action, [Object] and [Model.SameTenant] by record, and [Public] says that a
// route is open on purpose. [Model.Check] is the same decision for tests and handlers, [Model.Explain] its grounds, and
// [Model.Swap] replaces the rules while requests run.
//
// Place it after auth, on the route: a decision that hangs on the matched route cannot be walked around by another
// spelling of the path. [Audit] finds the routes that have none before the server listens; [Model.DenyByDefault] refuses
// what such a route answers.
//
// Rights come from the principal as it was authenticated, so a role that is taken away stops with the token that carries
// it. It does not decide which fields of a record may be read or written.
//
// Standards: NIST RBAC (hierarchical), RFC 9110 section 15.5.4 (403, or 404 to hide that there is something), RFC 6750
// section 3.1 (insufficient_scope), OWASP ASVS 5.0 sections 8.2 to 8.4.
package rbac
