package login_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/login"
	"github.com/gopalisade/palisade/crypto/password"
	"github.com/gopalisade/palisade/problem"
	"github.com/gopalisade/palisade/ratelimit/guard"
	"github.com/gopalisade/palisade/transport"
)

// handler is all of a login over HTTP but the session, which package auth/session starts.
func handler(checker *login.Checker) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var body struct{ Email, Password string }
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 8<<10)).Decode(&body); err != nil {
			problem.Write(w, r, &problem.Problem{Status: http.StatusBadRequest})
			return
		}
		a := login.Attempt{Login: body.Email, Password: body.Password, Addr: transport.PeerOf(r).Addr}
		if c, err := r.Cookie("__Host-device"); err == nil {
			a.Device = c.Value
		}
		result, err := checker.Check(r.Context(), a)
		if err != nil {
			problem.Write(w, r, err)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		http.SetCookie(w, &http.Cookie{
			Name: "__Host-device", Value: result.Device, Path: "/", MaxAge: 90 * 24 * 3600,
			Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode,
		})
		_, _ = fmt.Fprintf(w, "hello %s\n", result.Principal.ID)
	}
}

func Example() {
	hasher, err := password.New(password.Config{})
	if err != nil {
		panic(err)
	}
	stored, err := hasher.Hash(context.Background(), "correct horse battery")
	if err != nil {
		panic(err)
	}
	g, err := guard.New(guard.Config{Keys: [][]byte{bytes.Repeat([]byte("k"), 32)}, Limits: guard.Limits{Account: 2}})
	if err != nil {
		panic(err)
	}
	checker, err := login.New(login.Config{
		Find: func(_ context.Context, email string) (login.Account, error) {
			if email != "alice@example.com" {
				return login.Account{}, login.ErrNoAccount
			}
			return login.Account{Principal: auth.Principal{ID: "7"}, Hash: stored}, nil
		},
		Passwords: hasher,
		Guard:     g,
	})
	if err != nil {
		panic(err)
	}
	h := handler(checker)
	for _, body := range []string{
		`{"email":"alice@example.com","password":"correct horse battery"}`,
		`{"email":"alice@example.com","password":"wrong"}`,
		`{"email":"bob@example.com","password":"wrong"}`,
		`{"email":"alice@example.com","password":"wrong"}`,
		`{"email":"alice@example.com","password":"correct horse battery"}`,
	} {
		w := httptest.NewRecorder()
		h(w, httptest.NewRequest("POST", "/login", strings.NewReader(body)))
		fmt.Print(w.Code, " ", w.Body)
	}
	// Output:
	// 200 hello 7
	// 401 {"title":"Unauthorized","status":401,"code":"invalid_credentials","detail":"Valid credentials are required."}
	// 401 {"title":"Unauthorized","status":401,"code":"invalid_credentials","detail":"Valid credentials are required."}
	// 401 {"title":"Unauthorized","status":401,"code":"invalid_credentials","detail":"Valid credentials are required."}
	// 429 {"title":"Too Many Requests","status":429,"code":"too_many_attempts","detail":"Too many requests. Wait before trying again."}
}

func ExamplePolicy() {
	policy, err := login.NewPolicy(login.PolicyConfig{Words: []string{"palisade"}})
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	fmt.Println(policy.Check(ctx, "s3cret", "alice@example.com"))
	fmt.Println(policy.Check(ctx, "alice-palisade-2026", "alice@example.com"))
	fmt.Println(policy.Check(ctx, "correct horse battery", "alice@example.com"))
	// Output:
	// login: password refused by the policy: too_short, common
	// login: password refused by the policy: about_you
	// <nil>
}

// A login that looks for the account first, and returns at once where there is none, tells everybody who has one: it does no
// work for the others.
func Example_wrongOrder() {
	hasher, err := password.New(password.Config{Memory: 64, Time: 1})
	if err != nil {
		panic(err)
	}
	ctx, passwords := context.Background(), &counting{Verifier: hasher}
	stored, err := hasher.Hash(ctx, "correct horse battery")
	if err != nil {
		panic(err)
	}
	accounts := map[string]string{"alice": stored}
	for _, name := range []string{"alice", "bob"} {
		before := passwords.hashes.Load()
		if hash, ok := accounts[name]; ok {
			_, _ = passwords.Verify(ctx, "wrong", hash)
		}
		fmt.Println(name, "costs", passwords.hashes.Load()-before, "hash")
	}
	// Output:
	// alice costs 1 hash
	// bob costs 0 hash
}
