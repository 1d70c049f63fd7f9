package validate

import (
	"bytes"
	"context"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/gopalisade/palisade/problem"
)

// state is the work on one request. It is reused, so nothing that a handler gets may point into it.
type state struct {
	plan *plan
	ctx  context.Context
	r    *http.Request

	buf     []byte // the body
	src     bytes.Buffer
	dec     *jsontext.Decoder
	scratch []byte // unescaped text

	in       source
	path     []step
	depth    int
	elements int
	sent     bits // fields of the outermost struct that have a value
	bad      bits // and those that are wrong
	frames   []*frame
	held     uint64
	asked    bool

	faults    []problem.Field
	truncated bool
	stop      *Error // why the request is refused at once
}

// frame is what is known of the fields of a nested object, while it is read.
type frame struct{ sent, bad bits }

// frame returns an empty frame for the object at the present place, whose path no other open object has.
func (s *state) frame() *frame {
	depth := len(s.path)
	for len(s.frames) <= depth {
		s.frames = append(s.frames, new(frame))
	}
	f := s.frames[depth]
	*f = frame{}
	return f
}

// step is one segment of a JSON Pointer: a member, a key, or an element.
type step struct {
	name  string
	index int // of an element; -1 for a name, hidden for one that is not told
}

const hidden = -2

func (p *plan) begin(r *http.Request, ctx context.Context) *state {
	s := p.states.Get().(*state)
	s.r, s.ctx = r, ctx
	return s
}

// maxKept is the most memory that a state keeps for the next request.
const maxKept = 64 << 10

// end gives the state back. The body may hold a password, so it is overwritten.
func (s *state) end() {
	clear(s.buf)
	clear(s.scratch[:cap(s.scratch)])
	clear(s.path[:cap(s.path)])
	if cap(s.buf) > maxKept || cap(s.scratch) > maxKept {
		return
	}
	*s = state{plan: s.plan, dec: s.dec, buf: s.buf[:0], scratch: s.scratch[:0], path: s.path[:0], frames: s.frames}
	s.plan.states.Put(s)
}

// may reports whether the caller may write the field. Permissions are asked for when a limited field first comes up.
func (s *state) may(f *field) bool {
	if !f.write.limited {
		return true
	}
	if !s.asked {
		s.held, s.asked = held(s.ctx, s.plan.perms, s.plan.cfg.Can), true
	}
	return f.write.allows(s.held)
}

// fail records that the value at the present place is wrong. It reports whether to go on.
func (s *state) fail(code string, params map[string]any) bool {
	if len(s.faults) >= s.plan.cfg.Limits.Errors {
		s.truncated = true
		return s.refuse(ErrInvalid, CodeInvalidInput)
	}
	s.faults = append(s.faults, s.fault(code, params))
	return true
}

// fault names the present place.
func (s *state) fault(code string, params map[string]any) problem.Field {
	f := problem.Field{In: s.in.String(), Code: code, Params: params}
	if s.in == inBody {
		f.Pointer = s.pointer()
	} else if len(s.path) > 0 {
		f.Name = s.path[0].name
	}
	return f
}

// failAt records a fault at a name that the client chose.
func (s *state) failAt(name []byte, code string) bool {
	if !harmless(name) { // the place above must do
		return s.fail(code, nil)
	}
	s.push(string(name))
	ok := s.fail(code, nil)
	s.pop()
	return ok
}

// harmless reports whether a name that the client chose may be repeated: it is short, and reads like the name of a member.
func harmless(name []byte) bool {
	return len(name) <= 64 && validName(string(name))
}

func (s *state) push(name string) { s.path = append(s.path, step{name, -1}) }

// pushKey enters a member whose name the client chose. At a name that must not be repeated pointers end.
func (s *state) pushKey(name string) {
	if harmless([]byte(name)) {
		s.push(name)
	} else {
		s.path = append(s.path, step{"", hidden})
	}
}

func (s *state) pop()            { s.path = s.path[:len(s.path)-1] }
func (s *state) pushIndex(i int) { s.path = append(s.path, step{"", i}) }
func (s *state) failed() int     { return len(s.faults) }

// pointer renders the present place; the body as a whole is "".
func (s *state) pointer() string {
	if len(s.path) == 0 {
		return ""
	}
	segments := make([]string, 0, 8)
	for _, st := range s.path {
		switch {
		case st.index == hidden:
			return problem.Pointer(segments...)
		case st.index >= 0:
			segments = append(segments, strconv.Itoa(st.index))
		case st.name != "":
			segments = append(segments, st.name)
		}
	}
	return problem.Pointer(segments...)
}

// refuse ends the request. It returns false, as every step does that cannot go on.
func (s *state) refuse(kind error, word string, fields ...problem.Field) bool {
	if s.stop == nil {
		s.stop = &Error{Kind: kind, Word: word, Fields: fields}
	}
	return false
}

// limit refuses what is more than the server takes.
func (s *state) limit(word, name string, limit int) bool {
	return s.refuse(ErrMalformed, word, s.fault(CodeLimit, map[string]any{"limit": name, "max": limit}))
}

// err is the outcome: nil, or everything that is wrong.
func (s *state) err() error {
	e := s.stop
	switch {
	case e == nil && len(s.faults) == 0:
		return nil
	case e == nil:
		e = &Error{Kind: ErrInvalid, Word: CodeInvalidInput}
		fallthrough
	case e.Kind == ErrInvalid:
		e.Fields, e.Truncated = slices.Clone(s.faults), s.truncated
	}
	for i := range e.Fields { // the rules' own maps serve every request
		e.Fields[i].Params = maps.Clone(e.Fields[i].Params)
	}
	e.messages, e.language = s.plan.cfg.Messages, s.plan.cfg.Messages.language(s.r)
	return e
}

// check runs the rules of a node that has a value. It reports whether to go on.
func (s *state) check(n *node, v reflect.Value) bool {
	if n.required || n.omit {
		if n.empty(v) {
			return n.omit && !n.required || s.fail(CodeRequired, nil)
		}
	}
	before := s.failed()
	for i := range n.rules {
		r := &n.rules[i]
		if r.costly && s.failed() > before {
			break
		}
		if !r.ok(v) && !s.fail(r.code, r.params) {
			return false
		}
	}
	return true
}

func typeParams(name string) map[string]any { return map[string]any{"type": name} }
