package upload

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/gopalisade/palisade/upload/content"
	"github.com/gopalisade/palisade/upload/storage"
)

// describe looks into the file at rest, and has the store keep what it found.
func (b *Batch) describe(ctx context.Context, f *File) error {
	select {
	case b.guard.checking <- struct{}{}:
		defer func() { <-b.guard.checking }()
	case <-ctx.Done():
		return ctx.Err()
	}
	f.Key, f.Size = f.stored.Key(), f.stored.Size()
	report, err := content.Check(ctx, f.stored, f.Size, f.Type, b.guard.fields[f.Field].Content)
	if err != nil {
		return f.refused(err)
	}
	f.Report = report
	return f.stored.SetMeta(storage.Meta{
		Name: f.Name, Type: string(f.Type), Size: f.Size, SHA256: f.SHA256, Owner: b.owner, Created: time.Now(),
	})
}

// refused gives what package content says the form of a refusal.
func (f *File) refused(err error) error {
	if refusal, ok := errors.AsType[*content.Error](err); ok {
		return &Error{Kind: ErrContent, Word: refusal.Code(), Field: f.Field, Err: refusal}
	}
	return err
}

// gone is the error of a client that left, whoever noticed it.
func gone(err error) error {
	if _, own := errors.AsType[*Error](err); !own && errors.Is(err, context.Canceled) {
		return &Error{Kind: ErrMalformed, Word: CodeIncomplete, Err: err}
	}
	return err
}

// scan asks the scanner about each file, a few at a time, and wants Clean for all.
func (b *Batch) scan() error {
	ctx, cancel := context.WithCancel(b.ctx)
	defer cancel()
	errs, panics := make([]error, len(b.files)), make([]any, len(b.files))
	slots := make(chan struct{}, b.guard.cfg.Limits.Scans)
	var wg sync.WaitGroup
	for i := range b.files {
		slots <- struct{}{}
		// Until pass has returned nothing is known: a scanner may end its goroutine.
		errs[i] = &Error{Kind: ErrUnavailable, Word: CodeUnavailable, Field: b.files[i].Field, Err: errScanExit}
		wg.Go(func() {
			defer func() {
				if panics[i] = recover(); errs[i] != nil {
					cancel() // one is enough to refuse them all
				}
				<-slots
			}()
			errs[i] = b.pass(ctx, &b.files[i])
		})
	}
	wg.Wait()
	for _, p := range panics {
		if p != nil {
			panic(p) // a store's, in the goroutine in which a server expects it
		}
	}
	// Malware comes before all else: whoever sent it may have left meanwhile, so that nobody hears of it.
	for _, err := range errs {
		if errors.Is(err, ErrInfected) {
			return err
		}
	}
	if b.ctx.Err() != nil {
		return b.ctx.Err()
	}
	// The reason comes before those that gave up because of it.
	for _, err := range errs {
		if err != nil && !errors.Is(err, context.Canceled) {
			return err
		}
	}
	return errors.Join(errs...)
}

// pass lets a file through the scanner, and writes it anew where it is to be.
func (b *Batch) pass(ctx context.Context, f *File) error {
	if err := ctx.Err(); err != nil {
		return err // another file has decided
	}
	if err := b.ask(ctx, f); err != nil || b.guard.fields[f.Field].Reencode == nil || !f.Type.Inline() {
		return err
	}
	if err := b.reencode(ctx, f); err != nil {
		return err
	}
	return b.ask(ctx, f)
}

// ask wants Clean from the scanner, in time.
func (b *Batch) ask(ctx context.Context, f *File) error {
	if b.guard.cfg.Scanner == nil {
		return nil
	}
	ctx, cancel := context.WithTimeoutCause(ctx, b.guard.cfg.Limits.ScanTime, errScanTime)
	defer cancel()
	verdict, err := b.verdict(ctx, f.stored)
	switch {
	case err != nil:
		return &Error{Kind: ErrUnavailable, Word: CodeUnavailable, Field: f.Field, Err: err}
	case verdict.Status == Clean:
		return nil
	case verdict.Status == Infected:
		return &Error{Kind: ErrInfected, Word: CodeInfected, Field: f.Field, Err: &found{verdict}}
	case verdict.Status == Unscannable:
		return &Error{Kind: ErrContent, Word: CodeUnscannable, Field: f.Field, Err: &found{verdict}}
	}
	return &Error{Kind: ErrUnavailable, Word: CodeUnavailable, Field: f.Field, Err: &found{verdict}}
}

var (
	errScanTime  = errors.New("the scanner took too long")
	errScanPanic = errors.New("the scanner panicked")
	errScanExit  = errors.New("the scanner ended its goroutine")
)

// verdict asks the scanner. One that crashes has found nothing out, and neither has one that answers when its time is over,
// unless it has found something.
func (b *Batch) verdict(ctx context.Context, f storage.File) (v Verdict, err error) {
	defer func() {
		if recover() != nil {
			v, err = Verdict{}, errScanPanic
		}
	}()
	v, err = b.guard.cfg.Scanner.Scan(ctx, f)
	if v.Status != Infected && ctx.Err() != nil {
		err = errors.Join(err, context.Cause(ctx))
	}
	return v, err
}

// found is a verdict, for the log.
type found struct{ v Verdict }

func (f *found) Error() string { return f.v.Engine + ": " + f.v.Status.String() + " " + f.v.Name }

// reencode puts the image's pixels in the place of what was sent.
func (b *Batch) reencode(ctx context.Context, f *File) error {
	field := b.guard.fields[f.Field]
	fresh, err := b.tx.Create(ctx)
	if err != nil {
		return err
	}
	out := &bounded{w: fresh, left: field.MaxBytes}
	hash := sha256.New()
	t, err := field.Reencode.Reencode(ctx, io.MultiWriter(out, hash), f.stored, f.Size, f.Type, field.Content)
	switch {
	case out.left < 0:
		return &Error{Kind: ErrTooLarge, Word: CodeFileTooLarge, Field: field.Name}
	case err != nil:
		return f.refused(err)
	}
	if err := f.stored.Discard(); err != nil {
		return err
	}
	if t != f.Type {
		f.Name = strings.TrimSuffix(f.Name, f.Name[strings.LastIndexByte(f.Name, '.'):]) + "." + t.Extensions()[0]
	}
	f.Type, f.SHA256, f.stored = t, [32]byte(hash.Sum(nil)), fresh
	return b.describe(ctx, f)
}

// bounded writes so many bytes and no more.
type bounded struct {
	w    io.Writer
	left int64 // negative: there was more
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.left -= int64(len(p)); b.left < 0 {
		return 0, io.ErrShortWrite
	}
	return b.w.Write(p)
}
