// Command limits is the shortest honest use of Palisade: two rooms around one handler.
package main

import (
	"log"
	"net/http"
	"time"

	"github.com/gopalisade/palisade/headers"
	"github.com/gopalisade/palisade/ratelimit"
)

func main() {
	safe, err1 := headers.New(headers.API())
	slow, err2 := ratelimit.New(ratelimit.Config{
		Key:      ratelimit.ByAddr,
		Policies: []ratelimit.Policy{{Name: "api", Limit: 10, Window: time.Minute}},
	})
	if err1 != nil || err2 != nil {
		log.Fatal(err1, err2) // a wrong configuration never serves
	}
	hello := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("hello\n")) })
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", safe.Wrap(slow.Wrap(hello))))
}
