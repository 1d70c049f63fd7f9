package uploadtest_test

import (
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/upload"
	"github.com/gopalisade/palisade/upload/content"
	"github.com/gopalisade/palisade/upload/storage"
	"github.com/gopalisade/palisade/upload/uploadtest"
)

// spy is a test that is allowed to fail.
type spy struct {
	testing.TB
	failures []string
}

func (s *spy) Helper() {}

func (s *spy) Errorf(format string, args ...any) {
	s.failures = append(s.failures, fmt.Sprintf(format, args...))
}

type stopped struct{}

func (s *spy) Fatalf(format string, args ...any) {
	s.Errorf(format, args...)
	panic(stopped{})
}

func (s *spy) Fatal(args ...any) { s.Fatalf("%s", fmt.Sprint(args...)) }

// attack returns what Attack would have failed a test with.
func attack(t *testing.T, h http.Handler, target uploadtest.Target) []string {
	t.Helper()
	s := &spy{TB: t}
	func() {
		defer func() {
			if fault := recover(); fault != nil && fault != (stopped{}) {
				panic(fault)
			}
		}()
		uploadtest.Attack(s, h, target)
	}()
	return s.failures
}

// filesIn counts the files below a directory, but for those that a store needs itself.
func filesIn(t testing.TB, dir string) (n int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && d.Name() != "lock" && !strings.HasSuffix(path, ".meta") {
			n++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// guarded is a handler as the documentation of package upload has it.
func guarded(t testing.TB, cfg upload.Config) (h http.Handler, stored func() int) {
	t.Helper()
	dir := t.TempDir()
	store, err := storage.NewDirectory(storage.DirectoryConfig{Path: dir, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	cfg.Store = store
	g, err := upload.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return g.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		batch, _ := upload.From(r.Context())
		if _, err := batch.Commit(r.Context()); err != nil {
			http.Error(w, "not stored", http.StatusInternalServerError)
		}
	})), func() int { return filesIn(t, dir) }
}

// TestAStrictHandlerPasses: with all types at once, and with each alone, which is then that of the broken forms too.
func TestAStrictHandlerPasses(t *testing.T) {
	for _, list := range append([][]content.Type{types}, single(types)...) {
		h, stored := guarded(t, upload.Config{
			Fields:  []upload.Field{{Name: "docs", Types: list, Max: 3, MaxBytes: 1 << 20, Content: limits}},
			Values:  []upload.Value{{Name: "token", Required: true}},
			Scanner: &uploadtest.FakeScanner{},
		})
		uploadtest.Attack(t, h, uploadtest.Target{
			Field: "docs", Types: list, Max: 3, MaxBytes: 1 << 20, Stored: stored,
			Parts: []uploadtest.Part{uploadtest.Value("token", "x")},
		})
	}
}

func single(all []content.Type) (lists [][]content.Type) {
	for _, one := range all {
		lists = append(lists, []content.Type{one})
	}
	return lists
}

// naive is a handler as tutorials have it.
func naive(t *testing.T) (h http.Handler, stored func() int) {
	dir := t.TempDir()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseMultipartForm(32 << 20); err != nil {
			http.Error(w, "bad form", http.StatusBadRequest)
			return
		}
		for _, header := range r.MultipartForm.File["file"] {
			f, err := header.Open()
			if err != nil {
				http.Error(w, "bad file", http.StatusBadRequest)
				return
			}
			data, _ := io.ReadAll(f)
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(filesIn(t, dir))), data, 0o600); err != nil {
				t.Error(err)
			}
		}
	}), func() int { return filesIn(t, dir) }
}

