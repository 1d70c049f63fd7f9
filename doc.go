// Package palisade is the map of a library of security middleware for HTTP APIs: a row of stakes, each of which stands by
// itself.
//
// There is nothing to import here. Take the packages below one by one; each is mounted as a
// func(http.Handler) http.Handler and refuses an unsafe configuration when it is built. In the order in which a request
// meets them:
//
//   - transport: what the connection really is
//   - headers: what every response carries
//   - cors: which other origins may read us
//   - ratelimit, ratelimit/guard: how often one caller may ask, and guess
//   - auth, auth/token, auth/token/dpop, auth/apikey: who is asking
//   - auth/login, auth/session: who signs in, and stays so
//   - rbac: whether they may
//   - validate, validate/graphql: what they may send
//   - validate/sanitize: text made safe for one place
//   - upload, upload/content, upload/storage, upload/clamav: is the file what it says, and does anybody keep it
//   - problem: how every room says no
//   - monitor/event: the words in which every room says what happened
//   - crypto/password: passwords at rest
//   - crypto/field: columns at rest, bound to their cells
//   - crypto/field/reseal: columns under a new key
//   - crypto/envelope, crypto/envelope/transit: a key for each customer, wrapped by a KMS
//   - crypto/stream: files at rest
//   - crypto/vault: card numbers behind tokens
//   - crypto/secret: values that do not print
//
// The module adapters beside it has the stores in SQLite, PostgreSQL and Redis; auth/authtest and upload/uploadtest bring
// identities and attacks into your tests. The README shows the chain in one program, examples/server runs all of it.
package palisade
