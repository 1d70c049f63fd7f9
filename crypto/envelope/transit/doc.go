// Package transit wraps data keys with the transit secrets engine of HashiCorp Vault.
//
// A [Wrapper] is an [envelope.KeyWrapper] that asks two endpoints over net/http, encrypt and decrypt of one named key. The key
// must be of a type with associated data (aes256-gcm96, aes128-gcm96, chacha20-poly1305) and neither derived nor convergent;
// the token needs "update" on the two paths and nothing else.
//
//	kms, err := transit.New(transit.Config{
//		Address: "https://vault.example.com:8200", Key: "orders", Token: transit.File("/run/vault/token"),
//	})
//	keys, err := envelope.New(envelope.Config{Wrapper: kms, Store: store})
//
// After the key was rotated in Vault, [envelope.Keys.Rewrap] decrypts and encrypts: Vault's own rewrap drops the associated
// data.
//
// # What is an answer
//
// A 403, and other refusals of the path or of the request, are [envelope.ErrRefused]; a 400 to decrypt is
// [envelope.ErrForged]. All else is [envelope.ErrUnavailable], an outage: no connection, no answer in time, 429 and 5xx, a
// sealed or standby Vault, a redirect, and whatever is not the JSON that Vault writes. A token that has expired is a refusal:
// renew it in time.
//
// It does not log in, renew tokens, or follow a standby's redirects: for these there is Vault Agent, which may listen on the
// loopback interface without TLS.
package transit
