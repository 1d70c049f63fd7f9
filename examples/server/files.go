package main

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/problem"
	"github.com/gopalisade/palisade/upload"
	"github.com/gopalisade/palisade/upload/clamav"
	"github.com/gopalisade/palisade/upload/content"
	"github.com/gopalisade/palisade/upload/storage"
)

// files is what the routes of uploads are made of.
type files struct {
	store   *storage.Directory
	scanner *clamav.Client // nil without -clamd
	guard   *upload.Guard  // nil without a scanner
	server  *upload.Server
}

// A form brings so many files, each so long.
const (
	maxFiles    = 5
	maxFileSize = 5 << 20
)

// openFiles opens the folder, and wants a clamd that finds what it must find. Without one, nothing is taken.
func openFiles(ctx context.Context, cfg config, log *slog.Logger) (f *files, err error) {
	f = &files{}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.close())
		}
	}()
	folder := filepath.Join(cfg.data, "files")
	if err := os.Mkdir(folder, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return f, err
	}
	if f.store, err = storage.NewDirectory(storage.DirectoryConfig{Path: folder}); err != nil {
		return f, err
	}
	f.server, err = upload.NewServer(upload.ServerConfig{
		Store: f.store, Authorize: ownFile, Key: func(r *http.Request) string { return r.PathValue("id") },
	})
	if err != nil {
		return f, err
	}
	if cfg.clamd == "" {
		log.Warn("no -clamd: uploads answer 503, since nobody would scan them")
		return f, nil
	}
	f.scanner, err = clamav.New(ctx, clamav.Config{Addr: cfg.clamd, MaxBytes: maxFileSize})
	if err != nil {
		return f, err
	}
	f.guard, err = upload.New(upload.Config{
		Fields: []upload.Field{{
			Name: "files", Types: append(content.Images(), content.PDF), Max: maxFiles, MaxBytes: maxFileSize, Required: true,
		}},
		Store: f.store, Scanner: f.scanner, Owner: func(r *http.Request) string { return principalID(r.Context()) },
	})
	return f, err
}

// close leaves what was committed.
func (f *files) close() error {
	var errs []error
	if f.scanner != nil {
		errs = append(errs, f.scanner.Close())
	}
	if f.store != nil {
		errs = append(errs, f.store.Close())
	}
	return errors.Join(errs...)
}

// wrap takes the files, where somebody scans them.
func (f *files) wrap(next http.Handler) http.Handler {
	if f.guard != nil {
		return f.guard.Wrap(next)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		problem.Write(w, r, &problem.Problem{
			Status: http.StatusServiceUnavailable, Code: upload.CodeUnavailable, RetryAfter: time.Minute,
		})
	})
}

// ownFile answers 404 for another's file, as for none.
func ownFile(r *http.Request, m storage.Meta) error {
	if p, ok := auth.From(r.Context()); ok && p.ID == m.Owner {
		return nil
	}
	return storage.ErrNotFound
}

// file is what the sender learns of each.
type file struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Size int64  `json:"size"`
	Type string `json:"type"`
}

// keepFiles commits what the guard let pass: all of it, or nothing.
func (a *app) keepFiles(w http.ResponseWriter, r *http.Request) error {
	batch, ok := upload.From(r.Context())
	if !ok {
		return errUnguarded
	}
	kept, err := batch.Commit(r.Context())
	if err != nil {
		return err
	}
	var answer struct {
		Items []file `json:"items"`
	}
	for _, f := range kept {
		answer.Items = append(answer.Items, file{f.Key, f.Name, f.Size, string(f.Type)})
	}
	return writeJSON(w, http.StatusCreated, answer)
}

var errUnguarded = errors.New("no upload.Guard stands before the handler")
