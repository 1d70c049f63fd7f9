package problem_test

import (
	"bytes"
	"encoding/json"
	"math"
	"net/http/httptest"
	"testing"

	"github.com/gopalisade/palisade/problem"
)

// The bytes are those of encoding/json, whatever is in a problem.
func FuzzEncoding(f *testing.F) {
	f.Add("t", "d", "body", "/a", "n", "max", "k", 0, true)
	f.Add("", "<&>\"\\\u2028", "", "", "", "\x00\xff", "", 1, false)
	f.Add("é", "", "query", "", "limit", "min", "min", 2, false)
	f.Fuzz(func(t *testing.T, kind, detail, in, pointer, name, code, param string, which int, truncated bool) {
		values := []any{nil, 7, int64(math.MinInt64), uint64(math.MaxUint64), detail, []string{detail, in}, 1.5, true, map[string]any{code: 1}}
		value := values[uint(which)%uint(len(values))]
		p := problem.Problem{
			Type: kind, Status: 422, Code: "c", Detail: detail, Instance: name, Truncated: truncated,
			Errors: []problem.Field{
				{In: in, Pointer: pointer, Name: name, Code: code, Detail: detail, Params: map[string]any{param: value}},
				{Code: code},
				{Code: code, Params: map[string]any{param: value, param + "2": 2}},
				{In: in, Code: code, Params: map[string]any{}},
			}[:uint(which)%5],
		}
		w := httptest.NewRecorder()
		problem.Write(w, httptest.NewRequest("GET", "/", nil), &p)
		whole := problem.Of(&p)
		want, err := json.Marshal(&whole)
		if err != nil {
			t.Skip(err)
		}
		if got := bytes.TrimSpace(w.Body.Bytes()); !bytes.Equal(got, want) {
			t.Fatalf("got %s, want %s as encoding/json writes it", got, want)
		}
	})
}

func TestWriteAllocates(t *testing.T) {
	r, p := httptest.NewRequest("GET", "/", nil), &problem.Problem{Status: 403}
	w := httptest.NewRecorder()
	if got := testing.AllocsPerRun(100, func() {
		clear(w.Header())
		w.Body.Reset()
		problem.Write(w, r, p)
	}); got > 8 {
		t.Errorf("got %v allocations, want at most 8", got)
	}
}
