// Package field encrypts the fields of a database row.
//
// A [Ring] holds keys with numbers: the primary seals, the others still open. Every value is sealed for one cell, named
// by [Bind] with its table, column and row, so that ciphertext moved to another cell does not open. [Column] does so for
// Go types, [Table] for the fields of a struct, and [Index] makes sealed columns searchable for equality.
//
//	ring, err := field.New(field.Config{Keys: []field.Key{{ID: 1, Secret: secret.New(key), State: field.Primary}}})
//	sealed, err := ring.Seal(field.Bind("customers", "email", field.Int(7)), []byte("ada@example.com"))
//
// It stands between the handler and the database. The key of each table, column and tenant is derived from the ring's
// by HKDF, once; what was scanned from the database stays sealed until it is opened with its binding.
//
// # Wire format, version 1
//
//	0xF9 | suite, bit 7: padded | key id, 4 bytes | nonce, 12 (24) | commitment, 32, suite 3 only | ciphertext | tag, 16
//
// The first six bytes, the table, the column and the row are authenticated, each with its type and length. As text a value is
// "enc1." and unpadded base64url; each value has one spelling.
//
// # What it does not do
//
// It does not keep the ring's keys, hide how long a value is (see [Binding.Pad]) or that a cell changed, or keep somebody
// who can write the database from putting an old value back into its cell. There is no deterministic encryption and no
// compression. Passwords are for crypto/password. [Ring.Close] overwrites the ring's copies of the keys; what Go's runtime
// and the AES implementation copied is left to the garbage collector.
//
// Standards: NIST SP 800-38D (section 8.3 for the number of random nonces), RFC 5869 (HKDF), C2SP XAES-256-GCM, ISO/IEC
// 7816-4 (padding), OWASP ASVS 5.0 sections 11.2.2, 11.2.4, 11.2.5, 11.3.3 and 11.3.4, PCI DSS 4.0.1 section 3.3.1.
package field
