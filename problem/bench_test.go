package problem_test

import (
	"net/http/httptest"
	"testing"

	"github.com/gopalisade/palisade/problem"
)

func BenchmarkWrite(b *testing.B) {
	r := httptest.NewRequest("GET", "/", nil)
	b.ReportAllocs()
	for b.Loop() {
		problem.Write(httptest.NewRecorder(), r, withStatus(403))
	}
}
