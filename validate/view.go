package validate

import (
	"bytes"
	"context"
	"encoding"
	"net/http"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/gopalisade/palisade/crypto/secret"
	"github.com/gopalisade/palisade/internal/conf"
)

// View writes values of R, each caller the fields that the access tags let it read; a field without read in its tag is
// everybody's. Secrets are never written. It is safe for concurrent use.
//
// Every exported field of R's structs needs a json tag, "-" to leave it out, so that a new column does not leave by itself
// (OWASP API3:2023); interfaces have no place in R, since what is in them cannot be known before. A type that writes itself
// (MarshalJSON, MarshalText) is asked to.
type View[R any] struct{ view *view }

// ViewConfig describes a [View].
type ViewConfig struct {
	_ [0]func() // keyed literals only, never comparable

	// Can reports whether the caller has a permission. Required where R has access tags that limit reading.
	Can func(ctx context.Context, permission string) bool
}

// NewView compiles the View of R, or returns every fault of R's tags, joined.
func NewView[R any](cfg ViewConfig) (*View[R], error) {
	f := conf.Faults{Room: "validate"}
	v := newView(reflect.TypeFor[R](), cfg.Can, &f)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return &View[R]{v}, nil
}

// Write answers with value as JSON. An error means that nothing was written: the value cannot be JSON.
func (v *View[R]) Write(w http.ResponseWriter, r *http.Request, status int, value R) error {
	return v.view.write(w, r, status, nil, reflect.ValueOf(&value).Elem())
}

