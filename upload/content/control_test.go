package content_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/upload/content"
)

// goFiles returns the files of those folders of the Go installation and of golang.org/x/image, as far as they are there.
func goFiles(t testing.TB, folders ...string) []string {
	t.Helper()
	var files []string
	for _, args := range [][]string{{"env", "GOROOT"}, {"list", "-m", "-f", "{{.Dir}}", "golang.org/x/image"}} {
		out, err := exec.Command("go", args...).Output()
		if err != nil {
			continue
		}
		for _, folder := range folders {
			found, _ := fs.Glob(os.DirFS(strings.TrimSpace(string(out))), folder+"/*.*")
			for _, name := range found {
				files = append(files, filepath.Join(strings.TrimSpace(string(out)), name))
			}
		}
	}
	return files
}

// Files that other people's programs made must pass: a check that refuses everything is easily written.
func TestControlSet(t *testing.T) {
	refused := map[string]error{ // known to be broken, or beyond what this package takes
		"invalid-crc32.png": content.ErrMalformed, "invalid-noend.png": content.ErrMalformed,
		"invalid-trunc.png":     content.ErrMalformed,
		"invalid-zlib.png":      content.ErrMalformed,
		"comment-truncated.zip": content.ErrTrailing, "dupdir.zip": content.ErrEntry, "readme.zip": content.ErrTrailing,
		"symlink.zip": content.ErrEntry, "test-badbase.zip": content.ErrMalformed, "test-baddirsz.zip": content.ErrMalformed,
		"test-prefix.zip": content.ErrType, "test-trailing-junk.zip": content.ErrTrailing,
		"zip64.zip": content.ErrUnsupported, "zip64-2.zip": content.ErrUnsupported,
	}
	files := goFiles(t, "src/image/testdata", "src/image/png/testdata", "src/image/png/testdata/pngsuite",
		"src/archive/zip/testdata",
		"testdata", "src/compress/testdata")
	seen := map[content.Type]int{}
	for _, path := range files {
		name := filepath.Base(path)
		kind, ok := content.ByExtension(filepath.Ext(name))
		if !ok || kind == content.Text {
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		seen[kind]++
		if _, err := check(t, data, kind); !errors.Is(err, refused[name]) {
			t.Errorf("%s: got %v, want %v", name, err, refused[name])
		}
	}
	if seen[content.PNG] < 20 || seen[content.JPEG] < 10 {
		t.Skipf("the source of Go is not here: %v", seen)
	}
}
