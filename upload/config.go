package upload

import (
	"net/http"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/gopalisade/palisade/internal/conf"
	"github.com/gopalisade/palisade/upload/content"
	"github.com/gopalisade/palisade/upload/storage"
)

// Config describes a [Guard]. Fields, Store and Scanner are required.
type Config struct {
	_ [0]func() // keyed literals only, never comparable

	Fields []Field // of files
	Values []Value // of text
	Limits Limits
	Store  storage.Store

	// Scanner judges each file when it is complete. See package clamav.
	Scanner Scanner
	// DangerouslyUnscanned stores files that nobody has looked into: whoever downloads one runs what the sender wished.
	DangerouslyUnscanned bool

	// ValuesFirst refuses a file in front of a value, for handlers that decide by the values, such as a token against forgery.
	ValuesFirst bool

	Owner func(r *http.Request) string // who is written beside the files; nobody

	Deny func(w http.ResponseWriter, r *http.Request, err error) // problem.Write
}

// Field is a name under which files may come.
type Field struct {
	Name     string
	Types    []content.Type // what they may be
	Max      int            // how many; 1
	MaxBytes int64          // how long each, as sent and as kept; 5 MiB
	Required bool           // at least one
	Content  content.Limits // what is in them

	// Reencode writes images anew, so that nothing but their pixels is kept: where a camera was, and what somebody hid, is
	// gone. The file that was sent is scanned first, and the one that is kept after it.
	Reencode *content.Reencoder
}

// Value is a name under which text may come.
type Value struct {
	Name     string
	Max      int   // how many; 1
	MaxBytes int64 // how long each; 4 KiB
	Required bool  // at least one that is not empty
}

// Limits bound what one request may cost. MinRate and Timeout hold for a client that falls silent only where the writer sets
// deadlines: one that hides its connection, such as http.TimeoutHandler's, leaves them to the server's own ReadTimeout.
type Limits struct {
	Body       int64         // bytes of the whole form; what Fields and Values allow, and 64 KiB
	Parts      int           // files and values; what Fields and Values allow, and 16
	Header     int           // bytes of one part's header; 16 KiB
	MinRate    int64         // bytes a second, after ten seconds; 4 KiB
	Timeout    time.Duration // of the whole form; 2 min
	Concurrent int           // forms being read and judged at a time, others are refused; their handlers do not count; 64
	Scans      int           // files of one form that are scanned at a time; 4
	ScanTime   time.Duration // of one file; 1 min
}

// New returns a Guard, or every fault of cfg joined.
func New(cfg Config) (*Guard, error) {
	f := conf.Faults{Room: "upload"}
	f.Check(len(cfg.Fields) > 0, "Fields", nil, "is required")
	f.Check(cfg.Store != nil, "Store", nil, "is required")
	f.Check(cfg.Scanner != nil || cfg.DangerouslyUnscanned, "Scanner", nil, "is required, unless DangerouslyUnscanned says otherwise")
	f.Check(cfg.Scanner == nil || !cfg.DangerouslyUnscanned, "DangerouslyUnscanned", true, "must be false beside a Scanner")
	g := &Guard{cfg: cfg, fields: map[string]*Field{}, values: map[string]*Value{}}
	g.cfg.Fields, g.cfg.Values = slices.Clone(cfg.Fields), slices.Clone(cfg.Values)
	var body int64 = 64 << 10
	parts := 16 // forms name controls in which nothing was chosen
	for i := range g.cfg.Fields {
		field := &g.cfg.Fields[i]
		field.check(&f, g.taken(field.Name))
		g.fields[field.Name] = field
		body, parts = body+int64(field.Max)*(field.MaxBytes+1024), parts+field.Max
	}
	for i := range g.cfg.Values {
		value := &g.cfg.Values[i]
		value.check(&f, g.taken(value.Name))
		g.values[value.Name] = value
		body, parts = body+int64(value.Max)*(value.MaxBytes+1024), parts+value.Max
	}
	g.cfg.Limits.complete(&f, body, parts)
	if err := f.Err(); err != nil {
		return nil, err
	}
	g.running = make(chan struct{}, g.cfg.Limits.Concurrent)
	g.checking = make(chan struct{}, runtime.GOMAXPROCS(0))
	return g, nil
}

