package main

import (
	"bytes"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
)

// order is the submission of every contest here: 13 leaf fields, one of them a list of objects and one a list of strings.
// The peers that read other tags have a twin of it in validate_peers.go, with the same rules.
type order struct {
	ID       string   `json:"id" validate:"required,uuid"`
	Tenant   string   `json:"tenant" validate:"required,max=32"`
	Email    string   `json:"email" validate:"required,max=254,email"`
	Currency string   `json:"currency" validate:"oneof=EUR USD GBP"`
	Note     string   `json:"note" validate:"max=200"`
	Units    int      `json:"units" validate:"min=1,max=1000"`
	Rank     int      `json:"rank" validate:"min=0,max=9"`
	Total    float64  `json:"total" validate:"gt=0,max=100000"`
	Gift     bool     `json:"gift"`
	Items    []item   `json:"items" validate:"min=1,max=50,dive"`
	Tags     []string `json:"tags" validate:"max=10,dive,min=1,max=20"`
}

type item struct {
	SKU   string  `json:"sku" validate:"required,max=20"`
	Qty   int     `json:"qty" validate:"min=1,max=100"`
	Price float64 `json:"price" validate:"gt=0"`
}

// receipt is the answer to a good order.
type receipt struct {
	ID    string `json:"id"`
	Items int    `json:"items"`
}

const (
	goodOrder = `{"id":"0b6f3a52-8d41-4c1e-9f27-5a3e7c9d1b40","tenant":"t1","email":"a@example.com","currency":"EUR",` +
		`"note":"ok","units":6,"rank":2,"total":37.5,"gift":true,"items":[{"sku":"A","qty":1,"price":5},` +
		`{"sku":"B","qty":2,"price":2.5},{"sku":"C","qty":3,"price":9}],"tags":["a","b","c"]}`
	// wrongOrder is well-formed and breaks six rules.
	wrongOrder = `{"id":"0b6f3a52-8d41-4c1e-9f27-5a3e7c9d1b40","tenant":"t1","email":"nobody","currency":"XXX",` +
		`"note":"ok","units":1001,"rank":10,"total":37.5,"gift":true,"items":[{"sku":"A","qty":1,"price":5},` +
		`{"sku":"B","qty":0,"price":2.5},{"sku":"C","qty":3,"price":9}],"tags":["a","b","ccccccccccccccccccccc"]}`
)

// submission is one body, and what each answer to it must be: one of the statuses, with every word in its text.
type submission struct {
	work, body string
	statuses   []int
	words      []string
}

// validations submits good and bad orders to the same route, served by us and by each peer.
func validations() []contest {
	var all []contest
	accepted := []string{`"id":"0b6f3a52-8d41-4c1e-9f27-5a3e7c9d1b40"`, `"items":3`}
	wrong := []string{"email", "currency", "units", "rank", "qty", "tags"}
	for _, s := range []submission{
		{"13-field order, accept", goodOrder, []int{200}, accepted},
		{"13-field order, refuse: no JSON", strings.Repeat("\xff<order>", len(goodOrder)/8), []int{400}, nil},
		{"13-field order, refuse: cut short", goodOrder[:len(goodOrder)-1], []int{400}, nil},
		{"13-field order, refuse: six rules", wrongOrder, []int{400, 422}, wrong},
	} {
		for _, p := range []struct {
			name    string
			handler http.Handler
		}{
			{"gin v1.12.0", orderGin()},
			{"echo v4.16.0", orderEcho()},
			{"huma v2.37.2", orderHuma()},
			{"encoding/json + validator v10.30.6", orderV1()},
			{"json/v2 + validator v10.30.6", orderV2()},
		} {
			all = append(all, contest{"validate", s.work, p.name, submit("ours", orderOurs(), s), submit(p.name, p.handler, s)})
		}
	}
	return all
}

// submit returns the work of answering s, and stops the program if an answer is not the wanted one, the first by its text
// and each by its status: a body that is not rewound would turn every contest into one of refusing nothing.
func submit(who string, h http.Handler, s submission) func() {
	r := httptest.NewRequest(http.MethodPost, "https://api.example.com/orders", nil)
	r.Header.Set("Content-Type", "application/json")
	r.ContentLength = int64(len(s.body))
	text, content := []byte(s.body), &body{}
	rewind := func() {
		content.r.Reset(text)
		r.Body = content // a handler may have put a limit around it
	}
	rewind()
	first := httptest.NewRecorder()
	h.ServeHTTP(first, r)
	answer := strings.ToLower(first.Body.String())
	wanted := slices.Contains(s.statuses, first.Code) && strings.HasPrefix(answer, "{")
	for _, word := range s.words {
		wanted = wanted && strings.Contains(answer, word)
	}
	if !wanted {
		log.Fatalf("%s, %s: got %d %s, want %d with %q", s.work, who, first.Code, answer, s.statuses, s.words)
	}
	w := &sink{header: http.Header{}}
	return func() {
		rewind()
		clear(w.header)
		w.status = http.StatusOK
		h.ServeHTTP(w, r)
		if w.status != first.Code {
			log.Fatalf("%s, %s: got %d, want %d as before", s.work, who, w.status, first.Code)
		}
	}
}

// body is a request's body that can be read again. It hides what a server's does not have, such as WriteTo.
type body struct{ r bytes.Reader }

func (b *body) Read(p []byte) (int, error) { return b.r.Read(p) }
func (b *body) Close() error               { return nil }
