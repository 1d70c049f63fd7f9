//go:build !plan9

package uploadtest_test

import (
	"bytes"
	"testing"

	"github.com/gopalisade/palisade/upload"
	"github.com/gopalisade/palisade/upload/clamav"
	"github.com/gopalisade/palisade/upload/content"
	"github.com/gopalisade/palisade/upload/uploadtest"
)

// TestClamd: the real scanner finds what the fake one does.
func TestClamd(t *testing.T) {
	c, err := clamav.New(t.Context(), clamav.Config{Addr: uploadtest.Clamd(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	for _, tc := range []struct {
		name string
		file []byte
		want upload.Status
	}{
		{"EICAR", uploadtest.EICAR(), upload.Infected},
		{"in archives", nested(3), upload.Infected},
		{"clean", uploadtest.Sample(content.PNG), upload.Clean},
	} {
		if v, err := c.Scan(t.Context(), bytes.NewReader(tc.file)); err != nil || v.Status != tc.want {
			t.Errorf("%s: got %v, %v; want %v", tc.name, v, err, tc.want)
		}
	}
}
