// Package formats answers questions of the form "is this string a …".
//
// Each format is one pure function from a string to a bool, which looks at the length first and then reads the bytes once.
// What passes has one spelling wherever the standard leaves the choice: two texts that are different to a map, a cache or
// a list of blocked names shall not be the same address to the program behind it.
//
// The rules of request validation stand on it. It is used after normalising (trimming, NFC), and changes nothing itself.
//
// A format says nothing about what exists or may be reached: an [Email] can be anybody's, and a [URL] that passes may
// still name this machine or a cloud's metadata service, which only the check at connect time can refuse.
// The empty string is in no format, [JSONPointer] excepted; [Printable] and [SingleScript] are properties, which it has.
//
// Nothing is allocated, except by names with punycode or letters beyond ASCII, [JSON], [BCP47], and IP addresses that fail.
//
// Standards: RFC 1123 section 2.1, RFC 3339 section 5.6, RFC 3986, RFC 4291, RFC 4648 section 3.5, RFC 4632, RFC 5321
// section 4.1.2, RFC 5646, RFC 5891 section 4.2, RFC 6531 section 3.3, RFC 6901, RFC 9562 section 4, UTS 39 section 5.2,
// OWASP ASVS 5.0 sections 1.2.2, 1.3.12 and 2.2.1.
package formats
