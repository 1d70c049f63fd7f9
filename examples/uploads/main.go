// Command uploads takes pictures from a page with a progress bar, has clamd look at them, writes them anew without what the
// camera noted, and hands them out again.
package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/gopalisade/palisade/headers"
	"github.com/gopalisade/palisade/problem"
	"github.com/gopalisade/palisade/transport"
	"github.com/gopalisade/palisade/upload"
	"github.com/gopalisade/palisade/upload/clamav"
	"github.com/gopalisade/palisade/upload/content"
	"github.com/gopalisade/palisade/upload/storage"
)

func main() {
	dir := flag.String("dir", "./palisade-uploads", "`folder` of the pictures")
	clamd := flag.String("clamd", "", "`URL` of a clamd, unix:///run/clamav/clamd.ctl or tcp://127.0.0.1:3310")
	unscanned := flag.Bool("dangerously-unscanned", false, "take pictures that nobody has scanned, to try this without a clamd")
	flag.Parse()
	var scanner upload.Scanner
	if *clamd != "" {
		scanner = must(clamav.New(context.Background(), clamav.Config{Addr: *clamd, MaxBytes: maxBytes}))
	} else if !*unscanned {
		log.Fatal("uploads: needs -clamd, or -dangerously-unscanned")
	}
	if err := os.MkdirAll(*dir, 0o700); err != nil {
		log.Fatal(err)
	}
	store := must(storage.NewDirectory(storage.DirectoryConfig{Path: *dir}))
	server := must(transport.NewServer(transport.ServerConfig{Addr: "127.0.0.1:8080", Handler: build(store, scanner)}))
	fmt.Println("open http://localhost:8080/")
	log.Fatal(errors.Join(server.ListenAndServe(), store.Close()))
}

const maxBytes = 10 << 20

// build returns the page and what takes its pictures. Here everybody may upload, and see every picture whose key he knows:
// package auth in front of it, and Owner in the Config, would change that.
func build(store storage.Store, scanner upload.Scanner) http.Handler {
	guard := must(upload.New(upload.Config{
		Fields: []upload.Field{{
			Name: "pictures", Types: content.Images(), Max: 10, MaxBytes: maxBytes, Required: true,
			Reencode: must(content.NewReencoder(content.ReencoderConfig{Memory: 512 << 20})),
		}},
		Values: []upload.Value{{Name: "album", Required: true}}, ValuesFirst: true,
		Store: store, Scanner: scanner, DangerouslyUnscanned: scanner == nil,
	}))
	pictures := must(upload.NewServer(upload.ServerConfig{
		Store: store, Authorize: func(*http.Request, storage.Meta) error { return nil },
	}))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", page)
	mux.Handle("POST /pictures", guard.Wrap(http.HandlerFunc(keep)))
	mux.Handle("GET /pictures/{key}", pictures)
	return must(headers.New(headers.Page())).Wrap(problem.Mux(mux))
}

// keep commits all pictures at once. Had it returned before, all of them were gone.
func keep(w http.ResponseWriter, r *http.Request) {
	batch, ok := upload.From(r.Context())
	if !ok {
		problem.Write(w, r, errors.New("no guard"))
		return
	}
	kept, err := batch.Commit(r.Context())
	if err != nil {
		problem.Write(w, r, err)
		return
	}
	type picture struct {
		Href   string `json:"href"`
		Name   string `json:"name"`
		Width  int    `json:"width"`
		Height int    `json:"height"`
	}
	var answer struct {
		Album    string    `json:"album"`
		Pictures []picture `json:"pictures"`
	}
	answer.Album = batch.Value("album")
	for _, f := range kept {
		answer.Pictures = append(answer.Pictures, picture{"/pictures/" + f.Key, f.Name, f.Report.Width, f.Report.Height})
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(w).Encode(answer) // the client is gone: nobody is left to tell
}

//go:embed page.html
var html string

// page puts the nonce into the one script, so that no other runs.
func page(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = fmt.Fprintf(w, html, headers.Nonce(r))
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
