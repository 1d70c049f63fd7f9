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
//   - ratelimit: how often one caller may ask
//   - auth, auth/token: who is asking
//   - rbac: whether they may
//   - problem: how every room says no
//   - monitor/event: the words in which every room says what happened
//   - crypto/password: passwords at rest
//
// The README shows the chain in one program, examples/server runs all of it.
package palisade
