// Package uploadtest gives tests of upload handlers what strangers send.
//
// A [Form] writes the form that you describe, be it right or wrong; [Sample], [Stream], [Bomb], [Disguises], [Zip] and
// [EICAR] make what is in it. [Drip], [Break] and [Send] are clients that behave badly, [FakeScanner] stands for the one that
// looks for malware, and [Attack] sends a handler all that it must refuse.
//
// Every file is made when the test runs. None is in the repository or in a program, for virus scanners to find there. What
// is bad here is bad by its form alone: no file harms the machine that holds it, and opening a [Bomb] is at your own risk.
//
// Standards: RFC 7578 (multipart/form-data), RFC 2046 section 5.1 (boundaries); OWASP ASVS 5.0 chapter 5 names what [Attack]
// asks for.
package uploadtest
