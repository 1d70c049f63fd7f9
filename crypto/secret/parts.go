package secret

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"strings"
)

// parts looks at what a value is made of. One that has something to hide is replaced: a struct or a map by a map, a slice by
// a slice, as JSON would show them.
func (w *walk) parts(v reflect.Value, depth int) (any, bool) {
	switch v.Kind() {
	case reflect.String:
		return w.said(show(v), v.String())
	case reflect.Int64, reflect.Int, reflect.Uint64, reflect.Uint, reflect.Float64:
		if w.number(v) {
			return redacted, true
		}
	case reflect.Interface:
		return w.inner(v, v.Elem(), depth)
	case reflect.Pointer:
		// Those of fields that are not exported nobody prints, and what they point to may be about to change.
		if v.CanInterface() {
			return w.inner(v, v.Elem(), depth)
		}
	case reflect.Struct:
		return w.structure(v, depth)
	case reflect.Map:
		return w.mapping(v, depth)
	case reflect.Slice, reflect.Array:
		return w.sequence(v, depth)
	}
	return show(v), false
}

// inner looks at a part of v. Encoders see the fields that are not exported as well, some of them, but not their methods.
func (w *walk) inner(v, part reflect.Value, depth int) (clean any, changed bool) {
	switch {
	case !part.IsValid():
		return show(v), false
	case !w.enter(depth):
		return redacted, true
	case part.CanInterface():
		clean, changed = w.any(part.Interface(), depth+1)
	case part.Type().Implements(anySecret):
	default:
		clean, changed = w.parts(part, depth+1)
	}
	if !changed {
		return show(part), false
	}
	return clean, true
}

var anySecret = reflect.TypeFor[Any]()

// show returns a value, or what may be read of a field that is not exported, to stand beside others that were replaced.
func show(v reflect.Value) any {
	if v.IsValid() && v.CanInterface() {
		return v.Interface()
	}
	return nil
}

func (w *walk) structure(v reflect.Value, depth int) (any, bool) {
	t := v.Type()
	clean := map[string]any{}
	changed := false
	for i := range t.NumField() {
		field := t.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		var part any
		var hidden bool
		if (w.rules.names.hides(field.Name) || w.rules.names.hides(name)) && !hidesItself(v.Field(i)) {
			part, hidden = redacted, true
		} else {
			part, hidden = w.inner(v.Field(i), v.Field(i), depth)
		}
		changed = changed || hidden
		if embedded, ok := part.(map[string]any); ok && field.Anonymous && name == "" {
			maps.Copy(clean, embedded)
			continue
		}
		if !field.IsExported() || name == "-" || strings.Contains(options, "omit") && v.Field(i).IsZero() {
			continue
		}
		if name == "" {
			name = field.Name
		}
		clean[name] = part
	}
	if !changed {
		return show(v), false
	}
	return clean, true
}

// hidesItself reports whether there is nothing to hide in a field, though it has the name of a secret.
func hidesItself(v reflect.Value) bool { return v.IsZero() || v.Type().Implements(anySecret) }

func (w *walk) mapping(v reflect.Value, depth int) (any, bool) {
	clean := make(map[string]any, v.Len())
	changed := false
	for it := v.MapRange(); it.Next(); {
		key, hidden := w.key(it.Key(), depth)
		changed = changed || hidden
		if w.rules.names.hides(key) {
			clean[key], changed = redacted, true
			continue
		}
		if clean[key], hidden = w.inner(it.Value(), it.Value(), depth); hidden {
			changed = true
		}
		if w.left < 0 {
			return redacted, true
		}
	}
	if !changed {
		return show(v), false
	}
	return clean, true
}

// key returns a key of a map as text.
func (w *walk) key(v reflect.Value, depth int) (string, bool) {
	if v.Kind() == reflect.String {
		return w.text(v.String())
	}
	if clean, changed := w.inner(v, v, depth); changed {
		return fmt.Sprint(clean), true
	}
	if !v.CanInterface() {
		return "", false
	}
	return fmt.Sprint(v.Interface()), false
}

func (w *walk) sequence(v reflect.Value, depth int) (any, bool) {
	switch v.Type().Elem().Kind() {
	case reflect.Uint8:
		if v.Kind() == reflect.Slice { // arrays are printed as numbers
			return w.said(show(v), string(v.Bytes()))
		}
		return show(v), false
	case reflect.Bool, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Uint16, reflect.Uint32, reflect.Float32:
		return show(v), false // too small for a card
	case reflect.Int64, reflect.Int, reflect.Uint64, reflect.Uint, reflect.Float64:
		for i := range v.Len() { // long ones are no reason to hide the record
			if w.number(v.Index(i)) {
				return redacted, true
			}
		}
		return show(v), false
	}
	clean := make([]any, v.Len())
	changed := false
	for i := range clean {
		var hidden bool
		clean[i], hidden = w.inner(v.Index(i), v.Index(i), depth)
		if changed = changed || hidden; w.left < 0 {
			return redacted, true
		}
	}
	if !changed {
		return show(v), false
	}
	return clean, true
}

// lists is for headers and query parameters, which keep their shape.
func (w *walk) lists(lists map[string][]string) (any, bool) {
	var clean map[string][]string
	replace := func(key string, list []string) {
		if clean == nil {
			clean = make(map[string][]string, len(lists))
			maps.Copy(clean, lists)
		}
		clean[key] = list
	}
	for key, list := range lists {
		if safe, changed := w.text(key); changed {
			replace(safe, list)
			delete(clean, key)
			key = safe
		}
		if w.rules.names.hides(key) {
			replace(key, []string{redacted})
			continue
		}
		for i, s := range list {
			if safe, changed := w.text(s); changed {
				list = append(append(append(make([]string, 0, len(list)), list[:i]...), safe), list[i+1:]...)
				replace(key, list)
			}
		}
	}
	return clean, clean != nil
}

// request shows of a request what a log needs: encoders would print all of its header, and its body's reader.
func (w *walk) request(r *http.Request, depth int) (any, bool) {
	if r == nil {
		return nil, true
	}
	shown := map[string]any{"method": r.Method, "host": r.Host, "remote": r.RemoteAddr, "header": r.Header}
	if r.URL != nil {
		shown["url"] = r.URL
	}
	clean, _ := w.parts(reflect.ValueOf(shown), depth)
	return clean, true
}

// url hides a password, and parameters of the query; one that cannot be read is hidden whole.
func (w *walk) url(u *url.URL) (any, bool) {
	if u == nil {
		return u, false
	}
	safe := *u
	if query, err := url.ParseQuery(u.RawQuery); err != nil {
		safe.RawQuery = redacted
	} else if clean, changed := w.lists(query); changed {
		safe.RawQuery = url.Values(clean.(map[string][]string)).Encode()
	}
	text, _ := w.text(safe.Redacted())
	return text, text != u.String()
}
