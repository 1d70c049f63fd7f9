package stream_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/secret"
	"github.com/gopalisade/palisade/crypto/stream"
)

func Example() {
	ring, err := field.New(field.Config{
		Keys: []field.Key{{ID: 1, Secret: secret.New(fixed(1)), State: field.Primary}}, // from a secret store
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	files, err := stream.New(stream.Config{Ring: ring})
	if err != nil {
		fmt.Println(err)
		return
	}
	store := func(dst io.Writer, src io.Reader) error {
		w, err := files.Writer(dst, stream.Bind("invoices", "7"))
		if err != nil {
			return err
		}
		defer w.Abort()
		if _, err := io.Copy(w, src); err != nil {
			return err
		}
		return w.Close()
	}
	var disk bytes.Buffer
	fmt.Println(store(&disk, strings.NewReader("17 crates of tea")))

	r, err := files.Reader(&disk, stream.Bind("invoices", "7"))
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := io.ReadAll(r)
	fmt.Println(string(text), err)
	// Output:
	// <nil>
	// 17 crates of tea <nil>
}

// Somebody who can write the store puts the invoice of another customer in the place of theirs.
func ExampleBind_movedFile() {
	files := exampleFiles()
	var disk bytes.Buffer
	w, _ := files.Writer(&disk, stream.Bind("invoices", "7"))
	_, _ = io.WriteString(w, "17 crates of tea")
	fmt.Println(w.Close())

	_, err := files.Reader(&disk, stream.Bind("invoices", "8"))
	fmt.Println(err)
	fmt.Println(errors.Is(err, stream.ErrOpen))
	// Output:
	// <nil>
	// stream: file cannot be opened
	// true
}

// Wrong: the invoice has no number before it is in the database. All files would have the same name, so it is refused.
func ExampleBind_noName() {
	id := "" // not inserted yet
	_, err := exampleFiles().Writer(io.Discard, stream.Bind("invoices", id))
	fmt.Println(err)
	// Output: stream: kind or name of the file is missing or too long
}

// Wrong: nobody closes the writer. What it has written is no file, and the reader says so.
func ExampleWriter_Close_forgotten() {
	files := exampleFiles()
	var disk bytes.Buffer
	w, _ := files.Writer(&disk, stream.Bind("invoices", "7"))
	_, _ = io.WriteString(w, strings.Repeat("tea ", 10_000))

	r, _ := files.Reader(&disk, stream.Bind("invoices", "7"))
	n, err := io.Copy(io.Discard, r)
	fmt.Println(n, "bytes,", err)
	fmt.Println(errors.Is(err, stream.ErrTruncated))
	// Output:
	// 32768 bytes, stream: file cannot be opened
	// true
}

// Wrong: Close is deferred, and completes half an upload. Defer [stream.Writer.Abort], and close where all went well.
func ExampleWriter_Abort() {
	files, name := exampleFiles(), stream.Bind("uploads", "7")
	upload := func() io.Reader { return io.MultiReader(strings.NewReader("half an upl"), broken{}) }
	var wrong, right bytes.Buffer
	func() error {
		w, _ := files.Writer(&wrong, name)
		defer w.Close()
		text, err := io.ReadAll(upload())
		_, _ = w.Write(text)
		return err
	}()
	func() error {
		w, err := files.Writer(&right, name)
		if err != nil {
			return err
		}
		defer w.Abort()
		if _, err := io.Copy(w, upload()); err != nil {
			return err
		}
		return w.Close()
	}()
	for _, disk := range []*bytes.Buffer{&wrong, &right} {
		r, err := files.Reader(disk, name)
		if err != nil {
			fmt.Println(err)
			continue
		}
		text, err := io.ReadAll(r)
		fmt.Printf("%q %v\n", text, err)
	}
	// Output:
	// "half an upl" <nil>
	// stream: file cannot be opened
}

// A video is sought in, so its parts are decrypted where they are asked for.
func ExampleReaderAt() {
	files := exampleFiles()
	var disk bytes.Buffer
	w, _ := files.Writer(&disk, stream.Bind("videos", "7"))
	_, _ = io.WriteString(w, strings.Repeat("frame ", 100_000))
	fmt.Println(w.Close())

	serve := func(rw http.ResponseWriter, r *http.Request) {
		file := bytes.NewReader(disk.Bytes()) // an *os.File, mostly
		video, err := files.ReaderAt(file, file.Size(), stream.Bind("videos", "7"))
		if err != nil {
			http.Error(rw, "unreadable", http.StatusInternalServerError)
			return
		}
		http.ServeContent(rw, r, "video.mp4", time.Time{}, io.NewSectionReader(video, 0, video.Size()))
	}
	request := httptest.NewRequest(http.MethodGet, "/videos/7", nil)
	request.Header.Set("Range", "bytes=599988-")
	response := httptest.NewRecorder()
	serve(response, request)
	fmt.Println(response.Code, response.Body)
	// Output:
	// <nil>
	// 206 frame frame
}

// A new key takes over; files of the old one are written again beside themselves, and renamed.
func ExampleFiles_Reseal() {
	ring := exampleRing()
	files, _ := stream.New(stream.Config{Ring: ring})
	name := stream.Bind("invoices", "7")
	var old, fresh bytes.Buffer
	w, _ := files.Writer(&old, name)
	_, _ = io.WriteString(w, "17 crates of tea")
	fmt.Println(w.Close())

	err := ring.Add(field.Key{ID: 2, Secret: secret.New(fixed(2)), State: field.Primary})
	fmt.Println(err)
	stale, err := files.NeedsReseal(old.Bytes()[:stream.HeaderSize])
	fmt.Println("stale:", stale, err)
	n, err := files.Reseal(&fresh, &old, name)
	fmt.Println(n, err)
	info, err := stream.Inspect(fresh.Bytes())
	fmt.Println("key", info.KeyID, err)
	// Output:
	// <nil>
	// <nil>
	// stale: true <nil>
	// 16 <nil>
	// key 2 <nil>
}

// The format alone, for a key from a key management service, and readers in other languages.
func ExampleNewWriter() {
	var out bytes.Buffer
	w, err := stream.NewWriter(&out, fixed(1), []byte("backup of 2026-12-01"))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, _ = io.WriteString(w, "all of it")
	fmt.Println(w.Close())
	r, err := stream.NewReader(&out, fixed(1), []byte("backup of 2026-12-01"))
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := io.ReadAll(r)
	fmt.Println(string(text), err)
	// Output:
	// <nil>
	// all of it <nil>
}

func exampleRing() *field.Ring {
	ring, _ := field.New(field.Config{Keys: []field.Key{{ID: 1, Secret: secret.New(fixed(1)), State: field.Primary}}})
	return ring
}

func exampleFiles() *stream.Files {
	files, _ := stream.New(stream.Config{Ring: exampleRing()})
	return files
}

// broken is a client that went away.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
