// Package apikey recognises machines by a key that they send with every request.
//
// A [Keys] makes keys for the application's users, rotates and revokes them, and is the [auth.Authenticator] that accepts
// them: in the X-API-Key header, or as a bearer token by choice, and never in the query, which ends up in logs. A key may
// do what its scopes name, which is nothing where none were given; scopes are permissions of package rbac.
//
// A key reads <prefix>_<env>_<id>_<secret><checksum>. The checksum tells a mistyped or invented key from a real one before
// the store is asked; [Keys.Pattern] finds leaked ones in source code. The store holds a hash, from which nobody can make a
// key.
//
// It stands where auth stands, after cors and a coarse rate limit. Whoever holds a key is its owner: it does not prove
// possession, sign requests or notice a thief. It does not ask whether the owner still exists unless Config.Principal does,
// and it does not say who may create keys: the handler around [Keys.Create] must check that the owner holds the scopes himself.
//
// Standards: RFC 9110 section 11.6.1 (challenges), RFC 6750 section 2.1 (bearer tokens), OWASP ASVS 5.0 sections 14.2.1
// (nothing secret in the query) and 16.2.5 (nothing secret in logs).
package apikey
