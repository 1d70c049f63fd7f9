package main

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"log"

	"github.com/gorilla/securecookie"
	"gocloud.dev/secrets/localsecrets"

	"github.com/gopalisade/palisade/crypto/field"
	secrets "github.com/gopalisade/palisade/crypto/secret"
)

// customer is the row of the contests here: four cells, of which the first is searched for too.
type customer struct {
	Email string `enc:"email,index=eq,fold"`
	Phone string `enc:"phone"`
	Name  string `enc:"name"`
	Since int64  `enc:"since"`
}

const (
	customers  = "customers"
	customerID = 4711
)

var (
	ada      = customer{"ada.lovelace@example.com", "+44 20 7946 0958", "Augusta Ada King", 1815}
	oneField = []byte("ada.lovelace@analytic.example.or")
)

// fields seals and opens one field and one row.
func fields() []contest {
	ring := must(field.New(field.Config{Keys: []field.Key{{ID: 1, Secret: secrets.New(randomBytes(32)), State: field.Primary}}}))
	var mine, theirs []byte
	sealed := must(ring.Seal(field.Bind(customers, "email", field.Int(customerID)), oneField))
	seal := func() {
		mine = must(ring.AppendSeal(mine[:0], field.Bind(customers, "email", field.Int(customerID)), oneField))
	}
	open := func() {
		mine = must(ring.AppendOpen(mine[:0], field.Bind(customers, "email", field.Int(customerID)), sealed))
		same(mine, oneField)
	}
	raw, aad := rawGCM(), associated(customers, "email", customerID)
	rawSealed := raw.Seal(nil, nil, oneField, aad)
	rawSeal := func() { theirs = raw.Seal(theirs[:0], nil, oneField, aad) }
	rawOpen := func() {
		theirs = must(raw.Open(theirs[:0], nil, rawSealed, aad))
		same(theirs, oneField)
	}
	tinkSeal, tinkOpen := tinkField(oneField)
	cloudSeal, cloudOpen := localKeeper(oneField)
	cookieSeal, cookieOpen := cookie(oneField)
	all := rows(ring)
	for _, p := range []struct {
		name       string
		seal, open func()
	}{
		{"crypto/cipher, associated data made before", rawSeal, rawOpen},
		{"tink-go v2.9.0", tinkSeal, tinkOpen},
		{"gocloud.dev/secrets v0.47.0, binds nothing", cloudSeal, cloudOpen},
		{"gorilla/securecookie v1.1.2, binds a name", cookieSeal, cookieOpen},
	} {
		all = append(all,
			contest{"crypto", "field of 32 bytes, bound to its cell, seal", p.name, seal, p.seal},
			contest{"crypto", "field of 32 bytes, bound to its cell, open", p.name, open, p.open})
	}
	return all
}

// rows seals and opens a customer.
func rows(ring *field.Ring) []contest {
	table := must(field.NewTable[customer](field.TableConfig{Ring: ring, Table: customers}))
	seal := func() field.Cells { return must(table.SealRow(&ada, field.Int(customerID))) }
	cells, read := seal(), customer{}
	open := func() {
		check(table.OpenRow(cells, &read, field.Int(customerID)))
		if read != ada {
			log.Fatalf("opened %v", read)
		}
	}
	tinkSeal, tinkOpen := tinkRow(ada, customerID)
	const peer = "tink-go v2.9.0 and crypto/hmac"
	return []contest{
		{"crypto", "row of 4 bound fields with an index, seal", peer, func() { seal() }, tinkSeal},
		{"crypto", "row of 4 bound fields with an index, open", peer, open, tinkOpen},
	}
}

func rawGCM() cipher.AEAD {
	return must(cipher.NewGCMWithRandomNonce(must(aes.NewCipher(randomBytes(32)))))
}

// localKeeper is Go CDK's keeper of a local key. It has no associated data.
func localKeeper(text []byte) (seal, open func()) {
	keeper := localsecrets.NewKeeper([32]byte(randomBytes(32)))
	ctx := context.Background()
	sealed := must(keeper.Encrypt(ctx, text))
	return func() { must(keeper.Encrypt(ctx, text)) }, func() { same(must(keeper.Decrypt(ctx, sealed)), text) }
}

// cookie is securecookie with its serializer left out, which encrypts in its caller's memory.
func cookie(text []byte) (seal, open func()) {
	jar := securecookie.New(randomBytes(32), randomBytes(32)).SetSerializer(securecookie.NopEncoder{})
	encode := func() string { return must(jar.Encode("email", bytes.Clone(text))) }
	sealed := encode()
	return func() { encode() }, func() {
		var plain []byte
		check(jar.Decode("email", sealed, &plain))
		same(plain, text)
	}
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}

// same stops the program if a peer opens something else.
func same(got, want []byte) {
	if !bytes.Equal(got, want) {
		log.Fatalf("opened %q, want %q", got, want)
	}
}
