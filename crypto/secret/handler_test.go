package secret_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"testing/slogtest"
	"time"

	"github.com/gopalisade/palisade/crypto/secret"
	"github.com/gopalisade/palisade/internal/conf"
)

// logged returns what a logger with the handler writes, as text and as JSON.
func logged(t *testing.T, cfg secret.HandlerConfig, log func(*slog.Logger)) (text, js string) {
	t.Helper()
	var a, b bytes.Buffer
	opts := &slog.HandlerOptions{ReplaceAttr: func(groups []string, at slog.Attr) slog.Attr {
		if len(groups) == 0 && (at.Key == slog.TimeKey || at.Key == slog.LevelKey) {
			return slog.Attr{}
		}
		return at
	}}
	for _, next := range []slog.Handler{slog.NewTextHandler(&a, opts), slog.NewJSONHandler(&b, opts)} {
		cfg.Next = next
		h, err := secret.NewHandler(cfg)
		if err != nil {
			t.Fatal(err)
		}
		log(slog.New(h))
	}
	return strings.TrimSpace(a.String()), strings.TrimSpace(b.String())
}

// TestHandlerIsAHandler is the standard library's test of handlers.
func TestHandlerIsAHandler(t *testing.T) {
	var out bytes.Buffer
	slogtest.Run(t, func(*testing.T) slog.Handler {
		out.Reset()
		h, err := secret.NewHandler(secret.HandlerConfig{Next: slog.NewJSONHandler(&out, nil)})
		if err != nil {
			t.Fatal(err)
		}
		return h
	}, func(t *testing.T) map[string]any {
		m := map[string]any{}
		if err := json.Unmarshal(out.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		return m
	})
}

func TestHandlerFaults(t *testing.T) {
	_, err := secret.NewHandler(secret.HandlerConfig{Hide: []string{"ok", " - "}, Show: []string{strings.Repeat("x", 41)}})
	var fields []string
	for _, fault := range conf.All(err) {
		fields = append(fields, fault.Field)
	}
	if got := strings.Join(fields, " "); got != "Next Hide[1] Show[0]" {
		t.Errorf("got %s: %v", got, err)
	}
}

func TestNames(t *testing.T) {
	for _, tc := range []struct {
		name string
		want bool
	}{
		{"password", true},
		{"Password", true},
		{"db_password", true},
		{"dbPassword", true},
		{"dbpassword", true},
		{"DB.PASSWORD", true},
		{"password_hash", true},
		{"password_changed", false},
		{"X-Api-Key", true},
		{"apiKey", true},
		{"partnerAPIKey", true},
		{"key", false},
		{"monkey", false},
		{"Set-Cookie", true},
		{"Authorization", true},
		{"Proxy-Authorization", true},
		{"authorized", false},
		{"access_token", true},
		{"tokenizer", false},
		{"user[password]", true},
		{"pin", true},
		{"cardPin", true},
		{"card_pin", true},
		{"spin", false},
		{"PAN", true},
		{"japan", false},
		{"cvv2", true},
		{"CVV", true},
		{"pANic", false},
		{"", false},
		{"---", false},
		{strings.Repeat("x", 1000) + "_password", true},
		{"password_" + strings.Repeat("x", 1000), false},
		{"partner_iban", true},     // Hide
		{"next_page_token", false}, // Show
		{"nextPageToken", false},
		{"old_next_page_token", true},
	} {
		if got := secret.Hides(tc.name, []string{"I-BAN"}, []string{"next_page_token"}); got != tc.want {
			t.Errorf("%.40q: got %t, want %t", tc.name, got, tc.want)
		}
	}
}

type (
	account struct {
		Name     string
		Password string `json:"pw"`
		note     string
		Deep     *account `json:",omitempty"`
	}
	tagged struct {
		Value string `json:"api_key"`
		Other int    `json:"-"`
	}
	holder struct {
		account
		Sealed secret.String
	}
	logValuer string
	stringer  struct{ Token string }
	marshaler struct{ n int }
	texter    string
	panics    struct{}
	speaks    struct{}
)

func (logValuer) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", "7"), slog.String("token", "hunter2"))
}
func (stringer) String() string { return "stringer" }
func (m marshaler) MarshalJSON() ([]byte, error) {
	if m.n < 0 {
		return nil, errors.New("hunter2")
	}
	return fmt.Appendf(nil, `"%d"`, m.n), nil
}

func (x texter) MarshalText() ([]byte, error) {
	if x == "" {
		return nil, errors.New("hunter2")
	}
	return []byte(x), nil
}

