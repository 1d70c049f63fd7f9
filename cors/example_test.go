package cors_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/gopalisade/palisade/cors"
)

func Example() {
	policy, err := cors.New(cors.Config{
		Origins:     []string{"https://app.example.com", "https://*.preview.example.com"},
		Credentials: true,
		Methods:     []string{"PUT"},
	})
	if err != nil {
		panic(err)
	}
	api := policy.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))

	for _, origin := range []string{"https://app.example.com", "https://evil.example"} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Origin", origin)
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		fmt.Printf("%d %q\n", w.Code, w.Header().Get("Access-Control-Allow-Origin"))
	}
	// Output:
	// 200 "https://app.example.com"
	// 200 ""
}

// Everybody with credentials would let every page on the web read its visitors' data here.
func ExampleNew_wrong() {
	_, err := cors.New(cors.Config{Origins: []string{"*"}, Credentials: true})
	fmt.Println(err)
	// Output: cors: Origins "*" must not be combined with Credentials: every site could read its visitors' data
}
