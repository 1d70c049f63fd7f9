package secret

import (
	"encoding"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"reflect"
	"time"
)

// The bounds of one record. Pointers may go round in circles.
const (
	maxDepth = 12
	maxNodes = 1 << 13
)

type rules struct {
	names *names
	cards bool
}

func (r *rules) walk() walk { return walk{rules: r, left: maxNodes} }

// walk is one pass through a record. Its methods return what they were given and false where nothing is to be hidden.
type walk struct {
	rules *rules
	left  int // values that may still be looked at
}

func (w *walk) text(s string) (string, bool) {
	if !w.rules.cards {
		return s, false
	}
	return hideCards(s)
}

// number reports whether a number is to be hidden.
func (w *walk) number(v reflect.Value) bool {
	switch {
	case !w.rules.cards:
	case v.CanInt():
		return v.Int() > 0 && isCard(uint64(v.Int()))
	case v.CanUint():
		return isCard(v.Uint())
	case v.CanFloat():
		return isCardFloat(v.Float())
	}
	return false
}

func (w *walk) attr(a slog.Attr, depth int) (slog.Attr, bool) {
	if w.rules.names.hides(a.Key) {
		return slog.String(a.Key, redacted), true
	}
	value, changed := w.slogValue(a.Value, depth)
	return slog.Attr{Key: a.Key, Value: value}, changed
}

func (w *walk) slogValue(v slog.Value, depth int) (slog.Value, bool) {
	if !w.enter(depth) {
		return slog.StringValue(redacted), true
	}
	switch v.Kind() {
	case slog.KindString:
		s, changed := w.text(v.String())
		return slog.StringValue(s), changed
	case slog.KindInt64, slog.KindUint64, slog.KindFloat64:
		if w.number(reflect.ValueOf(v.Any())) {
			return slog.StringValue(redacted), true
		}
	case slog.KindGroup:
		return w.group(v, depth)
	case slog.KindLogValuer:
		v, _ = w.slogValue(v.Resolve(), depth+1) // what it says the next time may be something else
		return v, true
	case slog.KindAny:
		x, changed := w.any(v.Any(), depth+1)
		if !changed {
			return v, false
		}
		return slog.AnyValue(x), true
	}
	return v, false
}

func (w *walk) group(v slog.Value, depth int) (slog.Value, bool) {
	old := v.Group()
	var clean []slog.Attr
	for i, a := range old {
		b, changed := w.attr(a, depth+1)
		if changed && clean == nil {
			clean = append(make([]slog.Attr, 0, len(old)), old[:i]...)
		}
		if clean != nil {
			clean = append(clean, b)
		}
	}
	if clean == nil {
		return v, false
	}
	return slog.GroupValue(clean...), true
}

func (w *walk) enter(depth int) bool {
	w.left--
	return w.left >= 0 && depth <= maxDepth
}

// any looks at a value of any type, first at those that encoders treat in a way of their own.
func (w *walk) any(x any, depth int) (any, bool) {
	switch x := x.(type) {
	case nil, Any, time.Time, time.Duration: // a Secret hides itself
		return x, false
	case http.Header:
		return w.lists(x)
	case url.Values:
		return w.lists(x)
	case map[string][]string:
		return w.lists(x)
	case *http.Request:
		return w.request(x, depth)
	case *url.URL:
		return w.url(x)
	case []byte:
		return w.bytes(x)
	case json.RawMessage:
		return w.bytes(x)
	}
	v := reflect.ValueOf(x)
	if v.Kind() == reflect.Pointer && v.IsNil() {
		return x, false
	}
	return w.methods(x, v, depth)
}

// methods looks at what the methods of a value say of it, for those that encoders would call.
func (w *walk) methods(x any, v reflect.Value, depth int) (clean any, changed bool) {
	defer func() {
		if recover() != nil { // as slog does, which would only write it into the log
			clean, changed = redacted, true
		}
	}()
	switch x := x.(type) {
	case slog.LogValuer:
		resolved, _ := w.slogValue(slog.AnyValue(x).Resolve(), depth+1)
		return plain(resolved), true
	case error:
		return w.said(x, x.Error())
	case encoding.TextMarshaler:
		text, err := x.MarshalText()
		if err != nil {
			return redacted, true
		}
		return w.said(x, string(text))
	case json.Marshaler:
		text, err := x.MarshalJSON()
		if err != nil {
			return redacted, true
		}
		if _, changed := w.said(x, string(text)); changed {
			return redacted, true
		}
	case fmt.Stringer:
		if s, changed := w.said(x, x.String()); changed {
			return s, true
		}
	}
	return w.parts(v, depth)
}

// said is for a value that is written as text: it is replaced by the text if there is something to hide in it.
func (w *walk) said(x any, text string) (any, bool) {
	if s, changed := w.text(text); changed {
		return s, true
	}
	return x, false
}

// plain turns groups into maps, for the inside of values that are not slog's.
func plain(v slog.Value) any {
	if v.Kind() != slog.KindGroup {
		return v.Any()
	}
	m := map[string]any{}
	for _, a := range v.Group() {
		m[a.Key] = plain(a.Value.Resolve())
	}
	return m
}

func (w *walk) bytes(b []byte) (any, bool) { return w.said(b, string(b)) }
