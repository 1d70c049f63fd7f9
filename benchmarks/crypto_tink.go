package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"log"
	"strings"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

func newTink() tink.AEAD {
	return must(aead.New(must(keyset.NewHandle(aead.AES256GCMKeyTemplate()))))
}

// associated names a cell, so that no two cells have the same name.
func associated(table, column string, id int64) []byte {
	aad := make([]byte, 0, 64)
	for _, name := range []string{table, column} {
		aad = append(binary.BigEndian.AppendUint32(aad, uint32(len(name))), name...)
	}
	return binary.BigEndian.AppendUint64(aad, uint64(id))
}

func tinkField(text []byte) (seal, open func()) {
	primitive := newTink()
	sealed := must(primitive.Encrypt(text, associated(customers, "email", customerID)))
	return func() { must(primitive.Encrypt(text, associated(customers, "email", customerID))) },
		func() { same(must(primitive.Decrypt(sealed, associated(customers, "email", customerID))), text) }
}

// sealedCustomer is what a team stores that seals by hand.
type sealedCustomer struct{ email, emailEq, phone, name, since []byte }

// tinkRow is what a team writes by hand: a cell at a time, and an HMAC for the index, cut off as ours is.
func tinkRow(c customer, id int64) (seal, open func()) {
	primitive, key := newTink(), randomBytes(32)
	cell := func(column string, text []byte) []byte {
		return must(primitive.Encrypt(text, associated(customers, column, id)))
	}
	sealRow := func() sealedCustomer {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(strings.ToLower(strings.TrimSpace(c.Email))))
		return sealedCustomer{
			email: cell("email", []byte(c.Email)), emailEq: mac.Sum(nil)[:2], phone: cell("phone", []byte(c.Phone)),
			name: cell("name", []byte(c.Name)), since: cell("since", binary.BigEndian.AppendUint64(nil, uint64(c.Since))),
		}
	}
	row := sealRow()
	text := func(column string, sealed []byte) []byte {
		return must(primitive.Decrypt(sealed, associated(customers, column, id)))
	}
	return func() { sealRow() }, func() {
		read := customer{
			string(text("email", row.email)), string(text("phone", row.phone)), string(text("name", row.name)),
			int64(binary.BigEndian.Uint64(text("since", row.since))),
		}
		if read != c {
			log.Fatalf("opened %v", read)
		}
	}
}