// Marshal returns what ctx's caller may see of value.
func (v *View[R]) Marshal(ctx context.Context, value R) ([]byte, error) {
	var b bytes.Buffer
	if err := v.view.encode(&b, ctx, reflect.ValueOf(&value).Elem()); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Permissions lists the names in R's access tags.
func (v *View[R]) Permissions() []string { return slices.Clone(v.view.access.names) }

type view struct {
	root   *shape
	access permissions
	can    func(context.Context, string) bool
	pool   sync.Pool
}

// shape is a type of an answer. A nil shape is one in which nothing is limited.
type shape struct {
	kind    reflect.Kind
	elem    *shape
	members []shown
	limited bool // something inside is
}

// shown is a member of an object.
type shown struct {
	name    string
	quoted  jsontext.Value
	index   []int
	read    access
	never   bool
	options jsonOptions
	shape   *shape
}

func newView(t reflect.Type, can func(context.Context, string) bool, f *conf.Faults) *view {
	v := &view{can: can}
	c := &viewCompiler{view: v, faults: f, memo: map[reflect.Type]*shape{}, open: map[reflect.Type]bool{}}
	v.root = c.shape(t, t.String())
	c.spread()
	f.Check(v.access.len() == 0 || can != nil, "Can", nil, "is required where an access tag names a permission")
	v.pool.New = func() any { return new(bytes.Buffer) }
	return v
}

type viewCompiler struct {
	view   *view
	faults *conf.Faults
	memo   map[reflect.Type]*shape
	open   map[reflect.Type]bool // being compiled
}

func (c *viewCompiler) fault(where, reason string) { c.faults.Check(false, where, nil, reason) }

func (c *viewCompiler) shape(t reflect.Type, where string) *shape {
	if s, ok := c.memo[t]; ok {
		if c.open[t] && s.kind != reflect.Struct {
			c.fault(where, "holds itself without a struct between")
		}
		return s
	}
	s := &shape{kind: t.Kind()}
	c.open[t] = true
	defer delete(c.open, t)
	c.memo[t] = s
	p := reflect.PointerTo(t)
	switch {
	case t.Kind() == reflect.Interface:
		c.fault(where, "must not be an interface: what is in it cannot be known before")
	case p.Implements(reflect.TypeFor[optional]()):
		s.kind = reflect.Interface // an Opt
		s.elem = c.shape(reflect.New(t).Interface().(optional).inner(), where)
	case writesItself(p):
		s.kind = reflect.Invalid
		if name := taggedInside(t, "access"); name != "" {
			c.fault(where, "writes itself, so that the access tag of its field "+name+" does nothing")
		}
	case t.Kind() == reflect.Pointer, t.Kind() == reflect.Slice, t.Kind() == reflect.Array, t.Kind() == reflect.Map:
		s.elem = c.shape(t.Elem(), where)
	case t.Kind() == reflect.Struct:
		c.members(s, t, where, nil)
	case kinds[t.Kind()] == kindBool && t.Kind() != reflect.Bool, t == reflect.TypeFor[time.Duration]():
		c.fault(where, "has no form in JSON")
	}
	if s.kind == reflect.Map {
		if k := t.Key(); k.Kind() != reflect.String || writesItself(reflect.PointerTo(k)) {
			c.fault(where, "must have keys that are plain strings")
		}
	}
	return s
}

// spread marks the types that hold something limited, however deep. The others are left to the JSON package.
func (c *viewCompiler) spread() {
	for changed := true; changed; {
		changed = false
		for _, s := range c.memo {
			if !s.limited && s.holdsLimited() {
				s.limited, changed = true, true
			}
		}
	}
}

func (s *shape) holdsLimited() bool {
	return s.elem != nil && s.elem.limited || slices.ContainsFunc(s.members, func(m shown) bool {
		return m.never || m.read.limited || m.shape.limited
	})
}

func writesItself(p reflect.Type) bool {
	return p.Implements(reflect.TypeFor[json.Marshaler]()) || p.Implements(reflect.TypeFor[json.MarshalerTo]()) ||
		p.Implements(reflect.TypeFor[encoding.TextMarshaler]()) || p.Implements(reflect.TypeFor[encoding.TextAppender]())
}

func (c *viewCompiler) members(s *shape, t reflect.Type, where string, index []int) {
	for sf := range t.Fields() {
		at := append(slices.Clone(index), sf.Index...)
		place := where + "." + sf.Name
		tag, fault := readTag(sf.Tag)
		_, tagged := sf.Tag.Lookup("json")
		switch {
		case sf.Anonymous && !tagged && (sf.Type.Kind() != reflect.Struct || writesItself(reflect.PointerTo(sf.Type))):
			c.fault(place, "is embedded and no plain struct: give it a json tag")
			continue
		case sf.Anonymous && !tagged && tag.access != "":
			c.fault(place, "is embedded, so its access tag does nothing: tag its fields")
			continue
		case sf.Anonymous && !tagged:
			c.members(s, sf.Type, place, at)
			continue
		case !sf.IsExported(), tagged && tag.ignored:
			continue
		case !tagged:
			c.fault(place, `needs a json tag, "-" to leave it out`)
			continue
		case fault != "":
			c.fault(place, fault)
			continue
		case tag.options.omitEmpty && (sf.Type.Kind() == reflect.Struct || writesItself(reflect.PointerTo(sf.Type))):
			c.fault(place, "may be empty in many ways: leave it out by omitzero")
		case slices.ContainsFunc(s.members, func(m shown) bool { return fold(m.name) == fold(tag.name) }):
			c.fault(place, "has the same json name as another field")
		}
		m := shown{name: tag.name, index: at, options: tag.options}
		var err error
		if m.read, _, err = c.view.access.parse(tag.access); err != nil {
			c.fault(place, "access: "+err.Error())
		}
		m.quoted, err = jsontext.AppendQuote(nil, tag.name)
		if err != nil {
			c.fault(place, "must have a name in UTF-8")
		}
		m.never = sf.Type.Implements(reflect.TypeFor[secret.Any]())
		m.shape = c.shape(sf.Type, place)
		s.members = append(s.members, m)
	}
}

func (v *view) write(w http.ResponseWriter, r *http.Request, status int, header http.Header, value reflect.Value) error {
	b := v.pool.Get().(*bytes.Buffer)
	defer v.pool.Put(b)
	b.Reset()
	if err := v.encode(b, r.Context(), value); err != nil {
		return err
	}
	h := w.Header()
	h["Content-Type"] = []string{"application/json"}
	h["X-Content-Type-Options"] = []string{"nosniff"}
	setHeader(w, header)
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the client is gone: nobody is left to tell
	return nil
}

func (v *view) encode(b *bytes.Buffer, ctx context.Context, value reflect.Value) error {
	enc := jsontext.NewEncoder(b)
	e := encoder{enc: enc, held: held(ctx, v.access.names, v.can)}
	return e.value(v.root, value)
}
