package uploadtest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gopalisade/palisade/upload"
	"github.com/gopalisade/palisade/upload/content"
	"github.com/gopalisade/palisade/upload/storage"
	"github.com/gopalisade/palisade/upload/uploadtest"
)

// photos is your handler, and how many files it has stored.
func photos(scanner upload.Scanner) (http.Handler, *atomic.Int64) {
	guard, err := upload.New(upload.Config{
		Fields:  []upload.Field{{Name: "photo", Types: []content.Type{content.PNG, content.JPEG}, MaxBytes: 1 << 20, Required: true}},
		Values:  []upload.Value{{Name: "title"}},
		Store:   storage.NewMemory(0),
		Scanner: scanner,
	})
	if err != nil {
		panic(err)
	}
	stored := new(atomic.Int64)
	return guard.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		batch, _ := upload.From(r.Context())
		files, err := batch.Commit(r.Context())
		if err != nil {
			http.Error(w, "not stored", http.StatusInternalServerError)
			return
		}
		stored.Add(int64(len(files)))
		fmt.Fprintf(w, "%s: %s", batch.Value("title"), files[0].Name)
	})), stored
}

func send(h http.Handler, r *http.Request) (status int, body string) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func Example() {
	h, stored := photos(&uploadtest.FakeScanner{})
	form := uploadtest.Form{Parts: []uploadtest.Part{
		uploadtest.Value("title", "Holiday"),
		uploadtest.File("photo", "beach.png", uploadtest.Sample(content.PNG)),
	}}
	fmt.Println(send(h, form.Request("/photos")))

	form.Parts[1] = uploadtest.File("photo", "beach.png", uploadtest.EICAR())
	status, _ := send(h, form.Request("/photos"))
	fmt.Println(status, stored.Load())
	// Output:
	// 200 Holiday: beach.png
	// 415 1
}

// In a test of your own. It fails for each attack that your handler does not refuse.
func ExampleAttack() {
	_ = func(t *testing.T) {
		h, stored := photos(&uploadtest.FakeScanner{}) // yours
		uploadtest.Attack(t, h, uploadtest.Target{
			Field: "photo", Types: []content.Type{content.PNG, content.JPEG}, MaxBytes: 1 << 20,
			Stored: func() int { return int(stored.Load()) },
			Request: func() *http.Request {
				r := httptest.NewRequest("POST", "/photos", nil)
				r.Header.Set("Authorization", "Bearer "+"a token that your handler takes")
				return r
			},
		})
	}
	// Output:
}

// A part may have any header, and a form any shape.
func ExampleForm() {
	form := uploadtest.Form{
		Boundary: "b",
		Parts: []uploadtest.Part{{
			Header: []string{
				`Content-Disposition: form-data; name="photo"; filename="a.png"`,
				`Content-Disposition: form-data; name="photo"; filename="b.php"`,
			},
			Body: strings.NewReader("data"),
		}},
		Epilogue: "behind the end",
	}
	fmt.Println(strings.ReplaceAll(string(form.Bytes()), "\r", ""))
	// Output:
	// --b
	// Content-Disposition: form-data; name="photo"; filename="a.png"
	// Content-Disposition: form-data; name="photo"; filename="b.php"
	//
	// data
	// --b--
	// behind the end
}

// A part whose reader has no size is read once: the second form is sent without it, and a test that wants a refusal gets one
// for the wrong reason.
func ExamplePart_readOnce() {
	part := uploadtest.Part{Header: []string{`Content-Disposition: form-data; name="a"`}}
	part.Body = io.LimitReader(strings.NewReader("data"), 4) // wrong: use strings.NewReader alone
	form := uploadtest.Form{Parts: []uploadtest.Part{part}}
	first, second := form.Bytes(), form.Bytes()
	fmt.Println(len(first) - len(second))
	// Output:
	// 4
}

