package validate

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/gopalisade/palisade/internal/conf"
)

// compiler turns types into a plan and collects what is wrong with them.
type compiler struct {
	cfg    *Config
	faults *conf.Faults
	engine *engine
	memo   map[reflect.Type]*object
	inner  map[reflect.Type]string // where a struct stands in another one
	depth  int
	access permissions
	hooks  bool
}

func newCompiler(cfg *Config, f *conf.Faults) *compiler {
	c := &compiler{cfg: cfg, faults: f, engine: newEngine(), memo: map[reflect.Type]*object{}, inner: map[reflect.Type]string{}}
	for name, r := range cfg.Rules {
		_, taken := builtin(name)
		taken = taken || structural(name)
		f.Check(validName(name), "Rules", name, "must be letters, digits, _ or -, and begin with a letter")
		f.Check(!taken && !c.engine.has(name), "Rules", name, "is the name of a built-in rule")
		f.Check(r.compile != nil, "Rules", name, "must be made by RuleFor, RuleWith or Pattern")
	}
	return c
}

func (c *compiler) fault(where, reason string, args ...any) {
	c.faults.Check(false, where, nil, fmt.Sprintf(reason, args...))
}

func (c *compiler) root(t reflect.Type) *object {
	if t.Kind() != reflect.Struct || opaque(t) {
		c.fault(t.String(), "must be a struct with tagged fields")
		return &object{typ: t}
	}
	o := c.object(t, cmp.Or(t.Name(), "struct"), true)
	if where, ok := c.inner[t]; ok && slices.ContainsFunc(o.fields, func(f field) bool { return f.in != inBody || f.name == "" }) {
		c.fault(where, "has fields that are no JSON members, which only the outermost struct may have")
	}
	return o
}

// object compiles a struct once, so that a type may hold itself.
func (c *compiler) object(t reflect.Type, where string, root bool) *object {
	if !root {
		c.inner[t] = where
	}
	if o, ok := c.memo[t]; ok {
		return o
	}
	o := &object{typ: t, names: map[string]int{}, folded: map[string]bool{}, hook: hookOf(t)}
	c.memo[t] = o
	if _, found := reflect.PointerTo(t).MethodByName("Validate"); found && o.hook == nil {
		c.fault(where, "has a Validate method that is not Validate(context.Context) error, and would not be called")
	}
	c.hooks = c.hooks || o.hook != nil
	c.fields(o, t, where, nil, root)
	if len(o.fields) > maxFields {
		c.fault(where, "must have at most %d fields", maxFields)
		return o
	}
	c.whole(o, where)
	c.names(o, where)
	for i := range o.fields {
		c.crossRules(o, i, where)
	}
	return o
}

// fields appends the fields of t, which is o's type or embedded in it.
func (c *compiler) fields(o *object, t reflect.Type, where string, index []int, root bool) {
	for sf := range t.Fields() {
		at := append(slices.Clone(index), sf.Index...)
		place := where + "." + sf.Name
		tag, fault := readTag(sf.Tag)
		switch {
		case sf.Anonymous && !tag.sourced:
			switch {
			case sf.Type.Kind() != reflect.Struct || opaque(sf.Type):
				c.fault(place, "is embedded and no plain struct: give it a source")
			case tag.any:
				c.fault(place, "is embedded, so its tags do nothing: tag its fields")
			case hookOf(sf.Type) != nil && o.hook == nil:
				c.fault(place, "has one of several embedded Validate methods, of which Go takes none: write one for the whole")
			default:
				c.fields(o, sf.Type, place, at, root)
			}
			continue
		case !sf.IsExported():
			if tag.any {
				c.fault(place, "has tags, but is not exported")
			}
			continue
		case fault != "":
			c.fault(place, "%s", fault)
			continue
		case tag.ignored:
			continue
		case !root && tag.in != inBody, !root && tag.whole:
			c.fault(place, "must be json: only the outermost struct has other sources")
			continue
		}
		o.fields = append(o.fields, c.field(sf, tag, at, place))
	}
}

func (c *compiler) field(sf reflect.StructField, tag fieldTag, index []int, where string) field {
	f := field{
		in: tag.in, name: tag.name, goName: sf.Name, index: index, single: -1,
		comma: tag.comma, slash: tag.slash, options: tag.options,
	}
	if len(index) == 1 {
		f.single = index[0]
	}
	words, err := splitRules(tag.validate)
	if err != nil {
		c.fault(where, "validate: %v", err)
	}
	words, f.required, f.present = takePresence(words)
	f.node = c.node(sf.Type, ruleSource{words: words, norm: tag.norm, required: f.required, field: true}, where)
	if f.read, f.write, err = c.access.parse(tag.access); err != nil {
		c.fault(where, "access: %v", err)
	}
	c.placement(&f, where)
	if tag.hasDefault {
		c.defaultValue(&f, sf.Type, tag.def, where)
	}
	return f
}

