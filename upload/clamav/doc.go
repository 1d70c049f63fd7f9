// Package clamav has ClamAV's daemon judge files.
//
// A [Client] is the [upload.Scanner] that sends each file to clamd, over a unix socket or TCP, and calls it clean only for the
// one answer that says so, to all of its bytes. Every other answer, silence and a lost connection are an error that matches
// [ErrUnavailable]: a 503, and no file passes while the scanner is down.
//
// clamd itself says OK to what its limits keep it from reading. A self-test at the start, and again whenever another clamd
// may have taken the place of the one that passed it, sends the harmless EICAR file alone, at the end of a zip of
// [Config].MaxBytes, and deeper inside zips than any clamd looks: [New] refuses one that lets it through. These lines of
// clamd.conf pass:
//
//	StreamMaxLength 25M   # MaxBytes, or more
//	MaxFileSize 25M       # StreamMaxLength, or more
//	MaxScanSize 100M      # several times that
//	AlertExceedsMax yes
//	AlertEncrypted yes    # or encrypted archives are clean
//
// It stands behind package upload, which calls it when a file is complete, so that a slow client holds no connection. It does
// not start clamd or keep its signatures young, and clamd finds what they describe: a clean verdict is no proof. The self-test
// does not show whether encrypted archives are reported.
//
// The protocol has neither encryption nor a login, and clamd takes SHUTDOWN from everybody: use a socket of mode 600, the
// loopback interface, or [Config].Dial for TLS.
//
// Standards: clamd(8) of ClamAV 1.4 (IDSESSION, INSTREAM, PING, VERSION); OWASP ASVS 5.0 section 5.4.3.
package clamav
