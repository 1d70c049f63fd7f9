// Package vault keeps the numbers of payment cards and hands out tokens in their place.
//
// A [PAN] is a card's number that no encoder prints. [Vault.Tokenize] seals it and returns a token that means nothing
// elsewhere; whoever shows or lists cards works with [Card], the token with what may be seen of the number. Only
// [Vault.Detokenize] gives the number back, to a named actor, for a purpose from a closed list, within the owner's cards, and
// with an event. [PAN.Reveal] is the one way to its digits: search for it to see who handles them.
//
// It stands between the handler that accepts a card and the code that charges it. Everything else, databases and logs
// included, then holds tokens.
//
// # What is stored
//
// Each number is sealed by package field for its token, owner, brand, mask and expiry, so that it opens in no other record, nor
// in its own with another mask or a later expiry. In clear are brand and last four digits. With Config.Dedupe there is a keyed
// MAC over the owner and the entire number beside, under a key of its own: without the key nobody can try the 100 000
// numbers that the last four and a known BIN leave, and two owners of one card cannot be told from the database.
//
// # What it does not do
//
// It has no type that can hold a card verification code, PIN or track, and none may be kept after authorisation (PCI DSS
// section 3.3.1): do not put them into another column either. It does not say who may charge a card, see Config.Authorize, nor
// slow anybody down: put package ratelimit there and before. It does not keep the ring's keys, and whoever can write the
// database can delete a record, or put an older version of it back. A token is the name of a record and no secret: with another
// owner's token one gets nothing.
//
// The process that calls Tokenize or Detokenize, the proxies before it, and the place of the ring's keys stay in the scope of
// PCI DSS. Once decrypted, a number is in the heap until it is collected.
//
// Standards: PCI DSS 4.0.1 sections 3.2.1 (retention, Config.MaxAge), 3.3.1 (no verification codes), 3.4.1 (masks), 3.5.1 (not
// readable where stored), 3.5.1.1 (keyed hashes of the entire number), 3.6.1 and 3.7 (keys: package field, and [Vault.Reseal]
// for their rotation) and 10.2.1.1 (events of every access); ISO/IEC 7812-1 (numbers, Luhn); CWE-359, CWE-639.
package vault
