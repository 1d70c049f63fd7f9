package token_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/auth/token"
)

// forge signs any header and claims, so that only the stated oddity is wrong.
func forge(key []byte, head, claims string) string {
	enc := base64.RawURLEncoding
	input := enc.EncodeToString([]byte(head)) + "." + enc.EncodeToString([]byte(claims))
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(input))
	return input + "." + enc.EncodeToString(mac.Sum(nil))
}

const goodHead = `{"alg":"HS256","typ":"at+jwt","kid":"k"}`

// good returns the claims of an acceptable token, changed by replacing pairs of members.
func good(replace ...string) string {
	now := time.Now().Unix()
	num := func(n int64) string { b, _ := json.Marshal(n); return string(b) }
	s := `{"iss":"` + issuerName + `","sub":"u1","aud":["` + audience + `"],"exp":` + num(now+60) + `,"iat":` + num(now) + `,"jti":"j"}`
	s = strings.Replace(s, `"exp":`+num(now+60), `"exp":EXP`, 1)
	s = strings.NewReplacer(replace...).Replace(s)
	return strings.NewReplacer("EXP", num(now+60), "PAST", num(now-60), "NOW", num(now), "SOON", num(now+30)).Replace(s)
}

func hmacVerifier(t testing.TB) ([]byte, *token.Verifier) {
	t.Helper()
	key := secret(32)
	k, err := token.NewHMACKey("k", token.HS256, key)
	if err != nil {
		t.Fatal(err)
	}
	_, v := pair(t, k)
	return key, v
}

