package upload_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gopalisade/palisade/upload"
	"github.com/gopalisade/palisade/upload/content"
	"github.com/gopalisade/palisade/upload/uploadtest"
)

// BenchmarkGuard takes a form with one file of 1 MiB, from memory to memory. The scanner has nothing to say.
func BenchmarkGuard(b *testing.B) {
	cfg := usual()
	cfg.Fields[0].MaxBytes, cfg.Scanner = 2<<20, verdict(upload.Clean)
	h := newBench(b, cfg)
	h.handled = func(*upload.Batch, *http.Request) error { return nil }
	form := uploadtest.Form{Parts: []uploadtest.Part{{
		Header: []string{`Content-Disposition: form-data; name="files"; filename="a.png"`},
		Body:   uploadtest.Stream(content.PNG, 1<<20),
	}}}
	body := form.Bytes()
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		w := httptest.NewRecorder()
		if h.h.ServeHTTP(w, form.Request("/")); w.Code != http.StatusCreated {
			b.Fatalf("got %d %s", w.Code, w.Body)
		}
	}
}

// BenchmarkRefusal is a type that the field does not take.
func BenchmarkRefusal(b *testing.B) {
	h := newBench(b, usual())
	b.ReportAllocs()
	for b.Loop() {
		w := httptest.NewRecorder()
		if h.h.ServeHTTP(w, raw(filePart("a.exe", "MZ")+end)); w.Code != http.StatusUnsupportedMediaType {
			b.Fatalf("got %d", w.Code)
		}
	}
}
