// Package transport says what the connection really is.
//
// A [Resolver] finds the client behind the proxies that you name and stores one [Peer] in the context, where [PeerOf]
// reads it; without the middleware PeerOf describes the socket. [NewServer] builds an http.Server whose limits are set.
//
// Place it first: headers, cors, ratelimit and the log all ask PeerOf, so that there is one answer to "from where".
//
// It never rewrites RemoteAddr, and it believes nobody by default: a forwarding header counts only as far as it was
// written by a trusted hop. It does not protect against a trusted proxy that copies what its client sent instead of
// appending to it, nor against source addresses forged below TCP.
//
// Standards: RFC 7239 (Forwarded), the de facto X-Forwarded-For, -Proto and -Host, RFC 9112 section 3.2.
package transport