func (speaks) String() string { return "x " + visa }
func (panics) String() string { panic("hunter2") }

func TestHandlerHides(t *testing.T) {
	link, err := url.Parse("https://app:hunter2@example.com/x?access_token=hunter2&page=2")
	if err != nil {
		t.Fatal(err)
	}
	broken := &url.URL{Path: "/x", RawQuery: "token=hunter2;%zz"}
	request := &http.Request{
		Method: "GET", Host: "example.com", URL: link, RemoteAddr: "192.0.2.1:80",
		Header: http.Header{"Authorization": {"Bearer hunter2"}, "Accept": {"text/html"}},
	}
	circle := &account{Name: "round"}
	circle.Deep = circle
	hidden := func(name string, want string, args ...any) {
		t.Helper()
		text, js := logged(t, secret.HandlerConfig{}, func(l *slog.Logger) { l.Info("m", args...) })
		for _, got := range []string{text, js} {
			if strings.Contains(got, "hunter2") || strings.Contains(got, visa) {
				t.Errorf("%s: shows the secret: %s", name, got)
			}
		}
		if want != "" && js != `{"msg":"m",`+want+`}` {
			t.Errorf("%s: got %s, want %s", name, js, want)
		}
	}
	hidden("attribute", `"password":"[redacted]"`, "password", "hunter2")
	hidden("number", `"pin":"[redacted]"`, "pin", 1234)
	hidden("group", `"db":{"user":"app","password":"[redacted]"}`, slog.Group("db", "user", "app", "password", "hunter2"))
	hidden("name of a group", `"credentials":"[redacted]"`, slog.Group("credentials", "user", "hunter2"))
	hidden("groups", `"a":{"b":{"token":"[redacted]","n":1}}`, slog.Group("a", slog.Group("b", "token", "hunter2", "n", 1)))
	hidden("inlined group", `"token":"[redacted]"`, slog.Group("", "token", "hunter2"))
	hidden("card", `"v":"[redacted]"`, "v", visa)
	hidden("card as a number", `"v":"[redacted]"`, "v", int64(4111111111111111))
	hidden("card without a sign", `"v":"[redacted]"`, "v", uint64(4111111111111111))
	hidden("card from JSON", `"v":"[redacted]"`, "v", 4111111111111111.0)
	hidden("header", `"h":{"Accept":["a"],"X-Api-Key":["[redacted]"]}`, "h",
		http.Header{"X-Api-Key": {"hunter2"}, "Accept": {"a"}})
	hidden("card in a header", `"h":{"X":["a","[redacted]","b"]}`, "h", http.Header{"X": {"a", visa, "b"}})
	hidden("card as a header", `"h":{"[redacted]":["a"]}`, "h", http.Header{visa: {"a"}})
	hidden("form", `"f":{"a":["1"],"password":["[redacted]"]}`, "f", url.Values{"a": {"1"}, "password": {"hunter2"}})
	hidden("lists", `"f":{"otp":["[redacted]"]}`, "f", map[string][]string{"otp": {"hunter2"}})
	hidden("request", "", "r", request)
	hidden("request by value", "", "r", *request)
	hidden("address", `"u":"https://app:xxxxx@example.com/x?access_token=%5Bredacted%5D&page=2"`, "u", link)
	hidden("broken query", `"u":"/x?[redacted]"`, "u", broken)
	hidden("bytes", `"b":"pan [redacted]"`, "b", []byte("pan "+visa))
	hidden("raw JSON", `"b":"{\"n\":[redacted]}"`, "b", json.RawMessage(`{"n":`+visa+`}`))
	hidden("error", `"err":"card [redacted] refused"`, "err", fmt.Errorf("card %s refused", visa))
	hidden("struct", `"a":{"Name":"ann","pw":"[redacted]"}`, "a", account{Name: "ann", Password: "hunter2"})
	hidden("pointer", `"a":{"Name":"ann","pw":"[redacted]"}`, "a", &account{Name: "ann", Password: "hunter2"})
	hidden("unexported field", `"a":{"Name":"ann","pw":""}`, "a", account{Name: "ann", note: visa})
	hidden("embedded", `"a":{"Name":"ann","Sealed":"[redacted]","pw":"[redacted]"}`, "a",
		holder{account{Name: "ann", Password: "hunter2"}, secret.New("hunter2")})
	hidden("name in a tag", `"a":{"api_key":"[redacted]"}`, "a", tagged{Value: "hunter2"})
	hidden("slice", `"a":["x","[redacted]"]`, "a", []string{"x", visa})
	hidden("slice of structs", `"a":[{"api_key":"[redacted]"}]`, "a", []tagged{{Value: "hunter2"}})
	hidden("array", `"a":["x","[redacted]"]`, "a", [2]any{"x", visa})
	hidden("numbers", `"a":"[redacted]"`, "a", []int64{1, 4111111111111111})
	hidden("map", `"a":{"id":1,"refresh_token":"[redacted]"}`, "a", map[string]any{"refresh_token": "hunter2", "id": 1})
	hidden("key of a map", `"a":{"[redacted]":1}`, "a", map[string]int{visa: 1})
	hidden("key that is a number", `"a":{"[redacted]":"x"}`, "a", map[int]string{4111111111111111: "x"})
	hidden("values of a map with numbers", `"a":{"1":"[redacted]"}`, "a", map[int]any{1: visa})
	hidden("log valuer", `"a":{"id":"7","token":"[redacted]"}`, "a", logValuer("hunter2"))
	hidden("log valuer in a slice", `"a":[{"id":"7","token":"[redacted]"}]`, "a", []logValuer{"hunter2"})
	hidden("log valuer in a struct", `"a":{"V":{"id":"7","token":"[redacted]"}}`, "a", struct{ V logValuer }{"hunter2"})
	hidden("stringer", `"a":{"Token":"[redacted]"}`, "a", stringer{"hunter2"})
	hidden("card in an address", `"a":"https://x/[redacted]"`, "a", &url.URL{Scheme: "https", Host: "x", Path: "/" + visa})
	hidden("stringer that says a card", `"a":"x [redacted]"`, "a", speaks{})
	hidden("no request", `"r":null`, "r", (*http.Request)(nil))
	hidden("keys without a method to read them", `"a":{}`, "a", struct{ m map[any]int }{map[any]int{visa: 1, true: 2}})
	hidden("marshals itself", `"a":"[redacted]"`, "a", marshaler{4111111111111111})
	hidden("cannot marshal itself", `"a":"[redacted]"`, "a", marshaler{-1})
	hidden("text", `"a":"x[redacted]"`, "a", texter("x"+visa))
	hidden("cannot say itself", `"a":"[redacted]"`, "a", texter(""))
	hidden("panics", `"a":"[redacted]"`, "a", panics{})
	hidden("round in circles", "", "a", circle)
	hidden("secret", `"a":"[redacted]","b":{"V":"[redacted]"}`, "a", secret.New("hunter2"),
		"b", struct{ V secret.String }{secret.New("hunter2")})
}

