package upload_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/upload"
	"github.com/gopalisade/palisade/upload/content"
)

// TestDelimiters: a form begins with its boundary, ends with it, and is one form for every reader.
func TestDelimiters(t *testing.T) {
	const head = named + "\r\n\r\n"
	whole := filePart("a.txt", "text") + end
	for _, tc := range []struct {
		name, body string
		status     int
		code       string
		want       string // the one file
	}{
		{"usual", whole, 201, "", "text"},
		{"the last line without its end", strings.TrimSuffix(whole, "\r\n"), 201, "", "text"},
		{"white space behind the last delimiter", "--B\r\n" + head + "text\r\n--B-- \t\r\n", 201, "", "text"},
		{"white space behind another delimiter", filePart("a.txt", "text") + "--B \t\r\n" +
			"Content-Disposition: form-data; name=\"title\"\r\n\r\nx\r\n" + end, 201, "", "text"},
		{"LF before what is no delimiter", "--B\r\n" + head + "a\n--B\r\nb\r\n" + end, 201, "", "a\n--B\r\nb"},
		{"longer than a delimiter", "--B\r\n" + head + "a\r\n--Bb\r\n" + end, 201, "", "a\r\n--Bb"},
		{"a line end of its own", "--B\r\n" + head + "a\r\n\r\n" + end, 201, "", "a\r\n"},
		{"folded", "--B\r\nContent-Disposition: form-data; name=\"files\";\r\n filename=\"a.txt\"\r\n\r\ntext\r\n" + end, 201, "", "text"},

		{"preamble", "x\r\n" + whole, 400, "upload_malformed", ""},
		{"an empty line in front", "\r\n" + whole, 400, "upload_malformed", ""},
		{"another form in front", "--C\r\n" + head + "text\r\n--C--\r\n" + whole, 400, "upload_malformed", ""},
		{"LF everywhere", strings.ReplaceAll(whole, "\r\n", "\n"), 400, "upload_malformed", ""},
		{"LF behind the first delimiter", "--B\n" + head + "text\r\n" + end, 400, "upload_malformed", ""},
		{"CR behind the first delimiter", "--B\r" + head + "text\r\n" + end, 400, "upload_malformed", ""},
		{"hyphen behind the first delimiter", "--B-\n" + head + "text\r\n" + end, 400, "upload_malformed", ""},
		{"white space behind the first delimiter", "--B \r\n" + head + "text\r\n" + end, 400, "upload_malformed", ""},
		{"LF behind another delimiter", filePart("a.txt", "text") + "--B\n" + head + "x\r\n" + end, 400, "upload_malformed", ""},
		{"LF before the last delimiter", "--B\r\n" + head + "text\n" + end, 400, "upload_incomplete", ""},
		{"LF before a last delimiter in a file", "--B\r\n" + head + "text\n--B--\r\n\r\n" + end, 400, "upload_malformed", ""},
		{"more behind the last delimiter", filePart("a.txt", "text") + "--B--x\r\n", 400, "upload_malformed", ""},
		{"a last delimiter in a file", "--B\r\n" + head + "a\r\n--B--\r\nb\r\n" + end, 400, "upload_malformed", ""},
		{"straight from a header into the end", "--B\r\n" + named + "\r\n--B--\r\n", 400, "upload_malformed", ""},
		{"straight from a header into a cut end", "--B\r\n" + named + "\r\n--B-", 400, "upload_malformed", ""},
		{"space before a colon", "--B\r\n" + strings.Replace(head, ":", " :", 1) + "text\r\n" + end, 400, "upload_malformed", ""},
		{"a header that begins with space", "--B\r\n " + head + "text\r\n" + end, 400, "upload_malformed", ""},
		{"no header", "--B\r\n\r\ntext\r\n" + end, 400, "upload_malformed", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b, got := newBench(t, usual()), ""
			b.handled = func(batch *upload.Batch, _ *http.Request) (err error) {
				got, err = text(batch.Files("")[0])
				return err
			}
			if b.want(tc.name, raw(tc.body), tc.status, tc.code); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func text(f upload.File) (string, error) {
	data, err := io.ReadAll(io.NewSectionReader(f, 0, f.Size))
	return string(data), err
}

// TestHeaderBombs: a header is given up when it has had its bytes, however many more would come.
func TestHeaderBombs(t *testing.T) {
	for name, head := range map[string]string{
		"9 MiB in a line":  "--B\r\n" + named + "\r\nX: ",
		"9 MiB of a name":  "--B\r\n" + named + "\r\n",
		"9000 lines":       "--B\r\n" + named + strings.Repeat("\r\nX: x", 9000),
		"a later part":     filePart("a.txt", "text") + "--B\r\n" + named + "\r\nX: ",
		"behind a control": part(`Content-Disposition: form-data; name="files"; filename=""`, "") + "--B\r\nX: ",
	} {
		body := &endless{head: strings.NewReader(head)}
		r := httptest.NewRequest("POST", "/", io.LimitReader(body, 9<<20))
		r.Header.Set("Content-Type", "multipart/form-data; boundary=B")
		r.ContentLength = -1
		if newBench(t, wide()).want(name, r, 413, "upload_too_large"); body.read > 32<<10 {
			t.Errorf("%s: read %d bytes", name, body.read)
		}
	}
	long := named + "\r\nX: " + strings.Repeat("x", 16<<10-len(named)-10)
	newBench(t, usual()).want("just within", raw(part(long, "text")+end), 201, "")
}

// wide is usual, for forms of 16 MiB.
func wide() upload.Config {
	cfg := usual()
	cfg.Limits.Body = 16 << 20
	return cfg
}

// pieces reads data in pieces, of which cut says how long the next is.
func pieces(data []byte, cut func() int) io.Reader {
	return readerFunc(func(p []byte) (int, error) {
		if len(data) == 0 {
			return 0, io.EOF
		}
		n := copy(p, data[:min(len(data), max(1, cut()))])
		data = data[n:]
		return n, nil
	})
}

// TestLookAlikes: what only resembles a delimiter is data, wherever reads are cut.
func TestLookAlikes(t *testing.T) {
	for _, data := range []string{
		"--", "\r\n--", "\r\n--b", "\r\n--b--", "\r\n-B", "\r-\n-B", "--B", "--B-", "\r--B\r\n", "\r\n\r\n--Bx", "\r\n--BB--", "\r\n --B",
		"\r\n--\r\n--\r\nB", "\r\r\n--C", "\n--Bx", "\r\n---B--", "a\r\n--B.x", strings.Repeat("\r\n--", 20) + "x", "\r",
	} {
		body := []byte(filePart("a.txt", "x"+data) + filePart("b.txt", "y"+data) + end)
		for i := range len(body) {
			first := true
			r := raw("")
			r.ContentLength = -1
			r.Body = io.NopCloser(pieces(body, func() int {
				if first && i > 0 {
					first = false
					return i
				}
				return len(body)
			}))
			if err := sameAsOracle(t, r, body); err != nil {
				t.Fatalf("%q, cut at %d: %v", data, i, err)
			}
			if i == 0 && len(kept(t, body)) != 2 {
				t.Errorf("%q: not taken", data)
			}
		}
	}
}

// sameAsOracle serves r, whose body is body: what is taken must be what package mime/multipart reads, and all of it.
func sameAsOracle(t testing.TB, r *http.Request, body []byte) error {
	b := newBench(t, usual())
	var files, values []string
	b.handled = func(batch *upload.Batch, _ *http.Request) error {
		for _, f := range batch.Files("") {
			s, err := text(f)
			if err != nil {
				return err
			}
			files = append(files, s)
		}
		values = batch.Values("title")
		return nil
	}
	if b.send(r).status >= 400 {
		return nil
	}
	parts := multipart.NewReader(bytes.NewReader(body), "B")
	var wantFiles, wantValues []string
	for {
		p, err := parts.NextRawPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return fmt.Errorf("taken, but: %w", err)
		}
		data, err := io.ReadAll(p)
		switch {
		case err != nil:
			return fmt.Errorf("taken, but: %w", err)
		case p.FileName() != "":
			wantFiles = append(wantFiles, string(data))
		case p.FormName() == "title":
			wantValues = append(wantValues, string(data))
		case len(data) > 0:
			return fmt.Errorf("a part is lost: %v", p.Header)
		}
	}
	if fmt.Sprintf("%q", files) != fmt.Sprintf("%q", wantFiles) || fmt.Sprintf("%q", values) != fmt.Sprintf("%q", wantValues) {
		return fmt.Errorf("got %q and %q, want %q and %q", files, values, wantFiles, wantValues)
	}
	if !bytes.HasPrefix(body, []byte("--B")) || !bytes.HasSuffix(bytes.TrimRight(body, " \t\r\n"), []byte("--B--")) {
		return errors.New("there is more than the form")
	}
	return nil
}

// kept returns what is kept of a body.
func kept(t testing.TB, body []byte) (files []upload.File) {
	b := newBench(t, usual())
	b.handled = func(batch *upload.Batch, r *http.Request) (err error) {
		files, err = batch.Commit(r.Context())
		return err
	}
	b.send(raw(string(body)))
	return files
}

// FuzzForm: whatever a body is, and however it comes, what is taken of it is what package mime/multipart reads.
func FuzzForm(f *testing.F) {
	for i, seed := range []string{
		filePart("a.txt", "text") + part(`Content-Disposition: form-data; name="title"`, "x") + end,
		filePart("a.txt", "\r\n--B-\r\n--") + filePart("b.txt", "x") + end + "\r\n",
		part(`Content-Disposition: form-data; name="files"; filename=""`, "") + end,
		"--B\n" + named + "\n\ntext\n--B--\n",
		"x\r\n" + filePart("a.txt", "a\n--B--") + end,
	} {
		f.Add([]byte(seed), uint64(i))
	}
	f.Fuzz(func(t *testing.T, body []byte, seed uint64) {
		rnd := rand.New(rand.NewPCG(seed, 0))
		r := raw("")
		r.ContentLength = -1
		r.Body = io.NopCloser(pieces(body, func() int { return rnd.IntN(12) }))
		if err := sameAsOracle(t, r, body); err != nil {
			t.Fatalf("%q: %v", body, err)
		}
	})
}

// FuzzFile: a file that package content accepts comes through with each of its bytes, and no other does.
func FuzzFile(f *testing.F) {
	f.Add([]byte("text\r\n--B"), uint64(1))
	f.Add([]byte("\xef\xbb\xbf\r\n-\r\n--\r\n\r\n--b--\r\n"), uint64(2))
	f.Fuzz(func(t *testing.T, data []byte, seed uint64) {
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		p, err := w.CreateFormFile("files", "a.txt")
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.Write(data)
		if err = errors.Join(err, w.Close()); err != nil {
			t.Fatal(err)
		}
		rnd := rand.New(rand.NewPCG(seed, 0))
		r := httptest.NewRequest("POST", "/", pieces(body.Bytes(), func() int { return rnd.IntN(40) }))
		r.Header.Set("Content-Type", w.FormDataContentType())
		b, got := newBench(t, usual()), ""
		b.handled = func(batch *upload.Batch, _ *http.Request) (err error) {
			got, err = text(batch.Files("")[0])
			return err
		}
		status := b.send(r).status
		_, err = content.Check(context.Background(), bytes.NewReader(data), int64(len(data)), content.Text, content.Limits{})
		_, other := content.Sniff(data)
		good := err == nil && !other && len(data) > 0 && len(data) <= 64<<10
		if good != (status == 201) || good && got != string(data) {
			t.Fatalf("%q: got %d and %q, where package content says %v", data, status, got, err)
		}
	})
}
