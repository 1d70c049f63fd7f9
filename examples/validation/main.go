// Command validation takes input from everywhere a request has it, into types that the handlers trust. Its description in
// OpenAPI comes from the same tags.
//
//	go run ./examples/validation
//	U=http://127.0.0.1:8080 J='Content-Type: application/json'
//	curl -i $U/tenants/acme/customers -H "$J" -d '{"email":" Ann@Example.com","name":"Ann  Other","bio":"<b onclick=x>hi</b>"}'
//	curl -i $U/tenants/acme/customers -H "$J" -H 'Accept-Language: de' -d '{"email":"ann","name":"","role":"admin"}'
//	curl -i -X PATCH $U/tenants/acme/customers/1 -H "$J" -d '{"bio":null}'
//	curl -i "$U/tenants/acme/customers?limit=2&sort=name"
//	curl -i "$U/tenants/acme/customers?limit=2&limit=3"
//	curl -i $U/feedback -d 'topic=praise&text=It+works.'
//	curl -s $U/openapi.json
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"log"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/gopalisade/palisade/problem"
	"github.com/gopalisade/palisade/validate"
)

// inTenant is a part of every route of a tenant: the fields of an embedded struct are the struct's own.
type inTenant struct {
	Tenant string `path:"tenant" validate:"slug,max=32"`
}

type newCustomer struct {
	inTenant
	Email string `json:"email" norm:"trim,nfc,lower,email" validate:"required,email,max=254"`
	Name  string `json:"name"  norm:"nfc,collapse" validate:"required,max=80,line"`
	Bio   string `json:"bio"   norm:"trim,html=inline" validate:"max=500"`
	Site  string `json:"site"  validate:"omitempty,url,max=200"`
}

// patch changes what was sent, clears what is null, and leaves the rest alone (RFC 7396).
type patch struct {
	inTenant
	ID   int                  `path:"id" validate:"min=1"`
	Name validate.Opt[string] `json:"name" norm:"nfc,collapse" validate:"min=1,max=80,line"`
	Bio  validate.Opt[string] `json:"bio" norm:"trim,html=inline" validate:"max=500"`
}

type customerQuery struct {
	inTenant
	Limit int    `query:"limit" default:"20" validate:"min=1,max=100"`
	Sort  string `query:"sort" default:"id" validate:"oneof=id name"`
}

// feedback comes from a plain form of a page.
type feedback struct {
	Topic string `form:"topic" validate:"required,oneof=praise complaint"`
	Text  string `form:"text" norm:"trim,nfc,text" validate:"required,max=2000,text"`
}

// customer is what goes out. Tenant has a tag too, or it would be no type of an answer: nothing leaves by itself.
type customer struct {
	ID     int    `json:"id"`
	Tenant string `json:"-"`
	Email  string `json:"email"`
	Name   string `json:"name"`
	Bio    string `json:"bio,omitempty"`
	Site   string `json:"site,omitempty"`
}

// book is a list of customers in memory.
type book struct {
	mu  sync.Mutex
	all []customer
}

func (b *book) add(_ context.Context, in newCustomer) (validate.Response[customer], error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := customer{ID: len(b.all) + 1, Tenant: in.Tenant, Email: in.Email, Name: in.Name, Bio: in.Bio, Site: in.Site}
	b.all = append(b.all, c)
	return validate.Response[customer]{
		Status: http.StatusCreated, Body: c,
		Header: http.Header{"Location": {"/tenants/" + c.Tenant + "/customers/" + strconv.Itoa(c.ID)}},
	}, nil
}

func (b *book) change(_ context.Context, in patch) (customer, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.IndexFunc(b.all, func(c customer) bool { return c.ID == in.ID && c.Tenant == in.Tenant })
	if i < 0 {
		return customer{}, &problem.Problem{Status: http.StatusNotFound}
	}
	if name, ok := in.Name.Get(); ok {
		b.all[i].Name = name
	}
	if !in.Bio.IsZero() {
		b.all[i].Bio, _ = in.Bio.Get() // null clears
	}
	return b.all[i], nil
}

func (b *book) list(_ context.Context, q customerQuery) ([]customer, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	found := []customer{}
	for _, c := range b.all {
		if c.Tenant == q.Tenant {
			found = append(found, c)
		}
	}
	if q.Sort == "name" { // a name that the tag knows, never the client's text
		slices.SortFunc(found, func(a, b customer) int { return cmp.Compare(a.Name, b.Name) })
	}
	return found[:min(q.Limit, len(found))], nil
}

// api serves the routes, and says in OpenAPI what they take.
type api struct {
	mux    *http.ServeMux
	cfg    validate.Config
	paths  map[string]map[string]validate.Operation
	shared validate.Components
}

// route binds requests to T, and the document to what T's tags say.
func route[T, R any](a *api, pattern string, handle func(context.Context, T) (R, error)) error {
	in, err := validate.New[T](a.cfg)
	if err != nil {
		return err
	}
	h, err := validate.Handle(in, handle)
	if err != nil {
		return err
	}
	a.mux.Handle(pattern, h)
	method, path, _ := strings.Cut(pattern, " ")
	if a.paths[path] == nil {
		a.paths[path] = map[string]validate.Operation{}
	}
	a.paths[path][strings.ToLower(method)] = in.OpenAPI(&a.shared)
	return nil
}

func newAPI() (http.Handler, error) {
	messages, err := validate.NewCatalog("en", map[string]validate.Messages{"de": nil, "fr": nil, "es": nil})
	if err != nil {
		return nil, err
	}
	a := &api{
		mux: http.NewServeMux(), cfg: validate.Config{Messages: messages, Limits: validate.Limits{Body: 64 << 10}},
		paths: map[string]map[string]validate.Operation{},
	}
	var b book
	thanks := func(context.Context, feedback) (struct{}, error) { return struct{}{}, nil }
	for _, err := range []error{
		route(a, "POST /tenants/{tenant}/customers", b.add),
		route(a, "GET /tenants/{tenant}/customers", b.list),
		route(a, "PATCH /tenants/{tenant}/customers/{id}", b.change),
		route(a, "POST /feedback", thanks),
	} {
		if err != nil {
			return nil, err
		}
	}
	document, err := json.Marshal(map[string]any{
		"openapi": "3.1.0", "info": map[string]string{"title": "Customers", "version": "1"},
		"paths": a.paths, "components": &a.shared,
	})
	if err != nil {
		return nil, err
	}
	a.mux.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(document)
	})
	return problem.Mux(a.mux), nil
}

func main() {
	handler, err := newAPI()
	if err != nil {
		log.Fatal(err)
	}
	log.Println("listening on http://127.0.0.1:8080")
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", handler))
}
