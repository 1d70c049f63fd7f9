package main

import (
	"bytes"
	"encoding/json"
	"image"
	_ "image/jpeg"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/upload/content"
	"github.com/gopalisade/palisade/upload/storage"
	"github.com/gopalisade/palisade/upload/uploadtest"
)

func TestUploads(t *testing.T) {
	h := build(storage.NewMemory(64<<20), &uploadtest.FakeScanner{})
	get := func(target string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", target, nil))
		return w
	}
	page := get("/")
	if csp := page.Header().Get("Content-Security-Policy"); page.Code != 200 || !strings.Contains(csp, "'nonce-") ||
		strings.Contains(page.Body.String(), "%!") {
		t.Errorf("got %d, the policy %q and the page %s", page.Code, csp, page.Body)
	}
	send := func(want int, parts ...uploadtest.Part) *bytes.Buffer {
		t.Helper()
		w := httptest.NewRecorder()
		h.ServeHTTP(w, uploadtest.Form{Parts: parts}.Request("/pictures"))
		if w.Code != want {
			t.Fatalf("got %d %s, want %d", w.Code, w.Body, want)
		}
		return w.Body
	}
	album, photo := uploadtest.Value("album", "Sea"), uploadtest.File("pictures", "a.jpg", uploadtest.Sample(content.JPEG))
	var answer struct {
		Album    string
		Pictures []struct{ Href, Name string }
	}
	if err := json.Unmarshal(send(201, album, photo).Bytes(), &answer); err != nil || answer.Album != "Sea" || len(answer.Pictures) != 1 {
		t.Fatalf("got %+v, %v", answer, err)
	}
	w := get(answer.Pictures[0].Href)
	if _, kind, err := image.Decode(w.Body); err != nil || kind != "jpeg" || w.Header().Get("Content-Type") != "image/jpeg" {
		t.Errorf("got %s, %v, %v", kind, err, w.Header())
	}
	send(422, photo, album) // the value comes first
	send(422, photo)
	send(422, album)
	send(415, album, uploadtest.File("pictures", "a.pdf", uploadtest.Sample(content.PDF)))
	send(415, album, uploadtest.File("pictures", "a.png", uploadtest.EICAR()))
}
