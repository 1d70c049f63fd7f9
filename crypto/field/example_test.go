package field_test

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/secret"
)

// A key comes from crypto/rand, by way of a secret store.
func Example() {
	ring, err := field.New(field.Config{
		Keys: []field.Key{{ID: 1, Secret: secret.New(newKey()), State: field.Primary}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	cell := field.Bind("customers", "email", field.Int(7))
	sealed, err := ring.Seal(cell, []byte("ada@example.com"))
	if err != nil {
		fmt.Println(err)
		return
	}
	info, _ := field.Inspect(sealed)
	plaintext, err := ring.Open(cell, sealed)
	fmt.Println(info.Suite, "under key", info.KeyID)
	fmt.Println(string(plaintext), err)
	// Output:
	// AES-256-GCM under key 1
	// ada@example.com <nil>
}

// Wrong: the row is numbered by the database, and its number is not known when it is sealed. All rows would have the same
// binding, so it is refused. A [field.RowKey] is known before.
func ExampleBind_autoIncrement() {
	ring := exampleRing()
	var id int64 // not inserted yet
	_, err := ring.Seal(field.Bind("customers", "email", field.Int(id)), []byte("ada@example.com"))
	fmt.Println(err)

	key := field.NewRowKey() // stored in a column of its own
	_, err = ring.Seal(field.Bind("customers", "email", key.Part()), []byte("ada@example.com"))
	fmt.Println(err)
	// Output:
	// field: table, column, tenant or row is missing, zero or too long
	// <nil>
}

// Somebody who can write the database copies the sealed salary of the director into a row of their own.
func ExampleBind_movedValue() {
	ring := exampleRing()
	sealed, _ := ring.Seal(field.Bind("staff", "salary", field.Int(1)), []byte("250000"))

	_, err := ring.Open(field.Bind("staff", "salary", field.Int(42)), sealed)
	fmt.Println(err)
	fmt.Println(errors.Is(err, field.ErrOpen))
	// Output:
	// field: sealed value cannot be opened
	// true
}

func ExampleRing_Reseal() {
	ring := exampleRing()
	cell := field.Bind("customers", "email", field.Int(7))
	sealed, _ := ring.Seal(cell, []byte("ada@example.com"))

	// A new key takes over; the old one opens what is left.
	if err := ring.Add(field.Key{ID: 2, Secret: secret.New(newKey()), State: field.Primary}); err != nil {
		fmt.Println(err)
	}
	stale, _ := ring.NeedsReseal(sealed)
	fmt.Println("stale:", stale)
	sealed, changed, err := ring.Reseal(cell, sealed)
	fmt.Println("changed:", changed, err)
	fmt.Println(ring.Disable(1))
	plaintext, _ := ring.Open(cell, sealed)
	fmt.Println(string(plaintext))
	// Output:
	// stale: true
	// changed: true <nil>
	// <nil>
	// ada@example.com
}

// What is scanned from a row stays sealed until it is opened with its binding, so nothing prints it by mistake.
func ExampleColumn() {
	emails, err := field.NewColumn[string](field.ColumnConfig{Ring: exampleRing(), Table: "customers", Name: "email", Pad: 32})
	if err != nil {
		fmt.Println(err)
		return
	}
	type customer struct {
		ID    int64
		Email field.Encrypted[string]
	}
	ada := customer{ID: 7}
	ada.Email, _ = emails.Seal("ada@example.com", field.Int(ada.ID))
	fmt.Printf("%+v\n", ada)
	fmt.Println(emails.Open(ada.Email, field.Int(ada.ID)))
	// Output:
	// {ID:7 Email:[sealed]}
	// ada@example.com <nil>
}

func ExampleTable() {
	type customer struct {
		ID    int64
		Email string  `enc:"email,index=eq,email"`
		Phone *string `enc:"phone,pad=32"`
	}
	customers, err := field.NewTable[customer](field.TableConfig{Ring: exampleRing(), Table: "customers"})
	if err != nil {
		fmt.Println(err)
		return
	}
	ada := customer{ID: 7, Email: "Ada@Example.com"}
	cells, err := customers.SealRow(&ada, field.Int(ada.ID))
	fmt.Println(cells, err) // db.Exec("INSERT …", cells.Args()...)

	got := customer{ID: 7} // rows.Scan(cells.Args()...)
	err = customers.OpenRow(cells, &got, field.Int(got.ID))
	fmt.Println(got.Email, got.Phone, err)
	// Output:
	// [email=[sealed] email_eq=[sealed] phone=NULL] <nil>
	// Ada@Example.com <nil> <nil>
}

func ExampleIndex() {
	ring := exampleRing()
	emails, err := field.NewIndex[string](field.IndexConfig{
		Ring: ring, Table: "customers", Column: "email", Name: "eq",
		Transforms: []field.Transform{field.Email()}, Population: 100_000,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	stored, _ := emails.Value("ada@example.com") // in the column email_eq
	candidates, _ := emails.Candidates(" Ada@Example.com ")
	fmt.Println(emails.Bits(), "bits,", len(candidates), "key")
	fmt.Println(string(stored) == string(candidates[0]))
	fmt.Println(emails.Same("ada@example.com", "ADA@example.com")) // after a candidate was opened
	// Output:
	// 15 bits, 1 key
	// true
	// true
}

// An index over two values tells which rows have which, whatever the key.
func ExampleNewIndex_fewValues() {
	_, err := field.NewIndex[bool](field.IndexConfig{Ring: exampleRing(), Table: "patients", Column: "infected", Name: "eq"})
	fmt.Println(err)
	// Output:
	// field: Distinct is so small that the index tells the values; see DangerouslyFewValues
}

func ExamplePlanIndex() {
	fmt.Printf("%+v\n", field.PlanIndex(1_000_000, 1_000_000))
	fmt.Println(field.PlanIndex(1_000_000, 5).Warnings[0])
	// Output:
	// {MinBits:10 MaxBits:18 Warnings:[]}
	// 5 different values: the frequencies of the index tell which is which, at any length
}

func ExampleRing_Derive() {
	ring := exampleRing()
	id, key, err := ring.Derive("invoices/pdf", 0, []byte("invoice 2026-17")) // 0 is the primary
	_, again, _ := ring.Derive("invoices/pdf", id, []byte("invoice 2026-17"))
	fmt.Println(id, len(key), string(key) == string(again), err)
	// Output:
	// 1 32 true <nil>
}

func exampleRing() *field.Ring {
	ring, _ := field.New(field.Config{Keys: []field.Key{{ID: 1, Secret: secret.New(newKey()), State: field.Primary}}})
	return ring
}

// Wrong: encoding/json does not see a field that is not exported, so it would be missing when the value is opened. It is
// refused before anything is lost.
func ExampleNewColumn_leftOut() {
	type address struct{ Street, note string }
	_, err := field.NewColumn[address](field.ColumnConfig{Ring: exampleRing(), Table: "customers", Name: "address"})
	fmt.Println(err)
	in := address{"Main St", "ring twice"}
	b, _ := json.Marshal(in)
	fmt.Println(string(b), "without", in.note)
	// Output:
	// field: T cannot be stored whole: field_test.address.note is not exported, and would be left out
	// {"Street":"Main St"} without ring twice
}
