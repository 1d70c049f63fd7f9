package upload

import (
	"context"
	"mime/multipart"
	"net/http"
	"slices"

	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/upload/content"
	"github.com/gopalisade/palisade/upload/storage"
)

// Batch is the form of one request: its values, and its files in quarantine. It belongs to the request.
type Batch struct {
	guard    *Guard
	ctx      context.Context
	cancel   context.CancelFunc
	tx       storage.Tx
	stream   *stream
	boundary string
	owner    string
	files    []File
	values   values
	done     bool
}

type values map[string][]string

// File is one file of a [Batch], checked and scanned.
type File struct {
	Field  string
	Key    string // under which the store knows it, once committed
	Name   string // as the sender called it, made harmless: for people, never a path
	Type   content.Type
	Size   int64 // bytes
	SHA256 [32]byte
	Report content.Report

	stored storage.File
}

// ReadAt reads the file in quarantine. Once it is committed the store has it, and this returns storage.ErrDone.
func (f File) ReadAt(p []byte, off int64) (int, error) { return f.stored.ReadAt(p, off) }

// Files returns the files of a field, in the order of the form; of all fields for "".
func (b *Batch) Files(field string) []File {
	if field == "" {
		return slices.Clone(b.files)
	}
	var found []File
	for _, f := range b.files {
		if f.Field == field {
			found = append(found, f)
		}
	}
	return found
}

func (b *Batch) count(field string) (n int) {
	for i := range b.files {
		if b.files[i].Field == field {
			n++
		}
	}
	return n
}

// Value returns the first value of a name, or "".
func (b *Batch) Value(name string) string {
	if all := b.values[name]; len(all) > 0 {
		return all[0]
	}
	return ""
}

// Values returns all values of a name.
func (b *Batch) Values(name string) []string { return slices.Clone(b.values[name]) }

// Commit makes all files permanent, or none, and returns them. Without it they vanish when the handler returns.
func (b *Batch) Commit(ctx context.Context) ([]File, error) {
	if b.done {
		return nil, storage.ErrDone
	}
	b.done = true
	if err := b.tx.Commit(ctx); err != nil {
		return nil, err
	}
	for _, f := range b.files {
		event.Emit(ctx, event.Event{Code: event.UploadStored, Object: f.Key, Principal: b.owner, Count: f.Size})
	}
	return slices.Clone(b.files), nil
}

// vanish ends the transaction, whatever became of the request.
func (b *Batch) vanish() {
	// The request may be over: cleaning up is not.
	_ = b.tx.Rollback(context.WithoutCancel(b.ctx)) // what it could not remove, the store's janitor does
	b.cancel()
}

// complete wants everything that is required.
func (b *Batch) complete() error {
	for _, field := range b.guard.cfg.Fields {
		if field.Required && b.count(field.Name) == 0 {
			return &Error{Kind: ErrInvalid, Word: CodeRequired, Field: field.Name}
		}
	}
	for _, value := range b.guard.cfg.Values {
		if value.Required && !slices.ContainsFunc(b.values[value.Name], func(s string) bool { return s != "" }) {
			return &Error{Kind: ErrInvalid, Word: CodeRequired, Field: value.Name}
		}
	}
	return nil
}

// request is r as the handler gets it: the form has been read, so that nobody reads it again in another way.
func (b *Batch) request(r *http.Request) *http.Request {
	r = r.WithContext(&batchContext{r.Context(), b})
	r.Body = http.NoBody
	r.MultipartForm = &multipart.Form{Value: b.values, File: map[string][]*multipart.FileHeader{}}
	r.PostForm = map[string][]string(b.values)
	r.Form = r.URL.Query()
	for name, all := range b.values {
		r.Form[name] = append(slices.Clone(all), r.Form[name]...)
	}
	return r
}

type batchKey struct{}

type batchContext struct {
	context.Context
	batch *Batch
}

// Value finds the batch without a search through the parents.
func (c *batchContext) Value(key any) any {
	if _, ok := key.(batchKey); ok {
		return c.batch
	}
	return c.Context.Value(key)
}

// From returns the form that Wrap has read. Without the middleware there is none, and ok is false.
func From(ctx context.Context) (b *Batch, ok bool) {
	b, ok = ctx.Value(batchKey{}).(*Batch)
	return b, ok
}