// A file of a gigabyte is made up as the handler reads it.
func ExampleStream() {
	h, stored := photos(&uploadtest.FakeScanner{})
	photo := uploadtest.File("photo", "large.png", nil)
	photo.Body = uploadtest.Stream(content.PNG, 1<<30)
	r := uploadtest.Form{Parts: []uploadtest.Part{photo}}.Request("/photos")
	r.ContentLength = -1 // not even announced
	status, _ := send(h, r)
	fmt.Println(status, stored.Load())
	// Output:
	// 413 0
}

func ExampleBomb() {
	bomb := uploadtest.Bomb(content.PNG, 12_000) // promises a gigabyte of pixels
	h, _ := photos(&uploadtest.FakeScanner{})
	status, _ := send(h, uploadtest.Form{Parts: []uploadtest.Part{uploadtest.File("photo", "a.png", bomb)}}.Request("/photos"))
	fmt.Println(len(bomb), status)
	// Output:
	// 47 422
}

func ExampleDisguises() {
	h, _ := photos(&uploadtest.FakeScanner{})
	statuses := map[int]bool{}
	for name, data := range uploadtest.Disguises() {
		status, _ := send(h, uploadtest.Form{Parts: []uploadtest.Part{uploadtest.File("photo", name, data)}}.Request("/photos"))
		statuses[status] = true
	}
	fmt.Println(statuses)
	// Output:
	// map[415:true 422:true]
}

// What a handler does when its scanner is down.
func ExampleFakeScanner() {
	for _, scanner := range []*uploadtest.FakeScanner{
		{},
		{Verdict: upload.Verdict{Status: upload.Infected, Name: "Test"}},
		{Verdict: upload.Verdict{Status: upload.Unscannable}},
		{Err: errors.New("connection refused")},
		{Panic: true},
		{Func: func(_ context.Context, f upload.Subject) (upload.Verdict, error) {
			return upload.Verdict{}, nil // the verdict that somebody forgot
		}},
	} {
		h, stored := photos(scanner)
		photo := uploadtest.File("photo", "a.png", uploadtest.Sample(content.PNG))
		status, _ := send(h, uploadtest.Form{Parts: []uploadtest.Part{photo}}.Request("/photos"))
		fmt.Println(status, stored.Load(), scanner.Seen()[0].Size)
	}
	// Output:
	// 200 1 99
	// 422 0 99
	// 422 0 99
	// 503 0 99
	// 503 0 99
	// 503 0 99
}

func ExampleBreak() {
	h, stored := photos(&uploadtest.FakeScanner{})
	photo := uploadtest.File("photo", "a.png", uploadtest.Sample(content.PNG))
	r := uploadtest.Form{Parts: []uploadtest.Part{photo}}.Request("/photos")
	r.Body = uploadtest.Break(r.Body, r.ContentLength-1, nil)
	status, _ := send(h, r)
	fmt.Println(status, stored.Load())
	// Output:
	// 400 0
}

// In a bubble of testing/synctest a slow client takes no time.
func ExampleDrip() {
	_ = func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			h, _ := photos(&uploadtest.FakeScanner{})
			photo := uploadtest.File("photo", "a.png", uploadtest.Sample(content.PNG))
			r := uploadtest.Form{Parts: []uploadtest.Part{photo}}.Request("/photos")
			r.Body = uploadtest.Drip(r.Body, 1, time.Second)
			if status, _ := send(h, r); status != http.StatusRequestTimeout {
				t.Errorf("got %d, want 408", status)
			}
		})
	}
	// Output:
}

// A client that announces more than it sends.
func ExampleSend() {
	h, stored := photos(&uploadtest.FakeScanner{})
	server := httptest.NewServer(h)
	defer server.Close()
	photo := uploadtest.File("photo", "a.png", uploadtest.Sample(content.PNG))
	r := uploadtest.Form{Parts: []uploadtest.Part{photo}}.Request("/photos")
	resp, err := uploadtest.Send(server.Listener.Addr().String(), r, r.ContentLength+1)
	if err != nil {
		panic(err)
	}
	fmt.Println(resp.StatusCode, stored.Load())
	// Output:
	// 400 0
}
