// Package envelope keeps the keys of field rings, wrapped by a key management service.
//
// Every subject, such as a tenant or a customer, has data keys of its own. They are stored as [Record], wrapped by a
// [KeyWrapper]: [Local] with a key from the configuration, package transit with HashiCorp Vault. [Keys.Ring] unwraps a
// subject's keys once, for as many values as are sealed and opened with them.
//
//	keys, err := envelope.New(envelope.Config{Wrapper: kms, Store: store})
//	ring, err := keys.Ring(ctx, "customer-7")
//	sealed, err := ring.Seal(field.Bind("notes", "text", field.Int(1)), text)
//	err = keys.Shred(ctx, "customer-7") // and nothing that was sealed for them opens again
//
// It stands between the handler and crypto/field. Ask for the ring in every request: it is one look into a map. A ring that
// is kept longer is not refreshed, and fails with [field.ErrClosed] some day; so does a [field.Column] or a [field.Table] that
// was built from it. Keep them beside the ring that they are of, and build others when Ring returns another one.
//
// # Time
//
// A ring is confirmed, by the store and by the service, when it is TTL old; in the last quarter of that time this is done
// in the background, and afterwards waited for, a second at most. When one of them cannot be reached, the ring goes on until
// HardTTL after it was confirmed last, and is closed then, whoever holds it. When the service refuses, or the store says that
// the subject was shredded, it is closed at once. While a machine sleeps, its clock for this may stand still.
//
// A new data key is stored for HardTTL, TTL and two Timeouts before anybody seals with it. No ring is as old, so each process
// can open what the others seal. All processes need the same times, and clocks that differ by less than TTL.
//
// Every key of a subject is unwrapped when its ring is loaded, and when it is confirmed. An old one leaves by [Keys.Retire],
// after everything was resealed that it sealed.
//
// # Shredding
//
// [Keys.Shred] deletes the keys of a subject and leaves a tombstone, so that nobody is given a new key under the name by
// mistake; the name stays in the store, and should be a number rather than an address. Other processes find out when they
// confirm their ring, and after HardTTL where nobody asks for it or the store is out of reach. Copies of the store, such as
// backups, hold the wrapped keys still: they are shredded when the copies are gone.
//
// # What it does not do
//
// It does not check who asks: the subject comes from the session and never from the request, since an unknown one is given
// a key. It does not reseal values of older keys, nor find the subjects that there are. Somebody who can write the store can
// delete keys, or put old records back after a shredding, but cannot make a key serve another subject.
//
// Standards: NIST SP 800-57 part 1, sections 5.3.6 (cryptoperiods) and 8.3.4 (destruction); SP 800-38F section 3.1 (wrapping
// by an authenticated mode); OWASP ASVS 5.0 sections 11.1.1, 11.2.2, 13.3.1 and 13.3.3; PCI DSS 4.0.1 sections 3.6.1 and 3.7.
package envelope
