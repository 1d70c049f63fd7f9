package upload_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/upload"
	"github.com/gopalisade/palisade/upload/content"
	"github.com/gopalisade/palisade/upload/storage"
	"github.com/gopalisade/palisade/upload/uploadtest"
)

func TestFaults(t *testing.T) {
	store, scanner := storage.NewMemory(1<<20), &uploadtest.FakeScanner{}
	good := func(change func(*upload.Config)) upload.Config {
		cfg := usual()
		cfg.Store, cfg.Scanner = store, scanner
		change(&cfg)
		return cfg
	}
	field := func(change func(*upload.Field)) upload.Config {
		return good(func(c *upload.Config) { change(&c.Fields[0]) })
	}
	value := func(change func(*upload.Value)) upload.Config {
		return good(func(c *upload.Config) { change(&c.Values[0]) })
	}
	limits := func(l upload.Limits) upload.Config { return good(func(c *upload.Config) { c.Limits = l }) }
	for _, tc := range []struct {
		name string
		cfg  upload.Config
		want string // in the error; nothing: none
	}{
		{"good", good(func(*upload.Config) {}), ""},
		{"unscanned", good(func(c *upload.Config) { c.Scanner, c.DangerouslyUnscanned = nil, true }), ""},
		{"nothing", upload.Config{}, "Fields"},
		{"no store", good(func(c *upload.Config) { c.Store = nil }), "Store"},
		{"no scanner", good(func(c *upload.Config) { c.Scanner = nil }), "Scanner"},
		{"scanner and none", good(func(c *upload.Config) { c.DangerouslyUnscanned = true }), "DangerouslyUnscanned"},
		{"no name", field(func(f *upload.Field) { f.Name = "" }), "must have a name"},
		{"odd name", field(func(f *upload.Field) { f.Name = `a"b` }), "must have a name"},
		{"twice", good(func(c *upload.Config) { c.Fields = append(c.Fields, c.Fields[0]) }), "name of its own"},
		{"value of a field", value(func(v *upload.Value) { v.Name = "files" }), "name of its own"},
		{"no types", field(func(f *upload.Field) { f.Types = nil }), "Types"},
		{"unknown type", field(func(f *upload.Field) { f.Types = []content.Type{"image/svg+xml"} }), "no type of package content"},
		{"negative count", field(func(f *upload.Field) { f.Max = -1 }), "Max"},
		{"negative size", field(func(f *upload.Field) { f.MaxBytes = -1 }), "MaxBytes"},
		{"huge", field(func(f *upload.Field) { f.MaxBytes = 1 << 41 }), "MaxBytes"},
		{"content", field(func(f *upload.Field) { f.Content.Frames = -1 }), "Frames"},
		{"value", value(func(v *upload.Value) { v.Max = 1001 }), "Max"},
		{"value name", value(func(v *upload.Value) { v.Name = "a b" }), "must have a name"},
		{"value size", value(func(v *upload.Value) { v.MaxBytes = 2 << 20 }), "MaxBytes"},
		{"body", limits(upload.Limits{Body: -1}), "Limits.Body"},
		{"parts", limits(upload.Limits{Parts: -1}), "Limits.Parts"},
		{"header", limits(upload.Limits{Header: 10}), "Limits.Header"},
		{"rate", limits(upload.Limits{MinRate: -1}), "Limits.MinRate"},
		{"timeout", limits(upload.Limits{Timeout: -time.Second}), "Limits.Timeout"},
		{"concurrent", limits(upload.Limits{Concurrent: 1 << 20}), "Limits.Concurrent"},
		{"scans", limits(upload.Limits{Scans: 100}), "Limits.Scans"},
		{"scan time", limits(upload.Limits{ScanTime: -1}), "Limits.ScanTime"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			g, err := upload.New(tc.cfg)
			if tc.want == "" && err != nil || tc.want != "" && (err == nil || g != nil || !strings.Contains(err.Error(), tc.want)) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

// TestConfigIsCopied: what happens to the slices afterwards changes nothing.
func TestConfigIsCopied(t *testing.T) {
	cfg := usual()
	b := newBench(t, cfg)
	cfg.Fields[0].Name, cfg.Values[0].Name = "x", "y"
	b.want("as before", form(uploadtest.Value("title", "x"), sample("a.png", content.PNG)), 201, "")
}

func TestStatus(t *testing.T) {
	for s, want := range map[upload.Status]string{
		upload.Unknown: "unknown", upload.Clean: "clean", upload.Infected: "infected", upload.Unscannable: "unscannable", 9: "status(9)",
	} {
		if got := s.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestDefaults: what is not said is bounded.
func TestDefaults(t *testing.T) {
	cfg := usual()
	cfg.Store, cfg.Scanner = storage.NewMemory(1<<20), &uploadtest.FakeScanner{}
	cfg.Fields[0].Max, cfg.Fields[0].MaxBytes, cfg.Values[0].Max, cfg.Values[0].MaxBytes = 0, 0, 0, 0
	g, err := upload.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	got := upload.ConfigOf(g)
	if f, v := got.Fields[0], got.Values[0]; f.Max != 1 || f.MaxBytes != 5<<20 || v.Max != 1 || v.MaxBytes != 4<<10 {
		t.Errorf("got %+v, %+v", f, v)
	}
	if want := (upload.Limits{
		Body: 64<<10 + 5<<20 + 1024 + 4<<10 + 1024, Parts: 18, Header: 16 << 10, MinRate: 4 << 10, Timeout: 2 * time.Minute, Concurrent: 64,
		Scans: 4, ScanTime: time.Minute,
	}); got.Limits != want {
		t.Errorf("got %+v, want %+v", got.Limits, want)
	}
	if cfg.Fields[0].Max != 0 {
		t.Error("the caller's own field was changed")
	}
}

// TestAllFaults: a Config is mended in one go.
func TestAllFaults(t *testing.T) {
	cfg := upload.Config{
		Fields: []upload.Field{{Name: "a*"}, {Name: "ok", Types: content.Images(), Max: 1001}},
		Values: []upload.Value{{Name: strings.Repeat("n", 101)}, {Name: "ok", MaxBytes: -1}},
		Limits: upload.Limits{Header: 1 << 21, Concurrent: -1, Scans: -1},
	}
	_, err := upload.New(cfg)
	if err == nil {
		t.Fatal("no fault")
	}
	for _, want := range []string{
		"Store", "Scanner", `"a*"`, "Fields.a*.Types", "Fields.ok.Max", "Values", "name of its own", "Values.ok.MaxBytes", "Limits.Header",
		"Limits.Concurrent", "Limits.Scans",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s in it", err, want)
		}
	}
}
