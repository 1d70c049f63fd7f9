package session_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/session"
	"github.com/gopalisade/palisade/internal/conf"
	"github.com/gopalisade/palisade/problem"
)

// site is the handlers of a world under the paths that an API would give them.
func site(t testing.TB, w *world, change ...func(*session.HandlersConfig)) http.Handler {
	t.Helper()
	cfg := session.HandlersConfig{
		Manager: w.Manager,
		Login: func(_ http.ResponseWriter, r *http.Request) (*auth.Principal, error) {
			if r.Header.Get("Password") != "right" {
				return nil, &problem.Problem{Status: 401, Code: "invalid_credentials"}
			}
			return w.users["u"], nil
		},
		Client: func(r *http.Request) string { return r.Header.Get("Client") },
	}
	for _, c := range change {
		c(&cfg)
	}
	h, err := session.NewHandlers(cfg)
	if err != nil {
		t.Fatal(err)
	}
	gate, err := auth.New(auth.Config{By: []auth.Authenticator{w.verifier}})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/login", h.Login)
	mux.HandleFunc("/refresh", h.Refresh)
	mux.Handle("/logout", gate.Optional(http.HandlerFunc(h.Logout)))
	mux.Handle("/logout-all", gate.Wrap(http.HandlerFunc(h.LogoutAll)))
	mux.Handle("/sessions", gate.Wrap(http.HandlerFunc(h.Sessions)))
	mux.Handle("/sessions/{id}", gate.Wrap(http.HandlerFunc(h.End)))
	mux.HandleFunc("/open/logout-all", h.LogoutAll) // as somebody might mount them by mistake
	mux.HandleFunc("/open/sessions", h.Sessions)
	mux.HandleFunc("/open/sessions/{id}", h.End)
	return mux
}

func cookies(cfg *session.HandlersConfig) { cfg.Cookie = "__Host-session" }

// reply is an answer with what a client would keep of it.
type reply struct {
	*httptest.ResponseRecorder
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	Type    string `json:"token_type"`
	Expires int    `json:"expires_in"`
	Code    string `json:"code"`
	Items   []struct {
		ID      string
		Current bool
	}
	Total int
}

// call sends a request; header lines are "Name: value".
func call(t testing.TB, h http.Handler, method, path, body string, header ...string) reply {
	t.Helper()
	r := httptest.NewRequest(method, "https://api.example.com"+path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Set(name, value)
	}
	rep := reply{ResponseRecorder: httptest.NewRecorder()}
	h.ServeHTTP(rep, r)
	if rep.Body.Len() > 0 {
		if err := json.Unmarshal(rep.Body.Bytes(), &rep); err != nil {
			t.Fatalf("%s %s: %v", method, path, err)
		}
	}
	return rep
}

func (r reply) cookie() string {
	for _, c := range r.Result().Cookies() {
		return c.Value
	}
	return ""
}

func body(refresh string) string { return `{"refresh_token":"` + refresh + `"}` }

