package upload_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/upload"
	"github.com/gopalisade/palisade/upload/content"
	"github.com/gopalisade/palisade/upload/storage"
	"github.com/gopalisade/palisade/upload/uploadtest"
)

// canary is in everything that a client sends here, and in nothing that is told of it.
const canary = "CANARY"

// outcomes are one form for each way in which a guard can end.
var outcomes = []struct {
	name    string
	body    string
	scanner upload.Scanner // nil finds EICAR
	full    bool           // the store
	status  int
	want    string // level, code, reason and count of each event
}{
	{"kept", canaryFile("txt", canary) + end, nil, false, 201, "INFO upload_complete  1, INFO upload_stored  6"},
	{
		"two kept", canaryFile("txt", canary) + canaryFile("txt", "x") + end, nil, false, 201,
		"INFO upload_complete  2, INFO upload_stored  6, INFO upload_stored  1",
	},
	{"malformed", canaryFile("txt", canary) + end + canary, nil, false, 400, "WARN upload_validation upload_malformed 1"},
	{"malformed header", part("X "+canary, canary) + end, nil, false, 400, "WARN upload_validation upload_malformed 1"},
	{"malformed delimiter", canaryFile("txt", canary) + "--B" + canary, nil, false, 400, "WARN upload_validation upload_incomplete 1"},
	{"incomplete", canaryFile("txt", canary), nil, false, 400, "WARN upload_validation upload_incomplete 1"},
	{"header", part("X: "+strings.Repeat(canary, 10_000), "") + end, nil, false, 413, "WARN upload_validation upload_too_large 1"},
	{
		"parts", strings.Repeat(part(`Content-Disposition: form-data; name="files"; filename=""`, ""), 30) + end, nil, false, 413,
		"WARN upload_validation upload_too_many_parts 1",
	},
	{"file size", canaryFile("txt", strings.Repeat(canary, 11_000)) + end, nil, false, 413, "WARN upload_validation file_too_large 1"},
	{"value size", canaryValue("title", strings.Repeat(canary, 20)) + end, nil, false, 413, "WARN upload_validation value_too_large 1"},
	{"value", canaryValue("title", canary+"\x00") + end, nil, false, 422, "WARN upload_validation value_not_text 1"},
	{"unknown", canaryValue(canary, canary) + end, nil, false, 422, "WARN upload_validation field_unknown 1"},
	{"type", canaryFile(canary, canary) + end, nil, false, 415, "WARN upload_validation file_type_not_accepted 1"},
	{
		"claim", part(`Content-Disposition: form-data; name="files"; filename="a.png"`+"\r\nContent-Type: "+canary+"/x", canary) + end, nil, false, 415,
		"WARN upload_validation file_type_not_accepted 1",
	},
	{"content", canaryFile("txt", "<script>"+canary) + end, nil, false, 422, "WARN upload_validation content_active 1"},
	{"empty", canaryFile("txt", "") + end, nil, false, 422, "WARN upload_validation file_empty 1"},
	{"infected", canaryFile("txt", string(uploadtest.EICAR())) + end, nil, false, 422, "ERROR upload_validation malware_found 1"},
	{
		"unscannable", canaryFile("txt", canary) + end, verdictOf(upload.Unscannable), false, 422,
		"WARN upload_validation file_unscannable 1",
	},
	{
		"no scanner", canaryFile("txt", canary) + end, &uploadtest.FakeScanner{Err: errors.New("refused")}, false, 503,
		"WARN upload_validation scanner_unavailable 1",
	},
	{"full", canaryFile("txt", canary) + end, nil, true, 507, "WARN upload_validation insufficient_storage 1"},
}

func canaryFile(ext, body string) string { return filePart(canary+"."+ext, body) }

func canaryValue(name, body string) string {
	return part(`Content-Disposition: form-data; name="`+name+`"`, body)
}

func verdictOf(s upload.Status) upload.Scanner {
	return &uploadtest.FakeScanner{Verdict: upload.Verdict{Status: s, Name: "x", Engine: "fake"}}
}

// TestEvents: each outcome is told, and none with anything that was sent.
func TestEvents(t *testing.T) {
	for _, tc := range outcomes {
		t.Run(tc.name, func(t *testing.T) {
			cfg := usual()
			cfg.Scanner, cfg.Owner = tc.scanner, func(*http.Request) string { return "ann" }
			b := newBench(t, cfg)
			b.store.fail = func(op string) error {
				if tc.full && op == "write" {
					return storage.ErrFull
				}
				return nil
			}
			r := raw(tc.body)
			r.URL.RawQuery, r.ContentLength = canary+"="+canary, -1
			a := b.send(r)
			if a.status != tc.status {
				t.Errorf("got %d %s, want %d", a.status, a.body, tc.status)
			}
			var got []string
			var told strings.Builder
			told.WriteString(a.body + fmt.Sprint(a.header))
			for _, e := range b.events {
				got = append(got, fmt.Sprintf("%v %s %s %d", e.Level, e.Code, e.Reason, e.Count))
				told.WriteString(fmt.Sprintf("%+v %v", e, slog.AnyValue(e).Resolve()))
				if e.Code != event.UploadValidation && e.Principal != "ann" {
					t.Errorf("%s: whose? got %q", e.Code, e.Principal)
				}
				if (e.Object != "") != (e.Code == event.UploadStored) {
					t.Errorf("%s: of what? got %q", e.Code, e.Object)
				}
				if (e.Err != nil) != (tc.status >= 400) {
					t.Errorf("%s: got %v", e.Code, e.Err)
				}
			}
			if s := strings.Join(got, ", "); s != tc.want {
				t.Errorf("got %s, want %s", s, tc.want)
			}
			if strings.Contains(told.String(), canary) {
				t.Errorf("what was sent is told: %s", told.String())
			}
		})
	}
}

