package upload_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/gopalisade/palisade/upload"
	"github.com/gopalisade/palisade/upload/content"
	"github.com/gopalisade/palisade/upload/storage"
	"github.com/gopalisade/palisade/upload/uploadtest"
)

func Example() {
	guard, err := upload.New(upload.Config{
		Fields:  []upload.Field{{Name: "photos", Types: content.Images(), Max: 5, MaxBytes: 5 << 20, Required: true}},
		Values:  []upload.Value{{Name: "title"}},
		Store:   storage.NewMemory(64 << 20), // storage.NewDirectory where files shall outlive the program
		Scanner: &uploadtest.FakeScanner{},   // clamav.New outside of tests
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	h := guard.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		batch, _ := upload.From(r.Context())
		kept, err := batch.Commit(r.Context()) // all of them, or none
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		for _, f := range kept {
			fmt.Println(batch.Value("title")+":", f.Name, f.Type, f.Report.Width, "by", f.Report.Height)
		}
	}))
	form := uploadtest.Form{Parts: []uploadtest.Part{
		uploadtest.Value("title", "Holiday"),
		uploadtest.File("photos", "../beach.png", uploadtest.Sample(content.PNG)),
	}}
	h.ServeHTTP(httptest.NewRecorder(), form.Request("/"))
	// Output: Holiday: beach.png image/png 1 by 1
}

// Without a scanner there is no guard: whoever wants none must say so.
func ExampleNew_unscanned() {
	_, err := upload.New(upload.Config{
		Fields: []upload.Field{{Name: "photo", Types: content.Images()}},
		Store:  storage.NewMemory(1 << 20),
	})
	fmt.Println(err)
	// Output: upload: Scanner is required, unless DangerouslyUnscanned says otherwise
}

// A handler that forgets Commit keeps nothing: the symptom is a 200, and a file that nobody finds.
func ExampleBatch_Commit_forgotten() {
	store := storage.NewMemory(1 << 20)
	guard, err := upload.New(upload.Config{
		Fields: []upload.Field{{Name: "photo", Types: content.Images()}}, Store: store, Scanner: &uploadtest.FakeScanner{},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	var key string
	h := guard.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		batch, _ := upload.From(r.Context())
		key = batch.Files("photo")[0].Key // and no Commit
	}))
	w := httptest.NewRecorder()
	form := uploadtest.Form{Parts: []uploadtest.Part{uploadtest.File("photo", "a.png", uploadtest.Sample(content.PNG))}}
	h.ServeHTTP(w, form.Request("/"))
	_, err = store.Open(context.Background(), key)
	fmt.Println(w.Code, err)
	// Output: 200 storage: no such file
}

func ExampleServer() {
	store := storage.NewMemory(1 << 20)
	files, err := upload.NewServer(upload.ServerConfig{
		Store: store,
		Authorize: func(r *http.Request, m storage.Meta) error {
			if user, _, _ := r.BasicAuth(); user != m.Owner {
				return storage.ErrNotFound // others need not know that there is one
			}
			return nil
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	mux.Handle("GET /files/{key}", files)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest("GET", "/files/unknown", nil))
	fmt.Println(w.Code)
	// Output: 404
}

func ExampleDisposition() {
	fmt.Println(upload.Disposition("attachment", `Überblick "2026".pdf`))
	// Output: attachment; filename="_berblick _2026_.pdf"; filename*=UTF-8''%C3%9Cberblick%20%222026%22.pdf
}
