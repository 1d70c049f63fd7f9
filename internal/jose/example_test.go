package jose_test

import (
	"fmt"

	"github.com/gopalisade/palisade/internal/jose"
)

// A name that stands twice ends the reading: two readers would pick two values.
func ExampleScanner_Members() {
	for _, text := range []string{`{"sub":"alice","n":1}`, `{"sub":"alice","sub":"root"}`} {
		var sub string
		s := jose.Scan(text)
		ok := s.Members(func(name string) (ok bool) {
			if name != "sub" {
				return s.Skip()
			}
			sub, ok = s.Text()
			return ok
		})
		fmt.Println(ok && s.End(), sub)
	}
	// Output:
	// true alice
	// false alice
}
