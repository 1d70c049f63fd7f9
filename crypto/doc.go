// Package crypto is a folder of rooms for what is kept secret at rest; there is nothing to import here.
//
//   - crypto/password: passwords as salted, slow hashes
//   - crypto/field: columns of a database, encrypted
//   - crypto/secret: values that print as [redacted]
package crypto
