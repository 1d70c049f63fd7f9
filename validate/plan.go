package validate

import (
	"context"
	"reflect"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// plan is a compiled Schema. Nothing in it changes after New.
type plan struct {
	cfg    Config
	root   *object
	query  *params // nil: T has no such field
	form   *params
	paths  []int // fields of root
	header []int
	whole  int  // the field that is the whole body, or -1
	json   bool // the body is JSON
	perms  []string
	hooks  bool // some type of T has a Validate method
	opts   json.Options
	states sync.Pool
}

// object is a struct: its fields in the order of the type.
type object struct {
	typ    reflect.Type
	fields []field
	names  map[string]int // JSON members
	folded map[string]bool
	cross  []crossRule
	hook   func(v reflect.Value, ctx context.Context) error // its Validate method
}

// field is one member or parameter.
type field struct {
	in       source
	name     string // on the wire
	goName   string
	index    []int // through embedded structs
	single   int   // the only step of index, or -1
	node     *node
	required bool // must be there
	present  bool // must be there, even when empty
	def      reflect.Value
	defText  []byte // the default of a type that reads text
	write    access
	read     access
	comma    bool // one parameter holds the elements, "a,b"
	slash    bool // a path value may have slashes
	options  jsonOptions
}

func (f *field) defaulted() bool { return f.def.IsValid() || f.defText != nil }

func (f *field) of(v reflect.Value) reflect.Value {
	if f.single >= 0 {
		return v.Field(f.single)
	}
	return v.FieldByIndex(f.index)
}

// kind is how a value is decoded.
type kind uint8

const (
	kindBool kind = iota
	kindInt
	kindUint
	kindFloat
	kindString
	kindBytes   // base64
	kindText    // encoding.TextUnmarshaler
	kindSecret  // crypto/secret
	kindForeign // json.Unmarshaler, raw JSON
	kindStruct
	kindSlice
	kindArray
	kindMap
	kindPointer
	kindOpt
)

// node is a type at one place, with the rules of that place.
type node struct {
	typ      reflect.Type
	kind     kind
	bits     int
	norm     []normFunc
	rules    []rule
	required bool // must not be empty
	omit     bool // rules are skipped for an empty value
	max      int  // elements that the rules allow, or -1
	key      *node
	elem     *node
	obj      *object

	crossWords []ruleWord // of the field whose value this is
}

// value returns the node behind pointers and Opt.
func (n *node) value() *node {
	for n.kind == kindPointer || n.kind == kindOpt {
		n = n.elem
	}
	return n
}

// bits has one bit for each field of an object.
type bits [maxFields / 64]uint64

const maxFields = 256

func (b *bits) set(i int)      { b[i>>6] |= 1 << (i & 63) }
func (b *bits) has(i int) bool { return b[i>>6]&(1<<(i&63)) != 0 }

// source is where a field comes from.
type source uint8

const (
	inBody source = iota
	inQuery
	inPath
	inHeader
	inForm
)

var sourceNames = [...]string{"body", "query", "path", "header", "form"}

func (s source) String() string { return sourceNames[s] }

// lookup finds a JSON member by its exact name, trying first the one that usually comes next.
func (o *object) lookup(name []byte, next int) int {
	if next < len(o.fields) {
		if f := &o.fields[next]; f.in == inBody && f.name == string(name) {
			return next
		}
	}
	if i, ok := o.names[string(name)]; ok {
		return i
	}
	return -1
}

func (p *plan) newState() any {
	s := &state{plan: p}
	s.dec = jsontext.NewDecoder(&s.src)
	return s
}
