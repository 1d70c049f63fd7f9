package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestValidation(t *testing.T) {
	h, err := newAPI()
	if err != nil {
		t.Fatal(err)
	}
	const customers, inJSON, inForm = "/tenants/acme/customers", "application/json", "application/x-www-form-urlencoded"
	for _, tc := range []struct {
		name, method, target, kind, body string
		status                           int
		want                             string
	}{
		{
			"cleaned", "POST", customers, inJSON, `{"email":" Ann@Example.com","name":"Ann  Other","bio":"<b onclick=x>hi</b>"}`, 201,
			`{"id":1,"email":"ann@example.com","name":"Ann Other","bio":"<b>hi</b>"}`,
		},
		{"second", "POST", customers, inJSON, `{"email":"a@example.com","name":"Aaron"}`, 201, `"id":2`},
		{"in German", "POST", customers, inJSON, `{"email":"ann","name":"","role":"admin"}`, 422, "Muss eine E-Mail-Adresse sein."},
		{"another tenant", "GET", "/tenants/other/customers", "", "", 200, "[]"},
		{"sorted", "GET", customers + "?limit=1&sort=name", "", "", 200, `[{"id":2,`},
		{"twice", "GET", customers + "?limit=2&limit=3", "", "", 400, `"code":"duplicate"`},
		{"column", "GET", customers + "?sort=name%20DESC", "", "", 422, `"code":"oneof"`},
		{"no tenant", "GET", "/tenants/A%20B/customers", "", "", 422, `"in":"path","name":"tenant","code":"slug"`},
		{"cleared", "PATCH", customers + "/1", inJSON, `{"bio":null}`, 200, `{"id":1,"email":"ann@example.com","name":"Ann Other"}`},
		{"null name", "PATCH", customers + "/1", inJSON, `{"name":""}`, 422, `"pointer":"/name","code":"min"`},
		{"another's", "PATCH", "/tenants/other/customers/1", inJSON, `{}`, 404, "not_found"},
		{"form", "POST", "/feedback", inForm, "topic=praise&text=It+works.", 204, ""},
		{"form as JSON", "POST", "/feedback", inJSON, `{"topic":"praise"}`, 415, "unsupported_media_type"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := httptest.NewRequest(tc.method, tc.target, strings.NewReader(tc.body))
			r.Header.Set("Accept-Language", "de-AT")
			if tc.kind != "" {
				r.Header.Set("Content-Type", tc.kind)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != tc.status || !strings.Contains(w.Body.String(), tc.want) {
				t.Errorf("got %d %s, want %d with %s", w.Code, w.Body, tc.status, tc.want)
			}
		})
	}
}

func TestDocument(t *testing.T) {
	h, err := newAPI()
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/openapi.json", nil))
	var doc struct {
		Paths map[string]map[string]struct {
			Parameters []struct {
				Name, In string
				Required bool
			}
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	params := doc.Paths["/tenants/{tenant}/customers"]["get"].Parameters
	if len(params) != 3 || params[0].Name != "tenant" || params[0].In != "path" || !params[0].Required || params[1].Required {
		t.Errorf("got %+v", params)
	}
}
