// Package crypto is a folder of rooms for what is kept secret at rest; there is nothing to import here.
//
//   - crypto/password: passwords as salted, slow hashes
//   - crypto/field: columns of a database, encrypted
//   - crypto/field/reseal: the same under a new key, while they are used
//   - crypto/envelope, crypto/envelope/transit: keys of their own for customers, wrapped by a key management service
//   - crypto/stream: files, encrypted
//   - crypto/vault: numbers of payment cards, behind tokens
//   - crypto/secret: values that print as [redacted]
package crypto
