// Package content answers whether a file is what it says.
//
// [Check] walks a file once, from its first byte to its last, in a fixed amount of memory, and refuses what does not fully
// conform to the type that it claims: another format behind the end, frames, scans or dimensions that would cost its reader
// dear, archives that unpack into trouble, PDFs with actions. A [Reencoder] decodes an image and writes it anew, so that
// nothing is left of its metadata and of what was hidden beside its pixels.
//
// It stands behind the limits on bytes of package upload, which asks it about each file at rest, and before a scanner for
// malware. It reads no names and no declared media types but the ones it is given.
//
// It does not prove a file harmless. Pixels are not decoded by Check, except for the length of PNG's, so that an image may be
// broken inside. For PDF it is a filter: active content is refused where the object structure shows it, in compressed object
// streams too; a link (a URI action) is not refused, and a reader with a fault of its own needs no action. Text is refused
// for markup that a browser would run, not for what an interpreter of some other language would. Re-encoding removes metadata
// and appended data, but a picture may be drawn so that its encoded pixels spell code: never serve uploads from a folder
// whose files are executed.
//
// Standards: ITU-T T.81 (JPEG), PNG third edition, GIF89a, RFC 9649 (WebP), ISO 32000-2 (PDF), APPNOTE 6.3 (ZIP),
// RFC 3629 (UTF-8); OWASP ASVS 5.0 sections 5.2.2 (extension and content), 5.2.3 (unpacked size), 5.2.5 (no symbolic links)
// and 5.2.6 (pixels).
package content