func TestStrictTokens(t *testing.T) {
	key, v := hmacVerifier(t)
	plain := forge(key, goodHead, good())
	deep := strings.Repeat("[", 5000) + strings.Repeat("]", 5000)
	members := strings.Repeat(`"m":1,`, 5000)
	many := `"` + strings.Repeat(`r","`, 300) + `r"`
	for _, tc := range []struct {
		name, token string
		want        error // nil: accepted
	}{
		{"plain", plain, nil},
		{"D1 exp zero", forge(key, goodHead, good("EXP", "0")), token.ErrClaims},
		{"D2 exp null", forge(key, goodHead, good("EXP", "null")), token.ErrClaims},
		{"D3 no exp", forge(key, goodHead, good(`"exp":EXP,`, "")), token.ErrClaims},
		{"D4 exp string", forge(key, goodHead, good("EXP", `"EXP"`)), token.ErrClaims},
		{"D5 nbf 1e300", forge(key, goodHead, good(`"jti"`, `"nbf":1e300,"jti"`)), token.ErrClaims},
		{"D5 nbf 1e19", forge(key, goodHead, good(`"jti"`, `"nbf":10000000000000000000,"jti"`)), token.ErrClaims},
		{"D6 exp twice", forge(key, goodHead, good("EXP", `PAST,"exp":EXP`)), token.ErrClaims},
		{"D7 EXP beside a past exp", forge(key, goodHead, good("EXP", `PAST,"eXP":SOON`)), token.ErrClaims},
		{"D8 EXP beside a future exp", forge(key, goodHead, good("EXP", `SOON,"eXP":PAST`)), token.ErrClaims},
		{"D9 crit", forge(key, `{"alg":"HS256","typ":"at+jwt","kid":"k","crit":["x"],"x":1}`, good()), token.ErrHeader},
		{"D10 crit empty", forge(key, `{"alg":"HS256","typ":"at+jwt","kid":"k","crit":[]}`, good()), token.ErrHeader},
		{"D11 b64", forge(key, `{"alg":"HS256","typ":"at+jwt","kid":"k","b64":false,"crit":["b64"]}`, good()), token.ErrHeader},
		{"D12 alg twice", forge(key, `{"alg":"none","typ":"at+jwt","kid":"k","alg":"HS256"}`, good()), token.ErrMalformed},
		{"D13 ALG beside alg", forge(key, `{"ALG":"none","alg":"HS256","typ":"at+jwt","kid":"k"}`, good()), token.ErrHeader},
		{"D14 other type", forge(key, `{"alg":"HS256","typ":"rt+jwt","kid":"k"}`, good()), token.ErrType},
		{"no type", forge(key, `{"alg":"HS256","kid":"k"}`, good()), token.ErrType},
		{"long type", forge(key, `{"alg":"HS256","typ":"application/AT+JWT","kid":"k"}`, good()), nil},
		{"D15 line feed in the signature", plain[:len(plain)-4] + "\n" + plain[len(plain)-4:], token.ErrMalformed},
		{"D16 unused bits", flipUnused(plain), token.ErrMalformed},
		{"D17 padding", plain + "=", token.ErrMalformed},
		{"D18 leading space", " " + plain, token.ErrMalformed},
		{"D18 trailing space", plain + " ", token.ErrMalformed},
		{"D19 claims and more", forge(key, goodHead, good()+"{}"), token.ErrClaims},
		{"D20 claims null", forge(key, goodHead, "null"), token.ErrClaims},
		{"D21 invalid UTF-8", forge(key, goodHead, good("u1", "u\xff1")), token.ErrClaims},
		{"lone surrogate", forge(key, goodHead, good("u1", `u\ud800`)), token.ErrClaims},
		{"surrogate pair", forge(key, goodHead, good("u1", `u\ud83d\ude00`)), nil},
		{"D23 deep nesting", forge(key, goodHead, good(`"jti"`, `"x":`+deep[:1000]+deep[len(deep)-1000:]+`,"jti"`)), token.ErrClaims},
		{"many members", forge(key, goodHead, good(`"jti"`, members[:4000]+`"jti"`)), token.ErrClaims},
		{"D24 sub number", forge(key, goodHead, good(`"u1"`, "1")), token.ErrClaims},
		{"no sub", forge(key, goodHead, good(`"sub":"u1",`, "")), token.ErrClaims},
		{"no jti", forge(key, goodHead, good(`,"jti":"j"`, "")), token.ErrClaims},
		{"no aud", forge(key, goodHead, good(`"aud":["`+audience+`"],`, "")), token.ErrClaims},
		{"C1 aud string", forge(key, goodHead, good(`["`+audience+`"]`, `"`+audience+`"`)), nil},
		{"C1 aud among others", forge(key, goodHead, good(`["`, `["x","`)), nil},
		{"C1 aud empty list", forge(key, goodHead, good(`["`+audience+`"]`, `[]`)), token.ErrClaims},
		{"C1 aud empty string", forge(key, goodHead, good(`["`+audience+`"]`, `[""]`)), token.ErrAudience},
		{"C1 aud number", forge(key, goodHead, good(`["`+audience+`"]`, `1`)), token.ErrClaims},
		{"C1 aud mixed", forge(key, goodHead, good(`["`, `[1,"`)), token.ErrClaims},
		{"C1 aud longer", forge(key, goodHead, good(audience, audience+"/")), token.ErrAudience},
		{"C2 iss longer", forge(key, goodHead, good(issuerName, issuerName+"/")), token.ErrIssuer},
		{"C2 iss list", forge(key, goodHead, good(`"`+issuerName+`"`, `["`+issuerName+`"]`)), token.ErrClaims},
		{"C3 exp is now", forge(key, goodHead, good("EXP", "NOW")), token.ErrExpired},
		{"C3 nbf in the future", forge(key, goodHead, good(`"jti"`, `"nbf":SOON,"jti"`)), token.ErrNotYetValid},
		{"C3 fraction", forge(key, goodHead, good("EXP", "EXP.5")), nil},
		{"C3 too long a life", forge(key, goodHead, good("EXP", "4102444800")), token.ErrLifetime},
		{"H15 cnf", forge(key, goodHead, good(`"jti"`, `"cnf":"x","jti"`)), token.ErrBinding},
		{"Z11 roles string", forge(key, goodHead, good(`"jti"`, `"roles":"admin","jti"`)), token.ErrClaims},
		{"Z11 too many roles", forge(key, goodHead, good(`"jti"`, `"roles":[`+many+`],"jti"`)), token.ErrClaims},
		{"K1 none", forge(key, `{"alg":"none","typ":"at+jwt","kid":"k"}`, good()), token.ErrAlgorithm},
		{"K1 none without signature", plain[:strings.LastIndexByte(plain, '.')+1], token.ErrSignature},
		{"K5 other algorithm", forge(key, `{"alg":"HS512","typ":"at+jwt","kid":"k"}`, good()), token.ErrAlgorithm},
		{"K8 jku", forge(key, `{"alg":"HS256","typ":"at+jwt","kid":"k","jku":"https://evil.example"}`, good()), token.ErrHeader},
		{"K8 jwk", forge(key, `{"alg":"HS256","typ":"at+jwt","kid":"k","jwk":{"kty":"oct"}}`, good()), token.ErrHeader},
		{"K9 other kid", forge(key, `{"alg":"HS256","typ":"at+jwt","kid":"../../etc/passwd"}`, good()), token.ErrUnknownKey},
		{"K9 kid list", forge(key, `{"alg":"HS256","typ":"at+jwt","kid":["k"]}`, good()), token.ErrMalformed},
		{"K9 long kid", forge(key, `{"alg":"HS256","typ":"at+jwt","kid":"`+strings.Repeat("k", 300)+`"}`, good()), token.ErrMalformed},
		{"no kid and one key", forge(key, `{"alg":"HS256","typ":"at+jwt"}`, good()), nil},
		{"K11 five parts", plain + ".a.b", token.ErrMalformed},
		{"H14 JSON serialisation", `{"payload":"` + plain + `"}`, token.ErrMalformed},
		{"H18 proof type", forge(key, `{"alg":"HS256","typ":"dpop+jwt","kid":"k"}`, good()), token.ErrType},
		{"H21 dots", strings.Repeat(".", 100_000), token.ErrMalformed},
		{"too long", plain + strings.Repeat("A", 9000), token.ErrMalformed},
		{"long header", forge(key, goodHead[:len(goodHead)-1]+strings.Repeat(" ", 2000)+"}", good()), token.ErrMalformed},
		{"empty", "", token.ErrMalformed},
		{"signature by another key", forge(secret(32), goodHead, good()), token.ErrSignature},
		{"control character", forge(key, goodHead, good("u1", "u\x011")), token.ErrClaims},
		{"leading zero", forge(key, goodHead, good(`"jti"`, `"x":01,"jti"`)), token.ErrClaims},
		{"trailing comma", forge(key, goodHead, good(`"jti":"j"`, `"jti":"j",`)), token.ErrClaims},
		{"all of JSON", forge(key, goodHead, good(`"jti"`, `"x":[true,false,null,-1.5e+3,{"a":{}},"\"\\\/\b\f\n\r\t\u00e4é"], "jti"`)), nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p, err := v.Verify(t.Context(), tc.token)
			if !errors.Is(err, tc.want) || (err == nil) != (tc.want == nil) || (p == nil) != (err != nil) {
				t.Fatalf("got %v, %v; want %v", p, err, tc.want)
			}
			if err != nil && (!errors.Is(err, auth.ErrInvalid) || token.Reason(err) == "") {
				t.Errorf("got %#v, want an auth.Error with a reason", err)
			}
		})
	}
}

