package graphql

import (
	"math"
	"net/http"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/core"

	"github.com/gopalisade/palisade/internal/ascii"
	"github.com/gopalisade/palisade/internal/conf"
)

// Config describes a [Guard]. SDL or Schema is required: without the schema nobody knows which field is a list.
type Config struct {
	_ [0]func() // keyed literals only, never comparable

	SDL    string      // the schema's text; @cost and @listSize need no declaration in it
	Schema *ast.Schema // the schema as gqlparser loaded it; must not change afterwards

	// Limits of a request, at least 1 each: 0 is the usual value. In a batch they hold for all entries together, but for the
	// depths.
	MaxBytes  int // of the body, or of a GET's query; 64 KiB
	MaxTokens int // of the documents, comments included; 1000
	// MaxVisits bounds what the rules read of a document: its selections, directives and values, those of a fragment again
	// for each operation and each fragment that reaches it. 5 times MaxTokens.
	MaxVisits     int
	MaxDepth      int // fields within fields; 10
	MaxListDepth  int // lists within lists; 4
	MaxAliases    int // counted as often as their fragment is spread; 15
	MaxDuplicates int // fields and fragments that a selection set has already, by name or by alias; 10
	MaxDirectives int // counted as often as their fragment is spread; 20
	MaxValueDepth int // lists and objects within each other, in literals and in the request's JSON; 10
	MaxBatch      int // operations of a request; 1, which means no arrays

	MaxCost  int64 // of the chosen operations; 1000
	ListSize int64 // of a list that nobody said the size of; 10
	// SlicingArguments are the names of arguments and input fields that say how long a list will be, where @listSize says
	// nothing. Case and _ make no difference. They replace the usual ones: first, last, limit, pageSize, pageLimit, perPage,
	// size, take, top, count, maxResults.
	SlicingArguments []string

	// Introspection says whether this request may ask for the schema (__schema, __type, _service); nobody may. Each
	// __schema and each __type costs 100.
	Introspection func(r *http.Request) bool
	Subscriptions bool // let subscriptions pass: each holds a connection, which is yours to bound

	// GET lets queries, never mutations, come in the URL. Preflight is a header that they must carry, so that no page of
	// another site can send one unasked.
	GET       bool
	Preflight string // "GraphQL-Require-Preflight"

	// Documents holds the documents that are trusted by id. Of the limits only MaxDocumentCost applies to them, since their
	// variables are still the client's. OnlyDocuments refuses all others.
	Documents       Documents
	OnlyDocuments   bool
	MaxDocumentCost int64 // MaxCost

	ExposeLimits bool // tell clients which limit they broke; good in development

	Deny func(w http.ResponseWriter, r *http.Request, err error) // [Write]
}

// limits are those that a walk obeys.
type limits struct {
	depth, lists, values                                  int
	tokens, visits, aliases, duplicates, directives, cost int64
}

// Guard judges requests. It is safe for concurrent use.
type Guard struct {
	schema        *ast.Schema
	table         *table
	rules         []core.Rule
	bytes         int64
	batch         int
	limits        limits
	trusted       limits
	introspection func(*http.Request) bool
	subscriptions bool
	get           bool
	preflight     string
	documents     Documents
	only          bool
	expose        bool
	deny          func(http.ResponseWriter, *http.Request, error)
}

