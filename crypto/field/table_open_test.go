package field_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/crypto/field"
)

type person struct {
	Profile struct {
		Name  string `json:"name,omitempty"`
		Notes string `json:"notes,omitempty"`
	} `enc:"profile"`
	Tags map[string]string `enc:"tags"`
	List []int             `enc:"list"`
	Home *address          `enc:"home"`
}

// One variable serves all rows of a loop, as it does with Scan. No row may find or change what is of another one.
func TestRowsShareOneVariable(t *testing.T) {
	table := tableOf[person](t, newRing(t, 0))
	var ada, bob person
	ada.Profile.Name, ada.Profile.Notes = "Ada", "allergic"
	ada.Tags, ada.List, ada.Home = map[string]string{"a": "1"}, []int{1, 2, 3}, &address{"Main", 1}
	bob.Profile.Name = "Bob"
	bob.Tags, bob.List = map[string]string{"b": "2"}, []int{9}
	var v person
	for i, want := range []person{ada, bob, {}, ada} {
		row := field.Int(int64(i + 1))
		if err := table.OpenRow(sealRow(t, table, want, row), &v, row); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(v, want) {
			t.Errorf("row %d: got %+v, want %+v", i, v, want)
		}
		v = person{v.Profile, v.Tags, v.List, v.Home} // and the slices and maps of the row before stay its own
	}
	kept := v
	if err := table.OpenRow(sealRow(t, table, bob, field.Int(7)), &v, field.Int(7)); err != nil || !reflect.DeepEqual(kept, ada) {
		t.Errorf("what was kept of a row was changed by the next: got %+v, %v, want %+v", kept, err, ada)
	}
}

// The first column opens, the second has another type.
func TestRowThatFailsChangesNothing(t *testing.T) {
	type now struct {
		Tags  map[string]string `enc:"tags"`
		List  []int             `enc:"list"`
		Count int               `enc:"count"`
	}
	type before struct {
		Tags  map[string]string `enc:"tags"`
		List  []int             `enc:"list"`
		Count string            `enc:"count"`
	}
	ring := newRing(t, 0)
	cells := sealRow(t, tableOf[before](t, ring), before{map[string]string{"x": "new"}, []int{5}, "text"}, field.Int(1))
	tags, list := map[string]string{"kept": "1"}, []int{1, 2}
	v := now{tags, list, 5}
	err := tableOf[now](t, ring).OpenRow(cells, &v, field.Int(1))
	if !errors.Is(err, field.ErrValue) || v.Count != 5 {
		t.Errorf("got %+v, %v", v, err)
	}
	if !maps.Equal(tags, map[string]string{"kept": "1"}) || !slices.Equal(list, []int{1, 2}) {
		t.Errorf("a row that failed has changed %v, %v", tags, list)
	}
}

// meddler changes something else while it is read.
type meddler struct{ Do func() }

var meddle func()

func (m meddler) MarshalJSON() ([]byte, error) { return []byte("{}"), nil }
func (m *meddler) UnmarshalJSON([]byte) error  { meddle(); return nil }

// Fields without a tag may be guarded by a lock, and are neither read nor written.
func TestRowLeavesOtherFields(t *testing.T) {
	type row struct {
		Hits int
		More meddler `enc:"more"`
	}
	table := tableOf[row](t, newRing(t, 0))
	cells := sealRow(t, table, row{}, field.Int(1))
	var v row
	meddle = func() { v.Hits = 5 }
	if err := table.OpenRow(cells, &v, field.Int(1)); err != nil || v.Hits != 5 {
		t.Errorf("Hits has no tag, was set to 5 meanwhile, and is %d, %v", v.Hits, err)
	}
}