// placement checks what a source other than the body can carry.
func (c *compiler) placement(f *field, where string) {
	n := f.node.value()
	if n.kind == kindSlice {
		n = n.elem.value()
	}
	scalar := n.kind <= kindSecret && n.kind != kindBytes
	switch f.in {
	case inQuery, inPath:
		if n.kind == kindSecret {
			c.fault(where, "must not be secret: addresses are logged, stored and passed on")
		}
		if f.in == inPath && f.write.limited {
			c.fault(where, "must not be limited by access: who may use the route is package rbac's")
		}
	case inHeader:
		if f.name == "Host" || f.name == "Content-Length" || f.name == "Transfer-Encoding" || f.name == "Cookie" {
			c.fault(where, "must not be %s, which is no header field of a request in net/http or none of one value", f.name)
		}
	}
	if f.in != inBody && !scalar {
		c.fault(where, "must be text, a number, a bool or a slice of such, to be in the %s", f.in)
	}
	if f.in == inPath && f.node.kind == kindSlice {
		c.fault(where, "must be one value: a path has each name once")
	}
	if f.comma && f.node.value().kind != kindSlice {
		c.fault(where, "must be a slice to be separated by commas")
	}
}

// whole checks a field that is the body: it has no siblings there.
func (c *compiler) whole(o *object, where string) {
	bodies, wholes := 0, 0
	for i := range o.fields {
		if o.fields[i].in == inBody {
			bodies++
			if o.fields[i].name != "" {
				continue
			}
			if wholes++; o.fields[i].write.limited {
				c.fault(where+"."+o.fields[i].goName, "must not be limited by access: limit its members")
			}
		}
	}
	if wholes > 0 && bodies > 1 {
		c.fault(where, "has a field for the whole body, so no other field may be json")
	}
	form := slices.ContainsFunc(o.fields, func(f field) bool { return f.in == inForm })
	if form && bodies > 0 {
		c.fault(where, "takes its body as json and as form: choose one")
	}
}

// names indexes the JSON members and refuses what only differs by case, which somebody else's parser would confuse.
func (c *compiler) names(o *object, where string) {
	type key struct {
		in   source
		name string
	}
	seen := map[key]bool{}
	for i := range o.fields {
		f := &o.fields[i]
		if f.in == inBody {
			o.names[f.name] = i
			o.folded[fold(f.name)] = true
		}
		k := key{f.in, fold(f.name)}
		if seen[k] {
			c.fault(where+"."+f.goName, "has the same %s name as another field", f.in)
		}
		seen[k] = true
	}
}

// fold maps names that differ by case only to the same text, the two letters included that Unicode folds into ASCII.
func fold(name string) string {
	return strings.ToLower(strings.ToUpper(name))
}

// maxNesting is how deep types may stand in each other. A struct that was met before ends the count.
const maxNesting = 64

// node compiles a type at one place.
func (c *compiler) node(t reflect.Type, src ruleSource, where string) *node {
	n := &node{typ: t, max: -1}
	if c.depth++; c.depth > maxNesting {
		c.fault(where, "nests more than %d types, or holds itself without a struct between", maxNesting)
		n.kind, c.depth = kindBool, c.depth-1
		return n
	}
	defer func() { c.depth-- }()
	switch {
	case reflect.PointerTo(t).Implements(reflect.TypeFor[optional]()):
		src.behind = true
		n.kind, n.elem = kindOpt, c.node(reflect.New(t).Interface().(optional).inner(), src, where)
		return n
	case t.Kind() == reflect.Pointer:
		src.behind = true
		n.kind, n.elem = kindPointer, c.node(t.Elem(), src, where)
		return n
	}
	if !c.classify(n, where) {
		return n
	}
	before, after, err := src.dive()
	if err != nil {
		c.fault(where, "validate: %v", err)
		n.kind = kindBool // whatever looks at it next finds nothing inside
		return n
	}
	c.nested(n, after, where)
	c.rules(n, before, where)
	return n
}

// nested compiles what is inside of n. Rules behind dive, and norm where the elements are texts, are the elements'.
func (c *compiler) nested(n *node, inside diveRules, where string) {
	elemOf := func(words []ruleWord) ruleSource { return ruleSource{words: words, norm: inside.norm} }
	if inside.given && n.kind != kindSlice && n.kind != kindArray && n.kind != kindMap {
		c.fault(where, "validate: dive needs a slice, an array or a map, and %v is none", n.typ)
	}
	switch n.kind {
	case kindStruct:
		n.obj = c.object(n.typ, where, false)
	case kindSlice, kindArray:
		n.elem = c.node(n.typ.Elem(), elemOf(inside.elem), where+"[]")
	case kindMap:
		n.key = c.node(n.typ.Key(), ruleSource{words: inside.keys}, where+"{key}")
		n.elem = c.node(n.typ.Elem(), elemOf(inside.elem), where+"{}")
	}
}

// finish completes the plan once nothing is at fault.
func (c *compiler) finish(root *object) *plan {
	p := &plan{cfg: *c.cfg, root: root, whole: -1, perms: c.access.names, hooks: c.hooks}
	p.opts = jsonv2.JoinOptions(jsontext.AllowDuplicateNames(!c.cfg.AllowUnknown))
	p.query, p.form = newParams(root, inQuery), newParams(root, inForm)
	for i := range root.fields {
		switch f := &root.fields[i]; f.in {
		case inPath:
			p.paths = append(p.paths, i)
		case inHeader:
			p.header = append(p.header, i)
		case inBody:
			p.json = true
			if f.name == "" {
				p.whole = i
			}
		}
	}
	p.states.New = p.newState
	return p
}

func (o *object) hasBody() bool {
	return slices.ContainsFunc(o.fields, func(f field) bool { return f.in == inBody || f.in == inForm })
}