func TestANaiveHandlerFails(t *testing.T) {
	h, stored := naive(t)
	list := slices.Clone(types)
	list = append([]content.Type{content.Text}, list...) // in which there is nothing to decode
	got := strings.Join(attack(t, h, uploadtest.Target{Field: "file", Types: list, MaxBytes: 1 << 20, Stored: stored}), "\n")
	for _, name := range []string{
		"a second form behind the last boundary", "8 MiB before the first boundary", "too many files", "a part header of 9 MiB",
		"an unknown field of files", "file name twice, the second extended", "two dispositions", "quoted-printable",
		"declared as text/html",
		"named a.txt.php", "an empty file, a.png", "EICAR, a.txt", "EICAR in archives, a.zip", "EICAR behind the end, a.gif",
		"a bomb, a.gif", "a file that is too long, a.pdf", "a disguise, page.png", "a disguise, comment.jpg",
	} {
		for _, want := range []string{": got 200, want 400 or more", ": got "} {
			if !strings.Contains(got, "uploadtest: "+name+want) {
				t.Errorf("got %s\nwant %q among them", got, name+want)
			}
		}
		if !strings.Contains(got, name+": got 1 files more") && !strings.Contains(got, name+": got 2 files more") {
			t.Errorf("%s: was not seen to be stored", name)
		}
	}
	for _, name := range []string{"no last boundary", "a client that leaves", "JSON", "Content-Type 0"} {
		if strings.Contains(got, "uploadtest: "+name+":") {
			t.Errorf("%s: was not refused, though net/http does it", name)
		}
	}
}

// TestOneHole: each thing that a handler may forget has an attack that shows it alone.
func TestOneHole(t *testing.T) {
	clean := &uploadtest.FakeScanner{Verdict: upload.Verdict{Status: upload.Clean}}
	for _, tc := range []struct {
		name string
		cfg  upload.Config
		want string // the only faults are about this
	}{
		{"no scanner", upload.Config{DangerouslyUnscanned: true}, "EICAR"},
		{"a scanner that says clean", upload.Config{Scanner: clean}, "EICAR"},
		{
			"too long", upload.Config{
				Scanner: &uploadtest.FakeScanner{},
				Fields:  []upload.Field{{Name: "file", Types: []content.Type{content.ZIP, content.Text}, MaxBytes: 2 << 20}},
			}, "too long",
		},
		{
			"one file more", upload.Config{
				Scanner: &uploadtest.FakeScanner{},
				Fields:  []upload.Field{{Name: "file", Types: []content.Type{content.ZIP, content.Text}, MaxBytes: 1 << 20, Max: 2}},
			}, "too many files",
		},
		{
			"metadata", upload.Config{
				Scanner: &uploadtest.FakeScanner{},
				Fields: []upload.Field{{
					Name: "file", Types: []content.Type{content.GIF}, MaxBytes: 1 << 20,
					Content: content.Limits{DangerouslyAllowForeign: true},
				}},
			}, "comment.gif",
		},
		{
			"frames", upload.Config{
				Scanner: &uploadtest.FakeScanner{},
				Fields: []upload.Field{{
					Name: "file", Types: []content.Type{content.GIF}, MaxBytes: 1 << 20, Content: content.Limits{Frames: 20_000},
				}},
			}, "a bomb",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.cfg.Fields == nil {
				tc.cfg.Fields = []upload.Field{{Name: "file", Types: []content.Type{content.ZIP, content.Text}, MaxBytes: 1 << 20}}
			}
			h, stored := guarded(t, tc.cfg)
			got := attack(t, h, uploadtest.Target{Field: "file", Types: tc.cfg.Fields[0].Types, MaxBytes: 1 << 20, Stored: stored})
			if len(got) == 0 {
				t.Error("no attack succeeded")
			}
			for _, said := range got {
				if !strings.Contains(said, tc.want) {
					t.Errorf("got %q, want only what has %q in it", said, tc.want)
				}
			}
		})
	}
}

