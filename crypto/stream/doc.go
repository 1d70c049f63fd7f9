// Package stream encrypts files.
//
// A [Files] keeps the files of a program under the keys of a [field.Ring]. Every file is written for one name, made by
// [Bind], so that ciphertext moved to another place does not open there.
//
//	files, err := stream.New(stream.Config{Ring: ring})
//	w, err := files.Writer(dst, stream.Bind("invoices", "7"))
//	defer w.Abort()
//	if _, err := io.Copy(w, src); err != nil {
//		return err // what was written never opens
//	}
//	return w.Close()
//
// It stands between the handler and the disk or the object store. [Reader] decrypts from the beginning and [ReaderAt] any
// part; neither shows a byte that is not authentic. A stream needs less than 64 KiB of memory, whatever the file's size.
// [NewWriter], [NewReader] and [NewReaderAt] are the format without header and ring, for keys that come from elsewhere.
//
// # Wire format
//
//	0xF9 | 0x10 | key id, 4 bytes | salt, 24 | commitment, 32 | chunk | chunk | …
//
// What follows the key id is Cobblestone-256, byte for byte: each chunk is 16 KiB of AES-256-GCM with a tag of 16 bytes; the
// last one is shorter, and may be empty. Key, nonce and commitment are derived by HKDF-Expand with SHA-512 from the ring's
// key, the salt, and the context: the six bytes before the salt, "file1", the number of the name's parts in a byte, and
// each part behind its length in four bytes. The nonce of a chunk is exclusive-ored with its number.
//
// # What it does not do
//
// It does not hide how long a file is, nor keep somebody who can write the store from putting an old version back or
// deleting it. A file is not changed in place: write a new one. [Reader] shows the chunks before the one that is not
// authentic; whoever must not act on half a file reads to the end first, or opens it with [ReaderAt], which still
// authenticates the chunks between only when they are read. There is no compression. With GODEBUG=fips140=only writers and
// readers are refused by Go's AES-GCM, which leaves nobody else the choice of the nonce; fips140=on works.
//
// Standards: C2SP chunked-encryption (Cobblestone-256), RFC 5869 section 2.3, NIST SP 800-38D section 8.2.1, OWASP ASVS 5.0
// sections 11.2.5, 11.3.3 and 11.3.4.
package stream