// TestHandlerShows is about what has nothing to hide: it looks as without the handler.
func TestHandlerShows(t *testing.T) {
	type point struct{ X, Y int }
	args := []any{
		"s", "text", "n", 7, "big", int64(1764064163123456789), "f", 1.5, "d", time.Hour, "t", time.Unix(0, 0).UTC(), "ok", true,
		"nil", nil, "p",
		point{1, 2},
		"pp", &point{1, 2}, "none", (*point)(nil), "m",
		map[string]int{"a": 1},
		"l",
		[]string{"a"},
		"bytes", []byte("abc"), "floats",
		[]float64{1, 2},
		"many", make([]int, 20000), "array",
		[3]byte{1, 2, 3},
		"small",
		[]int32{1},
		"addr", netip.MustParseAddr("192.0.2.1"), "err", errors.New("not found"), "nobody", (*url.URL)(nil), "j",
		marshaler{7},
		"h",
		http.Header{"Accept": {"a"}},
		"key", "k", "g", slog.GroupValue(slog.Int("a", 1)), "dur",
		[]time.Duration{1},
		"token_count", 7, "empty",
		account{Name: "ann"},
		"any",
		[]any{nil, 1, "a"},
		"strange",
		map[point]int{{1, 2}: 3},
		"sealed",
		holder{},
		"u", &url.URL{Path: "/x", RawQuery: "a=1"},
	}
	log := func(l *slog.Logger) { l.With("w", 1).WithGroup("g").Warn("message", args...) }
	text, js := logged(t, secret.HandlerConfig{}, log)
	var plain [2]bytes.Buffer
	opts := &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 && (a.Key == slog.TimeKey || a.Key == slog.LevelKey) {
			return slog.Attr{}
		}
		return a
	}}
	log(slog.New(slog.NewTextHandler(&plain[0], opts)))
	log(slog.New(slog.NewJSONHandler(&plain[1], opts)))
	address := func(s string) string { return s[:strings.Index(s, " g.any=")] } // behind it, text has addresses of pointers
	if want := strings.TrimSpace(plain[0].String()); address(text) != address(want) {
		t.Errorf("got\n%s\nwant\n%s", address(text), address(want))
	}
	if want := strings.TrimSpace(plain[1].String()); js != want {
		t.Errorf("got\n%s\nwant\n%s", js, want)
	}
}

