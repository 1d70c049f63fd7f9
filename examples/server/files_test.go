package main

import (
	"bytes"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/gopalisade/palisade/internal/servertest"
	"github.com/gopalisade/palisade/upload/content"
	"github.com/gopalisade/palisade/upload/uploadtest"
)

// send posts a form, and returns the answer.
func (c client) send(status int, who []string, form uploadtest.Form) map[string]any {
	c.t.Helper()
	return c.want(status, "POST", "/api/files", string(form.Bytes()), append(who, "Content-Type", form.ContentType())...)
}

func form(parts ...uploadtest.Part) uploadtest.Form { return uploadtest.Form{Parts: parts} }

func image(name string) uploadtest.Part {
	return uploadtest.File("files", name, uploadtest.Sample(content.PNG))
}

// stored counts the files in the folder, and those in quarantine.
func stored(t *testing.T, dir string) (objects, quarantine int) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(dir, "files"), func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || d.IsDir() || strings.HasSuffix(path, ".meta") || d.Name() == "lock":
		case strings.Contains(path, "/objects/"):
			objects++
		default:
			quarantine++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return objects, quarantine
}

func TestFiles(t *testing.T) {
	clamd, dir := servertest.Clamd(t), t.TempDir()
	c := client{t, start(t, dir, "-clamd", clamd.URL), "192.0.2.70"}
	c.want(201, "POST", "/api/auth/register", account("ann"))
	c.want(201, "POST", "/api/auth/register", account("bob"))
	ann, bob := c.login("ann@example.com", "password-1"), c.login("bob@example.com", "password-1")

	answer := c.send(201, ann, form(image("a.png"), uploadtest.File("files", `..\holiday "1".pdf`, uploadtest.Sample(content.PDF))))
	if at(answer, "items", 0, "name") != "a.png" || at(answer, "items", 1, "type") != "application/pdf" {
		t.Fatalf("got %v", answer)
	}
	path := "/api/files/" + at(answer, "items", 0, "id").(string)
	get := func(who []string, path string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set(who[0], who[1])
		w := httptest.NewRecorder()
		c.h.ServeHTTP(w, r)
		return w
	}
	w := get(ann, path)
	if w.Code != 200 || !bytes.Equal(w.Body.Bytes(), uploadtest.Sample(content.PNG)) {
		t.Errorf("got %d and %d bytes", w.Code, w.Body.Len())
	}
	for name, want := range map[string]string{
		"Content-Type": "image/png", "X-Content-Type-Options": "nosniff", "Content-Disposition": `inline; filename="a.png"`,
		"Content-Security-Policy": "sandbox; default-src 'none'", "Cross-Origin-Resource-Policy": "same-origin",
	} {
		if got := w.Header()[name]; len(got) != 1 || got[0] != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if got := get(ann, "/api/files/"+at(answer, "items", 1, "id").(string)).Header().Get("Content-Disposition"); !strings.HasPrefix(got, "attachment") {
		t.Errorf("got %q for a PDF", got)
	}
	c.want(404, "GET", path, "", bob...)
	c.want(401, "GET", path, "")
	c.want(404, "GET", "/api/files/"+strings.Repeat("a", 42), "", ann...)

	// Refused, whoever asks, and nothing of it kept.
	before, _ := stored(t, dir)
	eicar := append(bytes.TrimSuffix(uploadtest.Sample(content.PDF), []byte("%%EOF\n")), "\n% "...)
	eicar = append(append(eicar, uploadtest.EICAR()...), "\n%%EOF\n"...)
	for _, tc := range []struct {
		name   string
		status int
		form   uploadtest.Form
	}{
		{"malware", 422, form(image("a.png"), uploadtest.File("files", "a.pdf", eicar))},
		{"malware as an image", 415, form(uploadtest.File("files", "a.png", uploadtest.EICAR()))},
		{"a script", 415, form(uploadtest.File("files", "a.php", []byte("<?php")))},
		{"six files", 422, form(image("1.png"), image("2.png"), image("3.png"), image("4.png"), image("5.png"), image("6.png"))},
		{"too large", 413, form(uploadtest.Part{
			Header: []string{`Content-Disposition: form-data; name="files"; filename="a.png"`},
			Body:   uploadtest.Stream(content.PNG, maxFileSize+1),
		})},
		{"another field", 422, form(uploadtest.File("other", "a.png", uploadtest.Sample(content.PNG)))},
		{"none", 422, form()},
		{"cut off", 400, uploadtest.Form{Parts: []uploadtest.Part{image("a.png")}, Unclosed: true}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			client{t, c.h, c.addr}.send(tc.status, ann, tc.form)
			if objects, quarantine := stored(t, dir); objects != before || quarantine != 0 {
				t.Errorf("got %d files, %d in quarantine, want %d and none", objects, quarantine, before)
			}
		})
	}
	c.send(401, nil, form(image("a.png")))

	clamd.Kill(syscall.SIGKILL)
	if got := c.send(503, ann, form(image("a.png"))); got["code"] != "scanner_unavailable" {
		t.Errorf("got %v", got)
	}
	clamd.Start()
	c.send(201, ann, form(image("a.png")))
	if objects, quarantine := stored(t, dir); objects != before+1 || quarantine != 0 {
		t.Errorf("got %d files, %d in quarantine", objects, quarantine)
	}
}

func TestFilesWithoutScanner(t *testing.T) {
	dir := t.TempDir()
	c := client{t, start(t, dir), "192.0.2.71"}
	c.want(201, "POST", "/api/auth/register", account("ann"))
	ann := c.login("ann@example.com", "password-1")
	if got := c.send(http.StatusServiceUnavailable, ann, form(image("a.png"))); got["code"] != "scanner_unavailable" {
		t.Errorf("got %v", got)
	}
	if objects, quarantine := stored(t, dir); objects+quarantine != 0 {
		t.Errorf("got %d files, %d in quarantine", objects, quarantine)
	}
}

// TestFilesAttacked has the kit send all it knows.
func TestFilesAttacked(t *testing.T) {
	dir := t.TempDir()
	c := client{t, start(t, dir, "-clamd", servertest.StartClamd(t)), "192.0.2.72"}
	c.want(201, "POST", "/api/auth/register", account("ann"))
	ann := c.login("ann@example.com", "password-1")
	uploadtest.Attack(t, c.h, uploadtest.Target{
		Field: "files", Types: append(content.Images(), content.PDF), MaxBytes: maxFileSize, Max: maxFiles,
		Stored: func() int { objects, quarantine := stored(t, dir); return objects + quarantine },
		Request: func() *http.Request {
			r := httptest.NewRequest("POST", "/api/files", nil)
			r.Header.Set(ann[0], ann[1])
			return r
		},
	})
}

func TestClamdFlag(t *testing.T) {
	for url, want := range map[string]bool{
		"unix:///run/clamd.ctl": true, "tcp://127.0.0.1:3310": true, "127.0.0.1:3310": true,
		"unix://clamd": false, "http://127.0.0.1:3310": false, "127.0.0.1": false, "tcp://:3310": false, "tcp://host:0": false,
	} {
		if _, err := parseConfig([]string{"-clamd", url}, func(string) string { return "" }); (err == nil) != want {
			t.Errorf("%s: got %v", url, err)
		}
	}
}
