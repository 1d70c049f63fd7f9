package transport_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"

	"github.com/gopalisade/palisade/transport"
)

func Example() {
	resolver, err := transport.New(transport.Config{
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
		Header:         transport.XForwardedFor,
	})
	if err != nil {
		panic(err)
	}
	h := resolver.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		fmt.Println(transport.PeerOf(r).Addr)
	}))
	r := httptest.NewRequest("GET", "/", nil)
	r.RemoteAddr = "10.0.0.1:443"
	r.Header.Set("X-Forwarded-For", "6.6.6.6, 198.51.100.1") // the client wrote the first, our proxy the second
	h.ServeHTTP(httptest.NewRecorder(), r)
	// Output: 198.51.100.1
}

// A header counts only with the proxies that write it; without them anybody could.
func ExampleNew_wrong() {
	_, err := transport.New(transport.Config{Header: transport.XForwardedFor})
	fmt.Println(err)
	// Output: transport: TrustedProxies is required with Header
}