func TestHandlerMessage(t *testing.T) {
	_, js := logged(t, secret.HandlerConfig{}, func(l *slog.Logger) { l.Info("charged "+visa, "n", 1) })
	if want := `{"msg":"charged [redacted]","n":1}`; js != want {
		t.Errorf("got %s, want %s", js, want)
	}
}

func TestHandlerWithAttrsAndGroups(t *testing.T) {
	for _, tc := range []struct {
		name string
		log  func(*slog.Logger)
		want string
	}{
		{"with", func(l *slog.Logger) { l.With("token", "hunter2", "n", 1).Info("m") }, `{"msg":"m","token":"[redacted]","n":1}`},
		{"with card", func(l *slog.Logger) { l.With("v", visa).Info("m") }, `{"msg":"m","v":"[redacted]"}`},
		{"in group", func(l *slog.Logger) { l.WithGroup("g").Info("m", "otp", 1) }, `{"msg":"m","g":{"otp":"[redacted]"}}`},
		{"with in group", func(l *slog.Logger) { l.WithGroup("g").With("otp", 1).Info("m") }, `{"msg":"m","g":{"otp":"[redacted]"}}`},
		{
			"secret group", func(l *slog.Logger) {
				l.WithGroup("credentials").With("user", "hunter2").WithGroup("x").Info("m", "a", "hunter2")
			},
			`{"msg":"m","credentials":{"user":"[redacted]","x":{"a":"[redacted]"}}}`,
		},
		{
			"secret group, inlined", func(l *slog.Logger) { l.WithGroup("secrets").Info("m", slog.Group("", "a", "hunter2")) },
			`{"msg":"m","secrets":{"hidden":"[redacted]"}}`,
		},
	} {
		if text, js := logged(t, secret.HandlerConfig{}, tc.log); js != tc.want || strings.Contains(text, "hunter2") {
			t.Errorf("%s: got %s, want %s", tc.name, js, tc.want)
		}
	}
}

func TestHandlerConfig(t *testing.T) {
	cfg := secret.HandlerConfig{Hide: []string{"nickname"}, Show: []string{"token"}, DangerouslyShowCards: true}
	_, js := logged(t, cfg, func(l *slog.Logger) {
		l.Info(visa, "nickName", "x", "token", "y", "access_token", "z", "n", 4111111111111111, "s", []int{4111111111111111})
	})
	want := `{"msg":"` + visa + `","nickName":"[redacted]","token":"y","access_token":"[redacted]","n":` + visa +
		`,"s":[` + visa + `]}`
	if js != want {
		t.Errorf("got %s, want %s", js, want)
	}
}

// TestHandlerIsBounded gives it what grows without end when pointers are followed.
func TestHandlerIsBounded(t *testing.T) {
	type twice struct{ A, B *twice }
	wide := &twice{}
	for range 60 {
		wide = &twice{wide, wide}
	}
	var deep any = "hunter2"
	for range 50 {
		deep = []any{deep}
	}
	group := slog.StringValue("hunter2")
	for range 50 {
		group = slog.GroupValue(slog.Attr{Key: "g", Value: group})
	}
	many := make([]any, 10_000)
	index := map[string]any{}
	for i := range many {
		many[i] = fmt.Sprint("hunter2-", i)
		index[fmt.Sprint(i)] = "hunter2"
	}
	for name, v := range map[string]any{"wide": wide, "deep": deep, "group": group, "many": many, "index": index} {
		_, js := logged(t, secret.HandlerConfig{}, func(l *slog.Logger) { l.Info("m", "v", v) })
		if strings.Contains(js, "hunter2") || !strings.Contains(js, "[redacted]") || len(js) > 1<<20 {
			t.Errorf("%s: got %.200s", name, js)
		}
	}
}

// TestHandlerLeavesTheOriginal makes sure that what is logged is not changed for the program.
func TestHandlerLeavesTheOriginal(t *testing.T) {
	header := http.Header{"Cookie": {"hunter2"}, "X": {visa}}
	list, m := []string{visa}, map[string]string{"token": "hunter2"}
	logged(t, secret.HandlerConfig{}, func(l *slog.Logger) { l.Info("m", "h", header, "l", list, "m", m) })
	if header.Get("Cookie") != "hunter2" || header.Get("X") != visa || list[0] != visa || m["token"] != "hunter2" {
		t.Errorf("got %v, %v, %v", header, list, m)
	}
}