// flipUnused sets an unused bit of the last character: 32 bytes leave two.
func flipUnused(tok string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, tok[len(tok)-1])
	return tok[:len(tok)-1] + string(alphabet[last^1])
}

func TestAuthorizationHeader(t *testing.T) {
	key, v := hmacVerifier(t)
	gate, err := auth.New(auth.Config{By: []auth.Authenticator{v}})
	if err != nil {
		t.Fatal(err)
	}
	h := gate.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	ok := forge(key, goodHead, good())
	bare, failed, malformed := `Bearer realm="api"`, `Bearer realm="api", error="invalid_token"`, `Bearer realm="api", error="invalid_request"`
	for _, tc := range []struct {
		name      string
		lines     []string
		status    int
		challenge string
	}{
		{"H1 none", nil, 401, bare},
		{"H2 lower case", []string{"bearer " + ok}, 200, ""},
		{"H2 upper case", []string{"BEARER " + ok}, 200, ""},
		{"H3 two spaces", []string{"Bearer  " + ok}, 200, ""},
		{"H4 tab", []string{"Bearer\t" + ok}, 400, malformed},
		{"H5 junk after", []string{"Bearer " + ok + " junk"}, 400, malformed},
		{"H5 two in one", []string{"Bearer " + ok + ", Bearer " + ok}, 400, malformed},
		{"H6 no token", []string{"Bearer"}, 400, malformed},
		{"H6 empty token", []string{"Bearer "}, 400, malformed},
		{"H7 no scheme", []string{ok}, 401, bare},
		{"H8 Basic", []string{"Basic YTpi"}, 401, bare},
		{"longer scheme", []string{"BearerX " + ok}, 401, bare},
		{"H9 bad and good", []string{"Bearer x", "Bearer " + ok}, 400, malformed},
		{"H10 good and bad", []string{"Bearer " + ok, "Bearer x"}, 400, malformed},
		{"H12 expired", []string{"Bearer " + forge(key, goodHead, good("EXP", "PAST"))}, 401, failed},
		{"H13 no exp", []string{"Bearer " + forge(key, goodHead, good(`"exp":EXP,`, ""))}, 401, failed},
		{"H14 JSON serialisation", []string{"Bearer {}"}, 400, malformed},
		{"H18 proof type", []string{"Bearer " + forge(key, `{"alg":"HS256","typ":"dpop+jwt","kid":"k"}`, good())}, 401, failed},
		{"H19 other audience", []string{"Bearer " + forge(key, goodHead, good(audience, "x"))}, 401, failed},
		{"H20 issuer list", []string{"Bearer " + forge(key, goodHead, good(`"`+issuerName+`"`, `["`+issuerName+`","x"]`))}, 401, failed},
		{"H21 dots", []string{"Bearer " + strings.Repeat(".", 100_000)}, 401, failed},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/?access_token="+ok, nil) // H11: the query is never read
			r.AddCookie(&http.Cookie{Name: "access_token", Value: ok})
			r.Header["Authorization"] = tc.lines
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if got := w.Header().Get("WWW-Authenticate"); w.Code != tc.status || got != tc.challenge {
				t.Errorf("got %d %q, want %d %q", w.Code, got, tc.status, tc.challenge)
			}
			if body := w.Body.String(); strings.Contains(body, "expired") || strings.Contains(body, "u1") {
				t.Errorf("the body tells why: %s", body)
			}
		})
	}
}
