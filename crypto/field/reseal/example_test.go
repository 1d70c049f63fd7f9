package reseal_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/field/reseal"
	"github.com/gopalisade/palisade/crypto/field/reseal/resealtest"
)

// A key is replaced: a new one becomes the primary, the rows follow, and the old one goes.
func Example() {
	ring, customers, rows := exampleTable() // three rows under key 1
	ctx := context.Background()
	if err := ring.Add(key(2, field.Primary)); err != nil {
		fmt.Println(err)
		return
	}
	r, err := reseal.New(reseal.Config{
		Ring: ring, Rows: rows, Table: customers, // Rows: sqlstore.NewRows(…)
		RowsPerSecond: 2000,
		OnDamaged:     func(cursor string, cause error) { fmt.Println("row", cursor, cause) },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := r.Run(ctx)
	fmt.Println(p.Read, "read,", p.Resealed, "resealed", err)
	p, err = r.Run(ctx)
	fmt.Println(p.Read, "read,", p.Resealed, "resealed", err)
	fmt.Println(reseal.Retire(ctx, ring, 1, rows), ring.Keys())
	// Output:
	// 3 read, 3 resealed <nil>
	// 3 read, 0 resealed <nil>
	// <nil> [{1 disabled} {2 primary}]
}

// Wrong: the old key goes as soon as there is a new one. What it sealed would not open any more.
func ExampleRetire_tooEarly() {
	ring, customers, rows := exampleTable()
	_ = ring.Add(key(2, field.Primary))

	err := reseal.Retire(context.Background(), ring, 1, rows)
	fmt.Println(err)
	fmt.Println(errors.Is(err, reseal.ErrInUse))

	var c customer
	fmt.Println(customers.OpenRow(rows.Get(1), &c, field.Int(1)), c.Email)
	// Output:
	// reseal: key is in use: key 1, 3 cells
	// true
	// <nil> ada@example.com
}

// A row that does not open is told and left alone, and no key goes before somebody has looked at it.
func ExampleResealer_Run_damaged() {
	ring, customers, rows := exampleTable()
	_ = ring.Add(key(2, field.Primary))
	cells := rows.Get(2)
	cells.Get("email").Bytes[30] ^= 1
	_ = rows.Put(context.Background(), 2, cells)

	r, err := reseal.New(reseal.Config{Ring: ring, Rows: rows, Table: customers})
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := r.Run(context.Background())
	fmt.Println(err)
	fmt.Println("resealed", p.Resealed, "damaged", p.DamagedAt)
	fmt.Println(reseal.Retire(context.Background(), ring, 1, rows))
	// Output:
	// reseal: rows cannot be opened or indexed: 1 of 3
	// resealed 2 damaged [2]
	// reseal: key is in use: key 1, 1 cells
}

// Before the first run, a dry one tells what it would do.
func ExampleConfig_dryRun() {
	ring, customers, rows := exampleTable()
	_ = ring.Add(key(2, field.Primary))
	r, err := reseal.New(reseal.Config{Ring: ring, Rows: rows, Table: customers, DryRun: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := r.Run(context.Background())
	fmt.Println("would reseal", p.Resealed, err)
	fmt.Println(reseal.Count(context.Background(), rows))
	// Output:
	// would reseal 3 <nil>
	// map[1:3] <nil>
}

// exampleTable has three customers under key 1.
func exampleTable() (*field.Ring, *field.Table[customer], *resealtest.Memory) {
	ring, _ := field.New(field.Config{Keys: []field.Key{key(1, field.Primary)}})
	customers, _ := field.NewTable[customer](field.TableConfig{Ring: ring, Table: "customers"})
	rows := new(resealtest.Memory)
	for i, email := range []string{"ada@example.com", "bob@example.com", "eve@example.com"} {
		id := int64(i) + 1
		cells, _ := customers.SealRow(&customer{Email: email}, field.Int(id))
		_ = rows.Put(context.Background(), id, cells)
	}
	return ring, customers, rows
}
