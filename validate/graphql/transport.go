package graphql

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// input is a request, decoded and not yet judged.
type input struct {
	entries []entry
	batch   bool
}

// read takes the request from where its method says it is. An upgrade would leave us with a connection of which we see
// nothing more.
func (g *Guard) read(r *http.Request) (*input, *Error) {
	switch {
	case len(r.Header["Upgrade"]) > 0:
		return nil, upgrade.err()
	case r.Method == http.MethodPost:
		if err := checkPost(r); err != nil {
			return nil, err
		}
		data, err := g.body(r)
		if err != nil {
			return nil, err
		}
		return g.decode(data)
	case !g.get:
		return nil, methodPost.err()
	case r.Method == http.MethodGet:
		return g.readQuery(r)
	}
	return nil, methodEither.err()
}

// checkPost refuses what a page of another site can send without a preflight, which are forms and plain text, and what a
// server might read in another way than we do.
func checkPost(r *http.Request) *Error {
	types := r.Header["Content-Type"]
	if len(types) != 1 {
		return mediaType.err()
	}
	name, params, err := mime.ParseMediaType(types[0])
	if err != nil || name != "application/json" {
		return mediaType.err()
	}
	for param, value := range params {
		if param != "charset" || !strings.EqualFold(value, "utf-8") {
			return mediaType.err()
		}
	}
	if len(r.Header["Content-Encoding"]) > 0 {
		return encoding.err()
	}
	return nil
}

// body reads no more than the limit and a byte.
func (g *Guard) body(r *http.Request) ([]byte, *Error) {
	if r.ContentLength > g.bytes {
		return nil, tooLarge.over(r.ContentLength, g.bytes)
	}
	if r.Body == nil {
		return nil, malformed.err()
	}
	buf := bytes.NewBuffer(make([]byte, 0, max(r.ContentLength, 0)+bytes.MinRead))
	n, err := buf.ReadFrom(io.LimitReader(r.Body, g.bytes+1))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok || n > g.bytes {
		return nil, tooLarge.over(n, g.bytes)
	}
	if err != nil {
		return nil, unreadable.because(err)
	}
	return buf.Bytes(), nil
}

// readQuery takes the request from the URL.
func (g *Guard) readQuery(r *http.Request) (*input, *Error) {
	switch {
	case r.Header.Get(g.preflight) == "":
		return nil, noPreflight.err()
	case r.ContentLength != 0:
		return nil, malformed.err()
	case int64(len(r.URL.RawQuery)) > g.bytes:
		return nil, tooLarge.over(int64(len(r.URL.RawQuery)), g.bytes)
	}
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, malformed.err()
	}
	if !utf8.ValidString(values.Get("query")) || !utf8.ValidString(values.Get("operationName")) { // the others hold JSON
		return nil, malformed.err()
	}
	e := entry{}
	for name, all := range values {
		if len(all) != 1 {
			return nil, duplicate.err()
		}
		if err := g.parameter(&e, name, all[0]); err != nil {
			return nil, err
		}
	}
	return &input{entries: []entry{e}}, nil
}

// encodeQuery writes the parameters anew, for the server.
func (e *entry) encodeQuery() string {
	values := url.Values{"query": {e.query}}
	for name, value := range map[string]string{
		"operationName": e.name, "variables": string(e.rawVariables), "extensions": string(e.rawExtensions),
	} {
		if value != "" {
			values.Set(name, value)
		}
	}
	return values.Encode()
}

// install puts what was judged where r had what was sent. It changes nothing that r shares with another request. The URL of
// a POST loses its query: some servers look for parameters there as well, each by other names, and nobody checked them.
func (req *Request) install(r *http.Request) {
	r.Form, r.PostForm = nil, nil
	u := *r.URL
	u.RawQuery, u.ForceQuery = req.query, false
	r.URL, r.RequestURI = &u, u.RequestURI()
	if r.Method == http.MethodGet {
		return
	}
	r.Body = body{bytes.NewReader(req.body), r.Body}
	r.GetBody, r.TransferEncoding = nil, nil
	r.ContentLength = int64(len(req.body))
	length := strconv.Itoa(len(req.body))
	if said := r.Header.Get("Content-Length"); said != "" && said != length {
		r.Header = r.Header.Clone()
		r.Header.Set("Content-Length", length)
	}
}

// body is read from memory, and closed as what was sent.
type body struct {
	*bytes.Reader
	io.Closer
}
