package graphql

import (
	"encoding/json"
	"regexp"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// entry is one request of the envelope.
type entry struct {
	query, name   string
	id            string // of a trusted document
	hash          string // that the client gave for the document; empty where it did not
	variables     map[string]any
	rawVariables  []byte // as sent; empty where absent or null
	rawExtensions []byte // as sent, without persistedQuery
}

// decode reads a body: one envelope, or an array of them where batches are allowed.
func (g *Guard) decode(data []byte) (*input, *Error) {
	d := g.decoder(data)
	in := &input{}
	switch d.json.PeekKind() {
	case '{':
		in.entries = make([]entry, 1)
		if err := g.envelope(d, &in.entries[0]); err != nil {
			return nil, err
		}
	case '[':
		if g.batch == 1 {
			return nil, noBatch.err()
		}
		in.batch = true
		if err := g.array(d, in); err != nil {
			return nil, err
		}
	default:
		return nil, malformed.err()
	}
	return in, d.end()
}

func (g *Guard) array(d *decoder, in *input) *Error {
	err := d.list(func() *Error {
		if len(in.entries) == g.batch {
			return tooMany.over(int64(g.batch)+1, int64(g.batch))
		}
		in.entries = append(in.entries, entry{})
		return g.envelope(d, &in.entries[len(in.entries)-1])
	})
	if err == nil && len(in.entries) == 0 {
		return noQuery.err()
	}
	return err
}

func (g *Guard) envelope(d *decoder, e *entry) *Error {
	return d.object(func(name string) *Error {
		switch name {
		case "query":
			return d.text(&e.query)
		case "operationName":
			return d.text(&e.name)
		case "documentId":
			if g.documents == nil {
				return unknown.err()
			}
			var id string
			if err := d.text(&id); err != nil {
				return err
			}
			return e.document(id)
		case "variables":
			return d.variables(e)
		case "extensions":
			return d.extensions(e)
		}
		return unknown.err()
	})
}

// parameter reads one parameter of a URL, of which two hold JSON.
func (g *Guard) parameter(e *entry, name, value string) *Error {
	d := g.decoder([]byte(value))
	var err *Error
	switch {
	case name == "query":
		e.query = value
		return nil
	case name == "operationName":
		e.name = value
		return nil
	case name == "documentId" && g.documents != nil:
		return e.document(value)
	case name == "variables":
		err = d.variables(e)
	case name == "extensions":
		err = d.extensions(e)
	default:
		return unknown.err()
	}
	if err != nil {
		return err
	}
	return d.end()
}

// A document's id is a hash or a name of the application's, never text that a store would have to quote.
var documentID = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z._:-]{0,127}$`)

// document notes the id of a trusted document. An id of the form sha256:… is the hash that extensions carry without it.
func (e *entry) document(id string) *Error {
	if id == "" { // null, or nothing: not asked for
		return nil
	}
	id = strings.TrimPrefix(id, "sha256:")
	if !documentID.MatchString(id) {
		return malformed.err()
	}
	e.id = id
	return nil
}

func (d *decoder) variables(e *entry) *Error {
	value, raw, err := d.raw()
	if err != nil {
		return err
	}
	switch value := value.(type) {
	case nil:
	case map[string]any:
		e.variables, e.rawVariables = value, raw
	default:
		return malformed.err()
	}
	return nil
}

const persistedQuery = "persistedQuery"

// extensions are the client's affair, but for persistedQuery: a server that registers documents by it would let strangers
// fill its memory, so it never gets to see it, in no other case either.
func (d *decoder) extensions(e *entry) *Error {
	if d.json.PeekKind() == 'n' {
		_, err := d.token()
		return err
	}
	var rest []byte
	err := d.object(func(name string) *Error {
		value, raw, err := d.raw()
		switch {
		case err != nil:
			return err
		case name == persistedQuery && value == nil:
			return nil
		case name == persistedQuery:
			return e.persisted(value)
		case strings.EqualFold(name, persistedQuery):
			return unknown.err()
		}
		rest = append(rest, ',')
		rest, _ = jsontext.AppendQuote(rest, name) // it was valid UTF-8 a moment ago
		rest = append(append(rest, ':'), raw...)
		return nil
	})
	if err == nil && len(rest) > 0 {
		rest[0] = '{'
		e.rawExtensions = append(rest, '}')
	}
	return err
}

var sha256Hash = regexp.MustCompile(`^[0-9a-f]{64}$`)

func (e *entry) persisted(value any) *Error {
	p, _ := value.(map[string]any)
	hash, _ := p["sha256Hash"].(string)
	if p["version"] != json.Number("1") || len(p) != 2 || !sha256Hash.MatchString(hash) {
		return malformed.err()
	}
	e.hash = hash
	return nil
}

// encode writes the envelope anew, for the server.
func (in *input) encode() []byte {
	size := 2
	for i := range in.entries {
		e := &in.entries[i]
		size += len(e.query) + len(e.query)/8 + len(e.name) + len(e.rawVariables) + len(e.rawExtensions) + 64
	}
	out := make([]byte, 0, size)
	if !in.batch {
		return in.entries[0].append(out)
	}
	for i := range in.entries {
		out = in.entries[i].append(append(out, ','))
	}
	out[0] = '['
	return append(out, ']')
}

func (e *entry) append(out []byte) []byte {
	out = append(out, `{"query":`...)
	out, _ = jsontext.AppendQuote(out, e.query) // valid UTF-8: it came from JSON, or was checked
	if e.name != "" {
		out = append(out, `,"operationName":`...)
		out, _ = jsontext.AppendQuote(out, e.name)
	}
	if len(e.rawVariables) > 0 {
		out = append(append(out, `,"variables":`...), e.rawVariables...)
	}
	if len(e.rawExtensions) > 0 {
		out = append(append(out, `,"extensions":`...), e.rawExtensions...)
	}
	return append(out, '}')
}