func TestHandlersLife(t *testing.T) {
	w := newWorld(t)
	h := site(t, w)
	login := call(t, h, "POST", "/login", "", "Password: right")
	if login.Result().StatusCode != 200 || login.Access == "" || login.Refresh == "" || login.Type != "Bearer" ||
		login.Expires < 590 || login.Expires > 600 || login.Header().Get("Cache-Control") != "no-store" || login.cookie() != "" {
		t.Fatalf("login: got %d %s %v", login.Result().StatusCode, login.Body, login.Header())
	}
	bearer := "Authorization: Bearer " + login.Access
	second := call(t, h, "POST", "/login", "", "Password: right")

	list := call(t, h, "GET", "/sessions", "", bearer)
	if list.Total != 2 || len(list.Items) != 2 || list.Items[0].Current == list.Items[1].Current || list.Header().Get("X-Total-Count") != "2" {
		t.Fatalf("sessions: got %s", list.Body)
	}
	other := list.Items[0]
	if other.Current {
		other = list.Items[1]
	}
	if got := call(t, h, "DELETE", "/sessions/"+other.ID, "", bearer); got.Result().StatusCode != 204 {
		t.Errorf("end the other: got %d %s", got.Result().StatusCode, got.Body)
	}
	if got := call(t, h, "DELETE", "/sessions/unknown", "", bearer); got.Result().StatusCode != 404 {
		t.Errorf("end an unknown one: got %d", got.Result().StatusCode)
	}
	if got := call(t, h, "POST", "/refresh", body(second.Refresh)); got.Result().StatusCode != 401 || got.Code != "invalid_grant" {
		t.Errorf("refresh of the ended one: got %d %s", got.Result().StatusCode, got.Code)
	}
	next := call(t, h, "POST", "/refresh", body(login.Refresh))
	if next.Result().StatusCode != 200 || next.Refresh == login.Refresh {
		t.Fatalf("refresh: got %d %s", next.Result().StatusCode, next.Body)
	}
	if got := call(t, h, "POST", "/logout", "", bearer); got.Result().StatusCode != 204 {
		t.Errorf("logout: got %d %s", got.Result().StatusCode, got.Body)
	}
	for _, got := range []reply{
		call(t, h, "POST", "/refresh", body(next.Refresh)),
		call(t, h, "GET", "/sessions", "", bearer),
		call(t, h, "GET", "/sessions", "", "Authorization: Bearer "+next.Access),
	} {
		if got.Result().StatusCode != 401 || got.Header().Get("WWW-Authenticate") == "" {
			t.Errorf("after logout: got %d %s", got.Result().StatusCode, got.Body)
		}
	}
}

func TestHandlersRefuse(t *testing.T) {
	w := newWorld(t)
	h := site(t, w)
	login := call(t, h, "POST", "/login", "", "Password: right")
	bearer := "Authorization: Bearer " + login.Access
	for _, tc := range []struct {
		name, method, path, body, header string
		status                           int
		code                             string
	}{
		{"wrong password", "POST", "/login", "", "Password: wrong", 401, "invalid_credentials"},
		{"login by GET", "GET", "/login", "", "Password: right", 405, "method_not_allowed"},
		{"refresh by GET", "GET", "/refresh", "", "A: b", 405, "method_not_allowed"},
		{"logout by GET", "GET", "/logout", "", bearer, 405, "method_not_allowed"},
		{"all by GET", "GET", "/logout-all", "", bearer, 405, "method_not_allowed"},
		{"list by POST", "POST", "/sessions", "", bearer, 405, "method_not_allowed"},
		{"end by GET", "GET", "/sessions/x", "", bearer, 405, "method_not_allowed"},
		{"refresh with nothing", "POST", "/refresh", "", "A: b", 401, "invalid_grant"},
		{"refresh with an empty token", "POST", "/refresh", body(""), "A: b", 401, "invalid_grant"},
		{"refresh with a stranger's", "POST", "/refresh", body("x"), "A: b", 401, "invalid_grant"},
		{"not JSON", "POST", "/refresh", "refresh_token=x", "A: b", 400, "invalid_request"},
		{"an array", "POST", "/refresh", `["refresh_token"]`, "A: b", 400, "invalid_request"},
		{"a number", "POST", "/refresh", `{"refresh_token":1}`, "A: b", 400, "invalid_request"},
		{"an object", "POST", "/refresh", `{"refresh_token":{}}`, "A: b", 400, "invalid_request"},
		{"twice", "POST", "/refresh", `{"refresh_token":"a","refresh_token":"b"}`, "A: b", 400, "invalid_request"},
		{"another case", "POST", "/refresh", `{"Refresh_Token":"a"}`, "A: b", 400, "invalid_request"},
		{"another member", "POST", "/refresh", `{"refresh_token":"a","x":1}`, "A: b", 400, "invalid_request"},
		{"something after it", "POST", "/refresh", `{"refresh_token":"a"}{}`, "A: b", 400, "invalid_request"},
		{"half", "POST", "/refresh", `{"refresh_token":"a"`, "A: b", 400, "invalid_request"},
		{"too long", "POST", "/refresh", body(strings.Repeat("a", 5000)), "A: b", 413, "request_entity_too_large"},
		{"a form", "POST", "/refresh", body("x"), "Content-Type: text/plain", 415, "unsupported_media_type"},
		{"logout of nobody", "POST", "/logout", "", "A: b", 401, "unauthenticated"},
		{"logout with a stranger's", "POST", "/logout", body("x"), "A: b", 401, "invalid_grant"},
		{"all of nobody", "POST", "/open/logout-all", "", "A: b", 401, "unauthenticated"},
		{"list of nobody", "GET", "/open/sessions", "", "A: b", 401, "unauthenticated"},
		{"end of nobody", "DELETE", "/open/sessions/x", "", "A: b", 401, "unauthenticated"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := call(t, h, tc.method, tc.path, tc.body, tc.header)
			if got.Result().StatusCode != tc.status || got.Code != tc.code {
				t.Errorf("got %d %s, want %d %s", got.Result().StatusCode, got.Body, tc.status, tc.code)
			}
			if got.Header().Get("Cache-Control") != "no-store" {
				t.Error("the answer may be cached")
			}
		})
	}
	if got := call(t, h, "POST", "/refresh", body(login.Refresh)); got.Result().StatusCode != 200 {
		t.Errorf("the session did not survive: %d", got.Result().StatusCode)
	}
}