// TestVerdictIsLogged: who runs the service reads what was found, and the client does not.
func TestVerdictIsLogged(t *testing.T) {
	cfg := usual()
	cfg.Scanner = &uploadtest.FakeScanner{Verdict: upload.Verdict{Status: upload.Infected, Name: "Worm.7", Engine: "fake"}}
	b := newBench(t, cfg)
	a := b.want("infected", form(sample("a.png", content.PNG)), 422, "malware_found")
	if got := fmt.Sprint(b.events[0].Err); got != "upload: malware found: malware_found in files: fake: infected Worm.7" {
		t.Errorf("got %s", got)
	}
	if strings.Contains(a.body, "Worm") || strings.Contains(a.body, "fake") {
		t.Errorf("the client reads %s", a.body)
	}
}

// TestHandler: however a handler reads the form, it finds what the guard has found.
func TestHandler(t *testing.T) {
	b := newBench(t, usual())
	b.handled = func(_ *upload.Batch, r *http.Request) error {
		if _, err := r.MultipartReader(); err == nil {
			t.Error("the form can be read twice")
		}
		if _, _, err := r.FormFile("files"); !errors.Is(err, http.ErrMissingFile) {
			t.Errorf("FormFile: got %v, want %v: files are in the batch", err, http.ErrMissingFile)
		}
		if err := r.ParseForm(); err != nil || r.PostFormValue("title") != "one" || r.PostForm.Get("title") != "one" {
			t.Errorf("got %v %v", r.PostForm, err)
		}
		if n, err := io.Copy(io.Discard, r.Body); n != 0 || err != nil {
			t.Errorf("the body has %d bytes, %v", n, err)
		}
		return nil
	}
	b.want("a form", form(uploadtest.Value("title", "one"), sample("a.png", content.PNG)), 201, "")
}

// TestReadBefore: behind whoever has read the form the guard cannot know what was in it.
func TestReadBefore(t *testing.T) {
	for name, read := range map[string]func(*http.Request){
		"FormValue":          func(r *http.Request) { _ = r.FormValue("x") },
		"PostFormValue":      func(r *http.Request) { _ = r.PostFormValue("x") },
		"ParseMultipartForm": func(r *http.Request) { _ = r.ParseMultipartForm(1 << 20) },
		"MultipartReader":    func(r *http.Request) { _, _ = r.MultipartReader() },
	} {
		b, r := newBench(t, usual()), form(sample("a.png", content.PNG))
		read(r)
		if a := b.send(r); a.status != 500 || b.store.created != 0 {
			t.Errorf("%s: got %d, %d files", name, a.status, b.store.created)
		}
	}
	b, r := newBench(t, usual()), form(sample("a.png", content.PNG))
	_, _ = io.Copy(io.Discard, r.Body)
	b.want("the body alone", r, 400, "upload_malformed")
}

// TestNoBatch: without the guard there is none.
func TestNoBatch(t *testing.T) {
	if b, ok := upload.From(t.Context()); b != nil || ok {
		t.Errorf("got %v", b)
	}
}

// TestEXIF: where a photograph was taken is not kept, in the file or beside it.
func TestEXIF(t *testing.T) {
	again, err := content.NewReencoder(content.ReencoderConfig{})
	if err != nil {
		t.Fatal(err)
	}
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, image.NewRGBA(image.Rect(0, 0, 40, 30)), nil); err != nil {
		t.Fatal(err)
	}
	tiff := "Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x0e\x01\x02\x00\x10\x00\x00\x00\x1a\x00\x00\x00\x00\x00\x00\x00" + "48.2N 16.37E...\x00"
	segment := append([]byte{0xff, 0xe1, 0, byte(len(tiff) + 2)}, tiff...)
	tagged := append(append([]byte{0xff, 0xd8}, segment...), photo.Bytes()[2:]...)
	for _, anew := range []bool{false, true} {
		cfg := usual()
		if anew {
			cfg.Fields[0].Reencode = again
		}
		b, got := newBench(t, cfg), ""
		b.handled = func(batch *upload.Batch, r *http.Request) error {
			files, err := batch.Commit(r.Context())
			if err != nil {
				return err
			}
			o, err := b.store.Open(r.Context(), files[0].Key)
			if err != nil {
				return err
			}
			data, err := io.ReadAll(o)
			got = string(data)
			return errors.Join(err, o.Close())
		}
		b.want("a photograph", form(uploadtest.File("files", "a.jpg", tagged)), 201, "")
		if strings.Contains(got, "48.2N") == anew || strings.Contains(got, "Exif") == anew {
			t.Errorf("written anew %v: got %q", anew, got[:64])
		}
	}
}
