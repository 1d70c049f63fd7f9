package problem_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/gopalisade/palisade/problem"
)

func Example() {
	w := httptest.NewRecorder()
	problem.Write(w, httptest.NewRequest("GET", "/orders/7", nil), &problem.Problem{Status: http.StatusNotFound, Code: "order_not_found"})
	fmt.Print(w.Code, " ", w.Body)
	// Output: 404 {"title":"Not Found","status":404,"code":"order_not_found","detail":"There is nothing here."}
}

// An error that says nothing of itself tells the client nothing either.
func ExampleWrite_unknown() {
	w := httptest.NewRecorder()
	problem.Write(w, httptest.NewRequest("GET", "/", nil), errors.New("dial postgres://app:hunter2@10.0.0.7: refused"))
	fmt.Print(w.Body)
	// Output: {"title":"Internal Server Error","status":500,"code":"internal_server_error","detail":"The server could not answer."}
}
