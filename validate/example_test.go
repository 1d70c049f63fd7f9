package validate_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/crypto/secret"
	"github.com/gopalisade/palisade/rbac"
	"github.com/gopalisade/palisade/validate"
)

// post sends a JSON body and prints the answer.
func post(h http.Handler, target, body string) {
	r := httptest.NewRequest("POST", target, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	fmt.Println(strings.TrimSpace(fmt.Sprint(w.Code, " ", w.Body)))
}

func Example() {
	type registration struct {
		Email     string        `json:"email"      norm:"trim,nfc,lower,email" validate:"required,email,max=254"`
		Password  secret.String `json:"password"   validate:"required,min=8,maxbytes=1024"`
		FirstName string        `json:"first_name" norm:"nfc,collapse" validate:"required,max=50,line"`
		Bio       string        `json:"bio"        norm:"trim,html=inline" validate:"max=500"`
	}
	users, err := validate.New[registration](validate.Config{})
	if err != nil {
		panic(err)
	}
	mux := http.NewServeMux()
	mux.Handle("POST /users", users.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		in, _ := validate.From[registration](r.Context())
		fmt.Printf("%+v\n", in)
	})))
	post(mux, "/users", `{"email":" Ann@Example.com ","password":"correct horse","first_name":"Ann","bio":"<b onclick=x()>hi</b>"}`)
	post(mux, "/users", `{"email":"ann","password":"short","role":"admin"}`)
	// Output:
	// {Email:ann@example.com Password:[redacted] FirstName:Ann Bio:<b>hi</b>}
	// 200
	// 422 {"title":"Unprocessable Entity","status":422,"code":"invalid_input","detail":"The request is well-formed but breaks a rule.","errors":[{"in":"body","pointer":"/email","code":"email","detail":"Must be an e-mail address."},{"in":"body","pointer":"/password","code":"min","params":{"min":8,"unit":"characters"},"detail":"Must have at least 8 characters."},{"in":"body","pointer":"/role","code":"unknown","detail":"Is not known here."},{"in":"body","pointer":"/first_name","code":"required","detail":"Is required."}]}
}

// The article's list of orders: limit, offset and status, each with its default.
func ExampleSchema_Bind() {
	type orderQuery struct {
		Limit  int                  `query:"limit"  default:"20" validate:"min=1,max=100"`
		Offset int                  `query:"offset" default:"0"  validate:"min=0"`
		Status validate.Opt[string] `query:"status" validate:"oneof=pending processing shipped delivered cancelled"`
	}
	orders, err := validate.New[orderQuery](validate.Config{})
	if err != nil {
		panic(err)
	}
	for _, query := range []string{"", "?limit=5&status=shipped", "?limit=0", "?limit=1&limit=9", "?limt=5"} {
		q, err := orders.Bind(httptest.NewRequest("GET", "/orders"+query, nil))
		status, any := q.Status.Get()
		fmt.Println(q.Limit, q.Offset, status, any, err)
	}
	// Output:
	// 20 0  false <nil>
	// 5 0 shipped true <nil>
	// 0 0  false validate: invalid_input: query limit min
	// 0 0  false validate: invalid_query: query limit duplicate
	// 0 0  false validate: invalid_input: query limt unknown
}

// One tag says who may write a member, and who may read it.
func ExampleHandle() {
	type account struct {
		Name  string `json:"name"  validate:"required,max=50"`
		Role  string `json:"role"  default:"customer" validate:"oneof=customer manager" access:"write=users:write"`
		Notes string `json:"notes" validate:"max=500" access:"read=users:write;write=users:write"`
	}
	model, err := rbac.New(rbac.Config{
		Permissions: []string{"users:write"},
		Roles:       map[string]rbac.Role{"admin": {Allow: []string{"users:write"}}},
	})
	if err != nil {
		panic(err)
	}
	accounts, err := validate.New[account](validate.Config{Can: func(ctx context.Context, permission string) bool {
		p, _ := auth.From(ctx)
		return model.Can(p, permission)
	}})
	if err != nil {
		panic(err)
	}
	save := validate.MustHandle(accounts, func(_ context.Context, in account) (validate.Response[account], error) {
		return validate.Response[account]{Status: http.StatusCreated, Body: in}, nil
	})
	body := `{"name":"Ann","role":"manager","notes":"pays late"}`
	post(as("admin", save), "/accounts", body)
	post(save, "/accounts", `{"name":"Ann"}`)
	post(save, "/accounts", body)
	// Output:
	// 201 {"name":"Ann","role":"manager","notes":"pays late"}
	// 201 {"name":"Ann","role":"customer"}
	// 422 {"title":"Unprocessable Entity","status":422,"code":"invalid_input","detail":"The request is well-formed but breaks a rule.","errors":[{"in":"body","pointer":"/role","code":"unknown","detail":"Is not known here."},{"in":"body","pointer":"/notes","code":"unknown","detail":"Is not known here."}]}
}

// as signs a caller in, as a gate of package auth does.
func as(role string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := &auth.Principal{ID: "u-1", Roles: []string{role}}
		next.ServeHTTP(w, r.WithContext(auth.WithPrincipal(r.Context(), p)))
	})
}

// A PATCH tells a member that is absent from one that is null (RFC 7396).
func ExampleOpt() {
	type patch struct {
		Nickname validate.Opt[string] `json:"nickname" validate:"max=20"`
	}
	patches, err := validate.New[patch](validate.Config{})
	if err != nil {
		panic(err)
	}
	for _, body := range []string{`{}`, `{"nickname":null}`, `{"nickname":"Ann"}`} {
		in, err := patches.Decode(context.Background(), []byte(body))
		name, given := in.Nickname.Get()
		fmt.Println(in.Nickname.IsZero(), in.Nickname.IsNull(), given, name, err)
	}
	// Output:
	// true false false  <nil>
	// false true false  <nil>
	// false false true Ann <nil>
}

func ExampleRuleFor() {
	type product struct {
		SKU string `json:"sku" validate:"required,max=20,sku"`
	}
	sku, err := validate.Pattern(`[A-Z]{2}-\d+`)
	if err != nil {
		panic(err)
	}
	products, err := validate.New[product](validate.Config{Rules: map[string]validate.Rule{"sku": sku}})
	if err != nil {
		panic(err)
	}
	_, err = products.Decode(context.Background(), []byte(`{"sku":"ab-1"}`))
	fmt.Println(err)
	// Output: validate: invalid_input: body /sku sku
}

// A misspelt rule stops the start, not the first request.
func ExampleNew_wrongTags() {
	type form struct {
		Age  int    `json:"age" validate:"email,mni=18"`
		Name string `json:"name" query:"name"`
		Role string
	}
	_, err := validate.New[form](validate.Config{})
	fmt.Println(err)
	// Output:
	// validate: form.Age validate: email: needs text, not int
	// validate: form.Age validate: mni: is no rule here
	// validate: form.Name must have one source, not json and query
	// validate: form.Role needs a source: json, query, path, header, form or body, or json:"-"
}

// A handler that reads the body behind Wrap finds nothing: it has been read, and what was checked is in the context.
func ExampleSchema_Wrap_bodyReadTwice() {
	type note struct {
		Text string `json:"text" validate:"required,max=100,text"`
	}
	notes, err := validate.New[note](validate.Config{})
	if err != nil {
		panic(err)
	}
	h := notes.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		n, err := r.Body.Read(make([]byte, 100))
		in, _ := validate.From[note](r.Context())
		fmt.Println(n, err, in.Text)
	}))
	post(h, "/notes", `{"text":"once"}`)
	// Output:
	// 0 EOF once
	// 200
}
