package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestNothingInClear: whoever copies the database, or reads the most talkative log, finds none of what was entrusted to the
// server, and no key.
func TestNothingInClear(t *testing.T) {
	dir := t.TempDir()
	p := startProcess(t, "-data", dir, "-log-level", "debug")
	secrets := map[string]string{
		"address": "ada.lovelace@example.com", "name": "Lovelace-Byron", "password": "analytical-engine", "bio": "translated Menabrea",
		"administrator's address": "admin@example.com", "administrator's password": "admin-password",
	}
	p.must(t, 201, "POST", "/api/auth/register", `{"email":"`+secrets["address"]+`","password":"`+secrets["password"]+
		`","last_name":"`+secrets["name"]+`","bio":"`+secrets["bio"]+`"}`, "")
	p.must(t, 422, "POST", "/api/auth/register", `{"email":"`+secrets["address"]+`x","password":"short","nonsense":"`+secrets["bio"]+`"}`, "")
	tokens := p.must(t, 200, "POST", "/api/auth/login", `{"email":"`+secrets["address"]+`","password":"`+secrets["password"]+`"}`, "")
	p.must(t, 401, "POST", "/api/auth/login", `{"email":"`+secrets["address"]+`","password":"`+secrets["password"]+`?"}`, "")
	admin := text(p.must(t, 200, "POST", "/api/auth/login", adminLogin, ""), "access_token")
	p.must(t, 200, "GET", "/api/users?email="+secrets["address"], "", admin)
	secrets["access token"], secrets["refresh token"] = text(tokens, "access_token"), text(tokens, "refresh_token")
	secrets["API key"] = text(p.must(t, 201, "POST", "/api/keys", `{"name":"robot","scopes":["read:orders"]}`, secrets["access token"]), "key")
	secrets["card"] = "4111111111111111"
	card := p.must(t, 201, "POST", "/api/cards", `{"number":"4111-1111-1111-1111"}`, secrets["access token"])
	p.must(t, 200, "GET", "/api/cards/"+text(card, "token"), "", secrets["access token"])
	p.must(t, 422, "POST", "/api/cards", `{"number":"4111 1111 1111 1112"}`, secrets["access token"])
	p.kill()

	maps.Copy(secrets, keysIn(t, dir))
	files, err := filepath.Glob(filepath.Join(dir, "palisade.db*")) // with its write-ahead log
	if err != nil || len(files) == 0 {
		t.Fatalf("got %v, %v", files, err)
	}
	found := false
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found = found || bytes.Contains(data, []byte("customer"))
		wantNone(t, filepath.Base(file), data, secrets)
	}
	if !found {
		t.Error("the account is in none of the files")
	}
	if !strings.Contains(p.log.String(), "authn_login_fail") {
		t.Errorf("the log tells nothing: %s", &p.log)
	}
	wantNone(t, "the log", p.log.Bytes(), secrets)
}

func TestCards(t *testing.T) {
	c := client{t, start(t, t.TempDir()), "192.0.2.60"}
	var who [2][]string
	for i, email := range []string{"a@example.com", "b@example.com"} {
		c.want(201, "POST", "/api/auth/register", `{"email":"`+email+`","password":"password-1"}`)
		who[i] = c.login(email, "password-1")
	}
	card := c.want(201, "POST", "/api/cards", `{"number":"4111 1111 1111 1111"}`, who[0]...)
	token := text(card, "token")
	if text(card, "masked") != "************1111" || text(card, "brand") != "visa" || !strings.HasPrefix(token, "tok_") {
		t.Errorf("got %v", card)
	}
	if again := c.want(201, "POST", "/api/cards", `{"number":"4111111111111111"}`, who[0]...); text(again, "token") != token {
		t.Errorf("the same number got another token: %v", again)
	}
	if other := c.want(201, "POST", "/api/cards", `{"number":"4111111111111111"}`, who[1]...); text(other, "token") == token {
		t.Error("two owners share a token")
	}
	if got := c.want(200, "GET", "/api/cards/"+token, "", who[0]...); text(got, "masked") != text(card, "masked") {
		t.Errorf("got %v", got)
	}
	c.want(404, "GET", "/api/cards/"+token, "", who[1]...)
	c.want(404, "GET", "/api/cards/tok_nothing", "", who[0]...)
	c.want(401, "POST", "/api/cards", `{"number":"4111111111111111"}`)
	for _, body := range []string{
		`{"number":"4111111111111112"}`, `{"number":""}`, `{}`, `{"number":4111111111111111}`, `{"number":"0000000000000000"}`,
		`{"number":"4111111111111111","cvv":"123"}`, `{"number":"` + strings.Repeat("4", 200) + `"}`,
	} {
		w, _ := c.do("POST", "/api/cards", body, who[0]...)
		if w.Code != 422 || strings.Contains(w.Body.String(), "4111") {
			t.Errorf("%s: got %d %s, want 422 without the number", body, w.Code, w.Body)
		}
	}
	admin := c.login("admin@example.com", "admin-password")
	me := c.want(200, "GET", "/api/me", "", who[0]...)
	c.want(204, "DELETE", "/api/users/"+text(me, "id"), "", admin...)
}

// keysIn returns what the data folder's key files hold.
func keysIn(t *testing.T, dir string) map[string]string {
	t.Helper()
	keys := map[string]string{}
	for _, name := range []string{tokenKeyFile, sessionKeyFile, guardKeyFile, "data-keys-1.json"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		keys[name] = string(data)
	}
	var list []dataKey
	if err := json.Unmarshal([]byte(keys["data-keys-1.json"]), &list); err != nil || len(list) != 1 {
		t.Fatalf("got %d keys, %v", len(list), err)
	}
	keys["data-keys-1.json"] = string(list[0].Secret)
	keys[tokenKeyFile] = strings.Split(keys[tokenKeyFile], "\n")[1] // the body of the PEM block
	return keys
}

// wantNone looks for each secret as it is, in another case, and as it could have been encoded.
func wantNone(t *testing.T, where string, data []byte, secrets map[string]string) {
	t.Helper()
	lower := bytes.ToLower(data)
	for name, secret := range secrets {
		for _, form := range []string{
			secret, base64.StdEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte(secret)),
		} {
			if bytes.Contains(data, []byte(strings.TrimRight(form, "="))) {
				t.Errorf("%s is in %s", name, where)
			}
		}
		for _, form := range []string{strings.ToLower(secret), hex.EncodeToString([]byte(secret))} {
			if bytes.Contains(lower, []byte(form)) {
				t.Errorf("%s is in %s, in another case or in hexadecimal", name, where)
			}
		}
	}
}