func TestAttackNeedsWhatIsGood(t *testing.T) {
	n := 0
	count := func() int { return n }
	answer := func(status, more int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			n += more
			w.WriteHeader(status)
		}
	}
	good := uploadtest.Target{Field: "file", Types: []content.Type{content.Text}, MaxBytes: 1 << 20, Stored: count}
	with := func(change func(*uploadtest.Target)) uploadtest.Target {
		target := good
		target.Types = slices.Clone(good.Types)
		change(&target)
		return target
	}
	crash := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("oh") })
	for _, tc := range []struct {
		name   string
		h      http.Handler
		target uploadtest.Target
		want   string
	}{
		{"nothing", crash, uploadtest.Target{}, "needs Field, Types, MaxBytes and Stored"},
		{"no field", crash, with(func(g *uploadtest.Target) { g.Field = "" }), "needs Field"},
		{"no types", crash, with(func(g *uploadtest.Target) { g.Types = nil }), "needs Field"},
		{"no length", crash, with(func(g *uploadtest.Target) { g.MaxBytes = 0 }), "needs Field"},
		{"no count", crash, with(func(g *uploadtest.Target) { g.Stored = nil }), "needs Field"},
		{"a type that is none", crash, with(func(g *uploadtest.Target) { g.Types[0] = "image/svg+xml" }), "is no type of"},
		{"all is refused", answer(401, 0), good, "a good file, text/plain: got 401, want it taken"},
		{"nothing is stored", answer(200, 0), good, "a good file, text/plain: got 0 files more"},
		{"a crash", crash, good, "a good file, text/plain: the handler panicked: oh"},
	} {
		if got := attack(t, tc.h, tc.target); len(got) != 1 || !strings.Contains(got[0], tc.want) {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
}

// after does as it should with the first form, and then as it is told.
func after(n *int, then http.HandlerFunc) http.Handler {
	first := true
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if first {
			first = false
			*n++
			return
		}
		then(w, r)
	})
}

func TestAnswersAreJudged(t *testing.T) {
	n := 0
	count := func() int { return n }
	target := uploadtest.Target{Field: "file", Types: []content.Type{content.Text}, MaxBytes: 1 << 20, Stored: count}
	refuse := func(w http.ResponseWriter, status, more int) {
		n += more
		w.WriteHeader(status)
	}
	for _, tc := range []struct {
		name string
		then http.HandlerFunc
		want string
	}{
		{"redirected", func(w http.ResponseWriter, _ *http.Request) { refuse(w, 303, 0) }, "no last boundary: got 303, want 400"},
		{"refused but stored", func(w http.ResponseWriter, _ *http.Request) { refuse(w, 400, 1) }, "no last boundary: got 1 files"},
		{"refused and others lost", func(w http.ResponseWriter, _ *http.Request) { refuse(w, 400, -1) }, "got -1 files more"},
		{"crash", func(http.ResponseWriter, *http.Request) { panic("oh") }, "no last boundary: the handler panicked: oh"},
		{"limited", func(w http.ResponseWriter, _ *http.Request) { refuse(w, 429, 0) }, "without its rate limits"},
		{"given up", func(w http.ResponseWriter, _ *http.Request) { refuse(w, 503, 0) }, "a good file after the attacks: got 503"},
		{"hung up", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "a good file after the attacks"},
	} {
		got := attack(t, after(&n, tc.then), target)
		if len(got) == 0 || !strings.Contains(got[0], tc.want) {
			t.Errorf("%s: got %.3q, want %q first", tc.name, got, tc.want)
		}
	}
}

func TestAttackUsesTheRequest(t *testing.T) {
	h, stored := guarded(t, upload.Config{
		Fields:  []upload.Field{{Name: "file", Types: []content.Type{content.PNG}, MaxBytes: 1 << 20}},
		Scanner: &uploadtest.FakeScanner{},
	})
	closed := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer x" || r.URL.Path != "/files" || r.Method != http.MethodPut {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		h.ServeHTTP(w, r)
	})
	target := uploadtest.Target{Field: "file", Types: []content.Type{content.PNG}, MaxBytes: 1 << 20, Stored: stored}
	target.Request = func() *http.Request {
		r, _ := http.NewRequest(http.MethodPut, "/files", nil)
		r.Header.Set("Authorization", "Bearer x")
		return r
	}
	uploadtest.Attack(t, closed, target)
}
