package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"log"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/gopalisade/palisade/upload"
	"github.com/gopalisade/palisade/upload/content"
	"github.com/gopalisade/palisade/upload/storage"
	"github.com/gopalisade/palisade/upload/uploadtest"
)

// fileSize is that of the one file in the form.
const fileSize = 16 << 20

// uploads take a form with one file to the disk, with its SHA-256, and forget it. Ours walks through the picture besides.
func uploads(dir string) []contest {
	store, err := storage.NewDirectory(storage.DirectoryConfig{Path: dir, NoSync: true, Interval: -1})
	check(err)
	guard, err := upload.New(upload.Config{
		Fields: []upload.Field{{Name: "file", Types: []content.Type{content.JPEG}, MaxBytes: fileSize}},
		Store:  store, DangerouslyUnscanned: true,
	})
	check(err)
	picture, err := io.ReadAll(uploadtest.Stream(content.JPEG, fileSize))
	check(err)
	form := uploadtest.Form{Parts: []uploadtest.Part{uploadtest.File("file", "a.jpg", picture)}}
	body, kind := form.Bytes(), form.ContentType()
	run := func(h http.Handler) func() {
		return func() {
			r := httptest.NewRequest("POST", "/", bytes.NewReader(body))
			r.Header.Set("Content-Type", kind)
			w := httptest.NewRecorder()
			if h.ServeHTTP(w, r); w.Code != http.StatusOK {
				log.Fatalf("%d %s", w.Code, w.Body)
			}
		}
	}
	ours := run(guard.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))
	return []contest{
		{"upload", "16 MiB to disk with SHA-256", "ParseMultipartForm, then hash", ours, run(http.HandlerFunc(parseThenHash))},
		{"upload", "16 MiB to disk with SHA-256", "multipart.Reader by hand", ours, run(http.HandlerFunc(byHand))},
	}
}

// parseThenHash is what most handlers do.
func parseThenHash(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, fileSize+1<<20)
	check(r.ParseMultipartForm(1 << 20))
	file, _, err := r.FormFile("file")
	check(err)
	hash := sha256.New()
	_, err = io.Copy(hash, file)
	_ = hash.Sum(nil)
	check(errors.Join(err, file.Close(), r.MultipartForm.RemoveAll()))
}

// byHand is what a careful handler does, with no check of anything.
func byHand(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, fileSize+1<<20)
	parts, err := r.MultipartReader()
	check(err)
	for {
		p, err := parts.NextRawPart()
		if err == io.EOF {
			return
		}
		check(err)
		check(spool(p))
	}
}

func spool(p *multipart.Part) error {
	file, err := os.CreateTemp("", "palisade-bench")
	if err != nil {
		return err
	}
	hash := sha256.New()
	_, err = io.CopyBuffer(io.MultiWriter(file, hash), p, make([]byte, 64<<10))
	_ = hash.Sum(nil)
	return errors.Join(err, file.Close(), os.Remove(file.Name()))
}
