// Package transit wraps data keys with the transit secrets engine of HashiCorp Vault.
//
// A [Wrapper] is an [envelope.KeyWrapper] that asks two endpoints over net/http, encrypt and decrypt of one named key. The key
// must be of a type with associated data (aes256-gcm96, aes128-gcm96, chacha20-poly1305) and neither derived nor convergent;
// the token needs "update" on the two paths and nothing else. With "create" a Key that is mistyped would be made in silence.
//
//	kms, err := transit.New(transit.Config{
//		Address: "https://vault.example.com:8200", Key: "orders", Token: transit.File("/run/vault/token"),
//	})
//	keys, err := envelope.New(envelope.Config{Wrapper: kms, Store: store})
//
// After the key was rotated in Vault, [envelope.Keys.Rewrap] decrypts and encrypts: Vault's own rewrap knows no associated data,
// and fails. Rewrap every subject before min_decryption_version is raised.
//
// # What is an answer
//
// A 403, other refusals of the path or of the request, a key that is not there, and one whose version is too old are
// [envelope.ErrRefused]; any other 400 to decrypt is [envelope.ErrForged]. All else is [envelope.ErrUnavailable], an outage: no
// connection, no answer in time, 429 and 5xx, a sealed or standby Vault, a redirect, and whatever is not the JSON that Vault
// writes. A token that has expired is a refusal: renew it in time.
//
// It does not log in, renew tokens, or follow a standby's redirects: for these there is Vault Agent, which may listen on the
// loopback interface without TLS.
package transit