// New returns a Guard, or every fault of cfg joined.
func New(cfg Config) (*Guard, error) {
	f := conf.Faults{Room: "graphql"}
	f.Check((cfg.SDL == "") != (cfg.Schema == nil), "SDL", nil, "or Schema is required, and only one of them")
	f.Check(!cfg.OnlyDocuments || cfg.Documents != nil, "OnlyDocuments", true, "needs Documents")
	f.Check(cfg.MaxDocumentCost == 0 || cfg.Documents != nil, "MaxDocumentCost", cfg.MaxDocumentCost, "needs Documents")
	f.Check(cfg.Preflight == "" || cfg.GET, "Preflight", cfg.Preflight, "needs GET")
	cfg.defaults()
	cfg.check(&f)
	g := &Guard{
		bytes: int64(cfg.MaxBytes), batch: cfg.MaxBatch, introspection: cfg.Introspection, subscriptions: cfg.Subscriptions,
		get: cfg.GET, preflight: http.CanonicalHeaderKey(cfg.Preflight), documents: cfg.Documents, only: cfg.OnlyDocuments,
		expose: cfg.ExposeLimits, deny: cfg.Deny,
		limits: limits{
			depth: cfg.MaxDepth, lists: cfg.MaxListDepth, values: cfg.MaxValueDepth, tokens: int64(cfg.MaxTokens),
			visits: int64(cfg.MaxVisits), aliases: int64(cfg.MaxAliases), duplicates: int64(cfg.MaxDuplicates),
			directives: int64(cfg.MaxDirectives), cost: cfg.MaxCost,
		},
		trusted: limits{
			depth: many, lists: many, values: many, tokens: many, visits: many, aliases: many, duplicates: many, directives: many,
			cost: cfg.MaxDocumentCost,
		},
	}
	if g.deny == nil {
		g.deny = Write
	}
	if (cfg.SDL == "") != (cfg.Schema == nil) {
		g.schema = load(&f, &cfg)
	}
	if g.schema != nil {
		f.Check(g.schema.Query != nil, "Schema", nil, "must have a query type")
		g.table = compile(&f, g.schema, &cfg)
		g.rules = slices.Concat(specified, g.table.rules())
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	return g, nil
}

func (cfg *Config) defaults() {
	conf.Default(&cfg.MaxBytes, 64<<10)
	conf.Default(&cfg.MaxTokens, 1000)
	conf.Default(&cfg.MaxVisits, 5*min(max(cfg.MaxTokens, 1), math.MaxInt/5))
	conf.Default(&cfg.MaxDepth, 10)
	conf.Default(&cfg.MaxListDepth, 4)
	conf.Default(&cfg.MaxAliases, 15)
	conf.Default(&cfg.MaxDuplicates, 10)
	conf.Default(&cfg.MaxDirectives, 20)
	conf.Default(&cfg.MaxValueDepth, 10)
	conf.Default(&cfg.MaxBatch, 1)
	conf.Default(&cfg.MaxCost, 1000)
	conf.Default(&cfg.ListSize, 10)
	conf.Default(&cfg.MaxDocumentCost, cfg.MaxCost)
	conf.Default(&cfg.Preflight, "GraphQL-Require-Preflight")
}

// usualSlicing are the usual [Config.SlicingArguments].
var usualSlicing = []string{
	"first", "last", "limit", "pageSize", "pageLimit", "perPage", "size", "take", "top", "count", "maxResults",
}

func (cfg *Config) check(f *conf.Faults) {
	for _, l := range [...]struct {
		field string
		value int64
	}{
		{"MaxBytes", int64(cfg.MaxBytes)},
		{"MaxTokens", int64(cfg.MaxTokens)},
		{"MaxVisits", int64(cfg.MaxVisits)},
		{"MaxDepth", int64(cfg.MaxDepth)},
		{"MaxListDepth", int64(cfg.MaxListDepth)},
		{"MaxAliases", int64(cfg.MaxAliases)},
		{"MaxDuplicates", int64(cfg.MaxDuplicates)},
		{"MaxDirectives", int64(cfg.MaxDirectives)},
		{"MaxValueDepth", int64(cfg.MaxValueDepth)},
		{"MaxBatch", int64(cfg.MaxBatch)},
		{"MaxCost", cfg.MaxCost},
		{"ListSize", cfg.ListSize},
		{"MaxDocumentCost", cfg.MaxDocumentCost},
	} {
		f.Check(l.value > 0, l.field, l.value, "must be at least 1")
	}
	f.Check(cfg.MaxValueDepth <= maxValueDepth, "MaxValueDepth", cfg.MaxValueDepth, "must be at most 1000, for the stack's sake")
	f.Check(ascii.All(cfg.Preflight, ascii.Tchar), "Preflight", cfg.Preflight, "must be the name of a header")
	f.Check(!unasked(cfg.Preflight), "Preflight", cfg.Preflight, "must be another: it comes without a preflight")
	f.Check(cfg.ListSize <= mostListSize, "ListSize", cfg.ListSize, "must be at most 1<<30")
	f.Check(cfg.SlicingArguments == nil || len(cfg.SlicingArguments) > 0, "SlicingArguments", nil, "must have names, or be nil")
}

const (
	maxValueDepth = 1000 // as deep as the parser goes
	mostListSize  = 1 << 30
)