// JSON does not keep which cells are of indexes; their names tell.
func TestRowThroughJSON(t *testing.T) {
	ring := newRing(t, 0)
	table := tableOf[customer](t, ring)
	in := ada()
	b, err := json.Marshal(sealRow(t, table, in, field.Int(7)))
	if err != nil || strings.Contains(string(b), "Ada") {
		t.Fatalf("got %s, %v", b, err)
	}
	var cells field.Cells
	if err := json.Unmarshal(b, &cells); err != nil {
		t.Fatal(err)
	}
	out := customer{ID: in.ID, Clear: in.Clear, hidden: in.hidden}
	if err := table.OpenRow(cells, &out, field.Int(7)); err != nil || !same(in, out) {
		t.Errorf("got %+v, %v", out, err)
	}
	if err := ring.SetPrimary(3); err != nil {
		t.Fatal(err)
	}
	again, changed, err := table.Reseal(cells, field.Int(7))
	if err != nil || !changed {
		t.Fatalf("got %t, %v", changed, err)
	}
	want, _ := table.Candidates("email", &in)
	if got := again.Get("email_eq").Bytes; !bytes.Equal(got, want[0]) {
		t.Errorf("the index of the new key is %x, want %x", got, want[0])
	}
	cells = append(cells, field.Cell{Column: "born_eq", Bytes: []byte("x")})
	if err := table.OpenRow(cells, &out, field.Int(7)); !errors.Is(err, field.ErrFormat) {
		t.Errorf("a column that is no index: got %v", err)
	}
}

// Cells in any order, twice, or of other columns.
func TestCellsInDisorder(t *testing.T) {
	table := tableOf[customer](t, newRing(t, 0))
	in := ada()
	good := sealRow(t, table, in, field.Int(7))
	backwards := slices.Clone(good)
	slices.Reverse(backwards)
	null := in
	null.Phone = nil
	for name, cells := range map[string]field.Cells{
		"backwards": backwards, "twice": slices.Concat(good, good),
		"NULL before": slices.Concat(sealRow(t, table, null, field.Int(7)), good),
	} {
		out := customer{ID: in.ID, Clear: in.Clear, hidden: in.hidden}
		if err := table.OpenRow(cells, &out, field.Int(7)); err != nil || !same(in, out) {
			t.Errorf("%s: got %+v, %v", name, out, err)
		}
	}
	out := customer{ID: in.ID, Clear: in.Clear, hidden: in.hidden}
	cells := append(slices.Clone(good), field.Cell{Column: "phone"})
	if err := table.OpenRow(cells, &out, field.Int(7)); err != nil || out.Phone != nil {
		t.Errorf("NULL behind: got %+v, %v", out, err)
	}
	for name, cells := range map[string]field.Cells{
		"empty": {{Column: "email", Bytes: []byte{}}}, "zero": {{}}, "late": {good[0], {Column: "born", Bytes: []byte("xx")}},
	} {
		out := customer{Email: "before"}
		if err := table.OpenRow(cells, &out, field.Int(7)); !errors.Is(err, field.ErrOpen) || out.Email != "before" {
			t.Errorf("%s: got %+v, %v", name, out, err)
		}
	}
}

// Logs show neither ciphertext nor index values, which tell equal rows.
func TestCellsInALog(t *testing.T) {
	cells := sealRow(t, tableOf[customer](t, newRing(t, 0)), ada(), field.Int(7))
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "cell", cells[1], "pointer", &cells[1], "row", cells)
	if strings.Contains(log.String(), "Bytes") || !strings.Contains(log.String(), `"row":"[email=[sealed] email_eq=[sealed] `) {
		t.Errorf("got %s", log.String())
	}
}

// A zero Table, Column and Index fail, and do not panic.
func TestZeroTable(t *testing.T) {
	var table field.Table[customer]
	in := ada()
	if _, err := table.SealRow(&in, field.Int(7)); !errors.Is(err, field.ErrClosed) {
		t.Errorf("got %v", err)
	}
	if err := table.Tenant("acme").OpenRow(nil, &in, field.Int(7)); !errors.Is(err, field.ErrClosed) {
		t.Errorf("got %v", err)
	}
	if _, err := table.Candidates("email", &in); !errors.Is(err, field.ErrValue) || table.Same("email", &in, &in) {
		t.Errorf("got %v", err)
	}
	if table.Columns() != nil || table.Cells() != nil || table.Warnings() != nil {
		t.Error("columns without a table")
	}
	var ix field.Index[string]
	if _, err := ix.Tenant("acme").Value("x"); !errors.Is(err, field.ErrClosed) {
		t.Errorf("got %v", err)
	}
}
