package secret_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"expvar"
	"fmt"
	"html/template"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"reflect"
	"strings"
	texttemplate "text/template"

	jsonv2 "github.com/go-json-experiment/json"

	"github.com/gopalisade/palisade/crypto/secret"
)

// shapes are the places that a secret stands in.
func shapes[T any](s secret.Secret[T]) map[string]any {
	type exported struct{ Password secret.Secret[T] }
	type unexported struct{ password secret.Secret[T] }
	type Alias = secret.Secret[T]
	type embedded struct{ Alias }
	pointer := &s
	return map[string]any{
		"plain":             s,
		"pointer":           pointer,
		"pointer twice":     &pointer,
		"field":             exported{s},
		"unexported field":  unexported{s},
		"pointer to struct": &unexported{s},
		"embedded":          embedded{s},
		"deep":              struct{ a struct{ b []unexported } }{struct{ b []unexported }{[]unexported{{s}}}},
		"behind a pointer":  struct{ p *secret.Secret[T] }{pointer},
		"slice":             []secret.Secret[T]{s},
		"array":             [2]secret.Secret[T]{s, s},
		"value of a map":    map[string]secret.Secret[T]{"password": s},
		"key of a map":      map[*secret.Secret[T]]int{pointer: 1},
		"slice of any":      []any{s, pointer, unexported{s}},
		"interface":         struct{ v any }{s},
		"group":             slog.GroupValue(slog.Any("s", s), slog.Any("u", unexported{s})),
		"error":             fmt.Errorf("login: %w, %v", errors.Join(fmt.Errorf("%v", s), errors.ErrUnsupported), unexported{s}),
	}
}

var verbs = strings.Fields("%v %+v %#v %s %q %x %X %d %p %T %t %e %c %U %w %10.3v %-+#q %!")

var (
	page     = texttemplate.Must(texttemplate.New("").Parse("{{.}} {{printf `%#v` .}}"))
	htmlPage = template.Must(template.New("").Parse("<a href='{{.}}'><script>x={{.}}</script>"))
)

// encoders write v in every way that a program might do by mistake.
func encoders(v any) map[string]string {
	var out bytes.Buffer
	took := map[string]string{}
	put := func(name string, err error) {
		took[name] = out.String()
		if err != nil {
			took[name] += err.Error() // what an error says is logged as well
		}
		out.Reset()
	}
	for _, verb := range verbs {
		fmt.Fprintf(&out, verb, v)
		put(verb, fmt.Errorf(verb+" %w", v, errors.ErrUnsupported))
	}
	put("print", errors.New(fmt.Sprint(v)+fmt.Sprintln("x", v)))
	put("json", json.NewEncoder(&out).Encode(v))
	json2, err := jsonv2.Marshal(v)
	out.Write(json2)
	put("json v2", err)
	put("xml", xml.NewEncoder(&out).Encode(v))
	put("xml attribute", xml.NewEncoder(&out).Encode(struct {
		A any `xml:"a,attr"`
	}{v}))
	put("gob", gob.NewEncoder(&out).Encode(v))
	put("binary", binary.Write(&out, binary.LittleEndian, v))
	put("text/template", page.Execute(&out, v))
	put("html/template", htmlPage.Execute(&out, v))
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "v", v, slog.Group("g", "v", v))
	put("slog text", nil)
	slog.New(slog.NewJSONHandler(&out, nil)).With("w", v).Info("x", "v", v, slog.Group("g", "v", v))
	put("slog json", nil)
	log.New(&out, "", 0).Println(v)
	put("log", nil)
	put("url.Values", errors.New(url.Values{"v": {fmt.Sprint(v)}}.Encode()))
	r := &http.Request{
		Method: "POST", Host: "example.com", URL: &url.URL{Path: "/", RawQuery: url.Values{"v": {fmt.Sprint(v)}}.Encode()},
		Header: http.Header{"X-V": {fmt.Sprintf("%+v", v)}}, Body: io.NopCloser(strings.NewReader(fmt.Sprintf("%#v", v))),
	}
	dump, err := httputil.DumpRequest(r, true)
	out.Write(dump)
	put("http dump", err)
	put("expvar", errors.New(expvar.Func(func() any { return v }).String()))
	put("panic", recovered(v))
	walk(reflect.ValueOf(v), &out, 0)
	put("reflection", nil)
	return took
}

func recovered(v any) (err error) {
	defer func() { err = fmt.Errorf("panic: %v", recover()) }()
	panic(v)
}

// walk dumps v as debuggers and assertion packages do: no methods, through pointers and unexported fields.
func walk(v reflect.Value, out *bytes.Buffer, depth int) {
	if depth > 12 {
		return
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			walk(v.Elem(), out, depth+1)
		}
	case reflect.Struct:
		for _, field := range v.Fields() {
			walk(field, out, depth+1)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			walk(v.Index(i), out, depth+1)
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			walk(it.Key(), out, depth+1)
			walk(it.Value(), out, depth+1)
		}
	case reflect.String:
		out.WriteString(v.String())
	case reflect.Uint8:
		out.WriteByte(byte(v.Uint()))
	case reflect.Func:
		fmt.Fprintf(out, "%#x", v.Pointer())
	}
}

// holds reports whether text has value in it, as it is or in a spelling that undoes in one step.
func holds(text, value string) bool {
	quoted, _ := json.Marshal(value)
	for _, spelling := range []string{
		value, string(quoted[1 : len(quoted)-1]), url.QueryEscape(value), hex.EncodeToString([]byte(value)),
		strings.ToUpper(hex.EncodeToString([]byte(value))), base64.StdEncoding.EncodeToString([]byte(value)),
		strings.Trim(fmt.Sprint([]byte(value)), "[]"), template.HTMLEscapeString(value), template.JSEscapeString(value),
		strings.Trim(fmt.Sprintf("%q", value), `"`),
	} {
		if strings.Contains(text, spelling) {
			return true
		}
	}
	return false
}