// TestAnAPIKeyIsNobody: keys and tokens may share one gate, and a key without a scope may do nothing.
func TestAnAPIKeyIsNobody(t *testing.T) {
	w := newWorld(t)
	h, err := session.NewHandlers(session.HandlersConfig{
		Manager: w.Manager, Login: func(http.ResponseWriter, *http.Request) (*auth.Principal, error) { return nil, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	tok := w.start(t, t.Context(), "")
	key := &auth.Principal{ID: "u", Issuer: issuerName, TokenID: "k", Method: auth.MethodAPIKey}
	for name, call := range map[string]http.HandlerFunc{
		"POST logout": h.Logout, "POST all": h.LogoutAll, "GET list": h.Sessions, "DELETE end": h.End,
	} {
		method, _, _ := strings.Cut(name, " ")
		r := httptest.NewRequest(method, "/", nil)
		r.SetPathValue("id", tok.SessionID)
		rec := httptest.NewRecorder()
		call(rec, r.WithContext(auth.WithPrincipal(r.Context(), key)))
		if rec.Code != http.StatusForbidden {
			t.Errorf("%s: got %d, want 403", name, rec.Code)
		}
	}
	w.refresh(t, t.Context(), tok.Refresh, "")
}

func TestLogoutWithRefreshTokenOnly(t *testing.T) {
	w := newWorld(t)
	h := site(t, w)
	login := call(t, h, "POST", "/login", "", "Password: right")
	if got := call(t, h, "POST", "/logout", body(login.Refresh)); got.Result().StatusCode != 204 {
		t.Errorf("got %d", got.Result().StatusCode)
	}
	bare := call(t, h, "POST", "/login", "", "Password: right")
	if got := call(t, h, "POST", "/logout", " { }\n", "Authorization: Bearer "+bare.Access); got.Result().StatusCode != 204 {
		t.Errorf("an empty object: got %d", got.Result().StatusCode)
	}
	if got := call(t, h, "GET", "/sessions", "", "Authorization: Bearer "+login.Access); got.Result().StatusCode != 401 {
		t.Errorf("the access token: got %d", got.Result().StatusCode)
	}
	both := call(t, h, "POST", "/login", "", "Password: right")
	got := call(t, h, "POST", "/logout", body("of yesterday"), "Authorization: Bearer "+both.Access)
	if got.Result().StatusCode != 204 {
		t.Errorf("with a refresh token that is none: got %d %s, want the session ended all the same", got.Result().StatusCode, got.Body)
	}
	if got := call(t, h, "POST", "/refresh", body(both.Refresh)); got.Result().StatusCode != 401 {
		t.Errorf("it goes on: %d", got.Result().StatusCode)
	}
}

// TestLogoutOutsideOfSessions is for tokens that an Issuer gave out by itself.
func TestLogoutOutsideOfSessions(t *testing.T) {
	w := newWorld(t)
	p := &auth.Principal{ID: "u", Issuer: issuerName, TokenID: "alone"}
	if err := w.Check(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if err := w.Logout(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if err := w.Check(t.Context(), p); !errors.Is(err, auth.ErrInvalid) {
		t.Errorf("got %v, want the token refused", err)
	}
}

func TestLogoutAllHandler(t *testing.T) {
	w := newWorld(t)
	h := site(t, w)
	a := call(t, h, "POST", "/login", "", "Password: right")
	b := call(t, h, "POST", "/login", "", "Password: right")
	if got := call(t, h, "POST", "/logout-all", "", "Authorization: Bearer "+a.Access); got.Result().StatusCode != 204 {
		t.Errorf("got %d", got.Result().StatusCode)
	}
	for _, tok := range []reply{a, b} {
		if got := call(t, h, "POST", "/refresh", body(tok.Refresh)); got.Result().StatusCode != 401 {
			t.Errorf("got %d", got.Result().StatusCode)
		}
	}
}

func TestClientIsBound(t *testing.T) {
	w := newWorld(t)
	h := site(t, w)
	login := call(t, h, "POST", "/login", "", "Password: right", "Client: a")
	if got := call(t, h, "POST", "/refresh", body(login.Refresh), "Client: b"); got.Result().StatusCode != 401 {
		t.Errorf("got %d", got.Result().StatusCode)
	}
	if got := call(t, h, "POST", "/refresh", body(login.Refresh), "Client: a"); got.Result().StatusCode != 401 {
		t.Errorf("after a foreign client: got %d, want the session ended", got.Result().StatusCode)
	}
}

func TestCookieMode(t *testing.T) {
	w := newWorld(t)
	h := site(t, w, cookies)
	login := call(t, h, "POST", "/login", "", "Password: right", "Sec-Fetch-Site: same-origin")
	line := login.Header().Get("Set-Cookie")
	for _, part := range []string{"__Host-session=prt_", "Path=/", "Max-Age=1209600", "HttpOnly", "Secure", "SameSite=Strict"} {
		if !strings.Contains(line, part) {
			t.Errorf("got %q, want %s in it", line, part)
		}
	}
	if strings.Contains(line, "Domain") || login.Refresh != "" || login.Access == "" {
		t.Errorf("got %q, %s", line, login.Body)
	}
	jar := "Cookie: __Host-session=" + login.cookie()
	for _, tc := range []struct {
		name, header string
		status       int
	}{
		{"another site", "Sec-Fetch-Site: cross-site", 403},
		{"a subdomain", "Sec-Fetch-Site: same-site", 403},
		{"an old browser, another origin", "Origin: https://evil.example", 403},
		{"two cookies", jar + "; __Host-session=x", 400},
		{"another cookie", "Cookie: session=x", 401},
	} {
		r := []string{jar, tc.header}
		if got := call(t, h, "POST", "/refresh", "", r...); got.Result().StatusCode != tc.status {
			t.Errorf("%s: got %d, want %d", tc.name, got.Result().StatusCode, tc.status)
		}
	}
	if got := call(t, h, "POST", "/login", "", "Password: right", "Sec-Fetch-Site: cross-site"); got.Result().StatusCode != 403 {
		t.Errorf("login from another site: got %d", got.Result().StatusCode)
	}
	if got := call(t, h, "POST", "/refresh", body(login.cookie())); got.Result().StatusCode != 401 {
		t.Errorf("token in the body: got %d, want it not read", got.Result().StatusCode)
	}
	next := call(t, h, "POST", "/refresh", "", jar)
	if next.Result().StatusCode != 200 || next.cookie() == "" || next.cookie() == login.cookie() {
		t.Fatalf("got %d %s", next.Result().StatusCode, next.Header())
	}
	jar = "Cookie: __Host-session=" + next.cookie()
	again := call(t, h, "POST", "/login", "", "Password: right", jar)
	if got := call(t, h, "POST", "/refresh", "", jar); got.Result().StatusCode != 401 || !strings.Contains(got.Header().Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("the session before the login: got %d %v, want it ended and the cookie taken back", got.Result().StatusCode, got.Header())
	}
	bearer := "Authorization: Bearer " + again.Access
	list := call(t, h, "GET", "/sessions", "", bearer)
	if got := call(t, h, "DELETE", "/sessions/"+list.Items[0].ID, "", bearer); !strings.Contains(got.Header().Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("end the current session: got %v, want the cookie taken back", got.Header())
	}
}

func TestTrustedOrigins(t *testing.T) {
	w := newWorld(t)
	h := site(t, w, cookies, func(cfg *session.HandlersConfig) { cfg.TrustedOrigins = []string{"https://app.example.com"} })
	for origin, want := range map[string]int{"https://app.example.com": 200, "https://app.example.com.evil.example": 403} {
		got := call(t, h, "POST", "/login", "", "Password: right", "Sec-Fetch-Site: same-site", "Origin: "+origin)
		if got.Result().StatusCode != want {
			t.Errorf("%s: got %d, want %d", origin, got.Result().StatusCode, want)
		}
	}
}

func TestHandlersStoreIsGone(t *testing.T) {
	w := newWorld(t)
	h := site(t, w)
	login := call(t, h, "POST", "/login", "", "Password: right")
	bearer := "Authorization: Bearer " + login.Access
	for _, step := range []string{"Create", "Get", "Rotate", "Revoke", "RevokeUser", "List"} {
		w.store.fail[step] = errGone
	}
	for _, got := range []reply{
		call(t, h, "POST", "/login", "", "Password: right"),
		call(t, h, "POST", "/refresh", body(login.Refresh)),
		call(t, h, "POST", "/logout", "", bearer),
		call(t, h, "POST", "/logout-all", "", bearer),
		call(t, h, "GET", "/sessions", "", bearer),
		call(t, h, "DELETE", "/sessions/x", "", bearer),
	} {
		if got.Result().StatusCode != 503 || got.Header().Get("Retry-After") == "" || strings.Contains(got.Body.String(), "gone") {
			t.Errorf("got %d %s %v", got.Result().StatusCode, got.Body, got.Header())
		}
	}
}

func TestNewHandlersReportsEveryFault(t *testing.T) {
	_, err := session.NewHandlers(session.HandlersConfig{
		Cookie: "session", SameSite: http.SameSiteNoneMode, TrustedOrigins: []string{"app.example.com"},
	})
	var got []string
	for _, f := range conf.All(err) {
		got = append(got, f.Field)
	}
	if want := "[Manager Login Cookie SameSite TrustedOrigins[0]]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
	w := newWorld(t)
	_, err = session.NewHandlers(session.HandlersConfig{
		Manager: w.Manager, Login: func(http.ResponseWriter, *http.Request) (*auth.Principal, error) { return nil, nil },
		TrustedOrigins: []string{"https://app.example.com"},
	})
	if len(conf.All(err)) != 1 {
		t.Errorf("trusted origins without a cookie: got %v", err)
	}
	h := site(t, w, func(cfg *session.HandlersConfig) {
		cfg.Login = func(http.ResponseWriter, *http.Request) (*auth.Principal, error) { return nil, nil }
	})
	if got := call(t, h, "POST", "/login", ""); got.Result().StatusCode != 503 {
		t.Errorf("a login of nobody without an error: got %d", got.Result().StatusCode)
	}
}