func (g *Guard) taken(name string) bool {
	return g.fields[name] != nil || g.values[name] != nil
}

// maxBytes keeps sums far from overflow.
const maxBytes = 1 << 40

func (field *Field) check(f *conf.Faults, taken bool) {
	field.Types = slices.Clone(field.Types)
	conf.Default(&field.Max, 1)
	conf.Default(&field.MaxBytes, 5<<20)
	f.Check(goodName(field.Name), "Fields", field.Name, "must have a name of 1 to 100 printable ASCII characters without quotes and stars")
	f.Check(!taken, "Fields", field.Name, "must have a name of its own")
	f.Check(field.Max > 0 && field.Max <= 1000, "Fields."+field.Name+".Max", field.Max, "must be between 1 and 1000")
	f.Check(field.MaxBytes > 0 && field.MaxBytes <= maxBytes, "Fields."+field.Name+".MaxBytes", field.MaxBytes, "must be between 1 and 2^40")
	f.Check(len(field.Types) > 0, "Fields."+field.Name+".Types", nil, "is required")
	if err := field.Content.Faults(); err != nil {
		f.Check(false, "Fields."+field.Name+".Content", nil, err.Error())
	}
	for _, t := range field.Types {
		f.Check(len(t.Extensions()) > 0, "Fields."+field.Name+".Types", string(t), "is no type of package content")
	}
}

func (value *Value) check(f *conf.Faults, taken bool) {
	conf.Default(&value.Max, 1)
	conf.Default(&value.MaxBytes, 4<<10)
	f.Check(goodName(value.Name), "Values", value.Name, "must have a name of 1 to 100 printable ASCII characters without quotes and stars")
	f.Check(!taken, "Values", value.Name, "must have a name of its own")
	f.Check(value.Max > 0 && value.Max <= 1000, "Values."+value.Name+".Max", value.Max, "must be between 1 and 1000")
	f.Check(value.MaxBytes > 0 && value.MaxBytes <= 1<<20, "Values."+value.Name+".MaxBytes", value.MaxBytes, "must be between 1 and 2^20")
}

func (l *Limits) complete(f *conf.Faults, body int64, parts int) {
	conf.Default(&l.Body, body)
	conf.Default(&l.Parts, parts)
	conf.Default(&l.Header, 16<<10)
	conf.Default(&l.MinRate, 4<<10)
	conf.Default(&l.Timeout, 2*time.Minute)
	conf.Default(&l.Concurrent, 64)
	conf.Default(&l.Scans, 4)
	conf.Default(&l.ScanTime, time.Minute)
	f.Check(l.Body > 0, "Limits.Body", l.Body, "must be positive")
	f.Check(l.Parts > 0, "Limits.Parts", l.Parts, "must be positive")
	f.Check(l.Header >= 256 && l.Header <= 1<<20, "Limits.Header", l.Header, "must be between 256 bytes and 1 MiB")
	f.Check(l.MinRate > 0, "Limits.MinRate", l.MinRate, "must be positive")
	f.Check(l.Timeout > 0, "Limits.Timeout", l.Timeout, "must be positive")
	f.Check(l.Concurrent > 0 && l.Concurrent <= 1<<16, "Limits.Concurrent", l.Concurrent, "must be between 1 and 65536")
	f.Check(l.Scans > 0 && l.Scans <= 64, "Limits.Scans", l.Scans, "must be between 1 and 64")
	f.Check(l.ScanTime > 0, "Limits.ScanTime", l.ScanTime, "must be positive")
}

func goodName(s string) bool {
	return s != "" && len(s) <= 100 && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r > '~' || r == '"' || r == '\\' || r == '*' // which readHeader refuses
	})
}
