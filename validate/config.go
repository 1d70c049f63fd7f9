package validate

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"time"

	"github.com/gopalisade/palisade/internal/conf"
)

// Config describes a [Schema]. The zero Config is the strict one.
type Config struct {
	_ [0]func() // keyed literals only, never comparable

	Limits Limits          // what a request may cost
	Rules  map[string]Rule // further names for the validate tag, which run last; a built-in name is a fault

	// Can reports whether the caller has a permission; it is asked once a request for each permission that an access tag
	// names. Required where T has such tags. With package rbac:
	//
	//	Can: func(ctx context.Context, permission string) bool {
	//		p, _ := auth.From(ctx)
	//		return model.Can(p, permission)
	//	},
	Can func(ctx context.Context, permission string) bool

	// MediaTypes are further names for a JSON body, such as "application/merge-patch+json".
	MediaTypes []string

	OptionalBody bool // no body at all is as good as {}
	ForeignBody  bool // the body is another room's, an upload: it is neither read nor refused
	AllowUnknown bool // skip unknown JSON members, for the messages of systems that grow by themselves

	// AllowUnknownQuery ignores query parameters that T does not name, which are refused otherwise even where T names none.
	AllowUnknownQuery bool

	// BodyTimeout bounds the reading of a body by Wrap and Handle; 10 s, or the server's ReadTimeout where that is shorter. A
	// negative one leaves it to the server, as Bind does.
	BodyTimeout time.Duration

	Messages *Catalog // sentences for people, by Accept-Language; English ones

	Deny func(w http.ResponseWriter, r *http.Request, err error) // problem.Write
}

// Limits bound what one request may cost. Zero fields get the usual value.
type Limits struct {
	Body       int // bytes of body; 1 MiB
	Depth      int // nested objects and arrays; 32
	Members    int // members of one object; 1000
	Elements   int // members and elements in the whole body; 10 000
	String     int // bytes of one string, unescaped; 64 KiB
	Number     int // characters of one number; 64
	Params     int // parameters of a query or form; 100
	ParamName  int // bytes of a parameter's name, decoded; 128
	ParamValue int // bytes of a query, path or header value, decoded; 4 KiB
	Errors     int // faults reported at once; 32
}

// safelisted are the types that a page may send to another site without asking it (Fetch section 2.2.2).
var safelisted = []string{"text/plain", "multipart/form-data", "application/x-www-form-urlencoded"}

// maxLimit keeps every limit far from what an int overflows at.
const maxLimit = 1 << 30

func (l *Limits) complete(f *conf.Faults) {
	for _, e := range []struct {
		name  string
		limit *int
		usual int
	}{
		{"Body", &l.Body, 1 << 20},
		{"Depth", &l.Depth, 32},
		{"Members", &l.Members, 1000},
		{"Elements", &l.Elements, 10_000},
		{"String", &l.String, 64 << 10},
		{"Number", &l.Number, 64},
		{"Params", &l.Params, 100},
		{"ParamName", &l.ParamName, 128},
		{"ParamValue", &l.ParamValue, 4 << 10},
		{"Errors", &l.Errors, 32},
	} {
		conf.Default(e.limit, e.usual)
		f.Check(*e.limit > 0 && *e.limit <= maxLimit, "Limits."+e.name, *e.limit, "must be between 1 and 2^30")
	}
	f.Check(l.Depth <= 1000, "Limits.Depth", l.Depth, "must be at most 1000: each level is a call")
}

// New compiles the Schema of T, or returns every fault of cfg and of T's tags, joined.
//
// T is a struct. Each exported field has exactly one source: json, query, path, header or form with the name on the wire,
// body:"json" for a field that is the whole body, or "-" for none. Fields of embedded structs count as T's own, and the
// fields of nested structs are json. Beside the source stand default, norm, validate and access; [Schema] tells what they
// may say.
func New[T any](cfg Config) (*Schema[T], error) {
	f := conf.Faults{Room: "validate"}
	cfg.Limits.complete(&f)
	conf.Default(&cfg.BodyTimeout, 10*time.Second)
	for _, mediaType := range cfg.MediaTypes {
		f.Check(validMediaType(mediaType), "MediaTypes", mediaType, "must be type/subtype in lower case, without parameters")
		f.Check(!slices.Contains(safelisted, mediaType), "MediaTypes", mediaType,
			"must be another: pages of every site can send it unasked")
	}
	if cfg.Messages == nil {
		cfg.Messages = english
	}
	c := newCompiler(&cfg, &f)
	root := c.root(reflect.TypeFor[T]())
	f.Check(c.access.len() == 0 || cfg.Can != nil, "Can", nil, "is required where an access tag names a permission")
	f.Check(!cfg.ForeignBody || !root.hasBody(), "ForeignBody", nil, "must be false where T has fields in the body")
	if err := f.Err(); err != nil {
		return nil, err
	}
	return &Schema[T]{plan: c.finish(root)}, nil
}
