package authtest

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"time"
)

// headerAttacks are spellings of a header in which a good token stands.
func headerAttacks(good string) []attack {
	return []attack{
		{"no scheme", authorization(good)},
		{"another scheme", authorization("Basic " + base64.StdEncoding.EncodeToString([]byte("user:"+good)))},
		{"a scheme that begins with Bearer", authorization("BearerX " + good)},
		{"a tab after the scheme", authorization("Bearer\t" + good)},
		{"something after the token", bearer(good + " x")},
		{"two tokens in one line", bearer(good + ", Bearer " + good)},
		{"no token", authorization("Bearer")},
		{"an empty token", bearer("")},
		{"two lines, the bad one first", bearer("x", good)},
		{"two lines, the good one first", bearer(good, "x")},
		{"in the query", query("access_token", good, "token", good)},
		{"in the query beside a bad one", func(r *http.Request) { query("access_token", good)(r); bearer("x")(r) }},
		{"OPTIONS", func(r *http.Request) { r.Method = http.MethodOptions }},
		{"HEAD", func(r *http.Request) { r.Method = http.MethodHead }},
		{"method override", func(r *http.Request) { r.Header.Set("X-HTTP-Method-Override", "OPTIONS") }},
		{"names of a front end", func(r *http.Request) {
			for _, name := range []string{"X-User", "X-Forwarded-User", "X_Auth_User", "X-Original-URL", "X-Forwarded-Uri"} {
				r.Header[name] = []string{"/healthz"}
			}
		}},
	}
}

// isJWS reports what tokenAttacks can take apart: three segments, none of them tiny.
func isJWS(token string) bool {
	parts := strings.Split(token, ".")
	return len(parts) == 3 && min(len(parts[0]), len(parts[1]), len(parts[2])) > 8
}

// query adds parameters to those that the request has.
func query(pairs ...string) func(*http.Request) {
	return func(r *http.Request) {
		values := r.URL.Query()
		for i := 0; i < len(pairs); i += 2 {
			values.Set(pairs[i], pairs[i+1])
		}
		r.URL.RawQuery = values.Encode()
	}
}

// tokenAttacks need nothing but a good token.
func tokenAttacks(good string) []attack {
	head, rest, _ := strings.Cut(good, ".")
	claims, sig, _ := strings.Cut(rest, ".")
	header := decode(head)
	rehead := func(change map[string]any) string { return encode(changed(header, change)) + "." + claims + "." + sig }
	all := []attack{
		{"a line feed in the signature", bearer(head + "." + claims + "." + sig[:4] + "\n" + sig[4:])},
		{"unused bits of the last character", bearer(good[:len(good)-1] + neighbour(good[len(good)-1]))},
		{"padding", bearer(good + "=")},
		{"a blank before the end", bearer(good + "%20")},
		{"cut by one", bearer(good[:len(good)-1])},
		{"longer by one", bearer(good + "A")},
		{"without the signature", bearer(head + "." + claims + ".")},
		{"without signature and dot", bearer(head + "." + claims)},
		{"five parts", bearer(good + ".AA.AA")},
		{"JSON serialisation", bearer(`{"protected":"` + head + `","payload":"` + claims + `","signature":"` + sig + `"}`)},
		{"100 KB of dots", bearer(strings.Repeat(".", 100_000))},
		{"a megabyte", bearer(good + strings.Repeat("A", 1<<20))},
		{"more rights under the old signature", bearer(head + "." +
			encode(changed(decode(claims), map[string]any{"sub": "admin", "roles": []string{"admin"}})) + "." + sig)},
		{"a key of its own", bearer(selfSigned(decode(claims)))},
	}
	for _, none := range []string{"none", "None", "NONE", "nOnE", ""} {
		all = append(all,
			attack{"alg " + none + ", signed", bearer(rehead(map[string]any{"alg": none}))},
			attack{"alg " + none + ", unsigned", bearer(encode(changed(header, map[string]any{"alg": none})) + "." + claims + ".")})
	}
	for _, kid := range []any{"../../../../dev/null", "' OR 1=1 --", strings.Repeat("k", 600), "a\x00b", 1, []string{"k"}, nil} {
		all = append(all, attack{fmt.Sprintf("kid %.20v", kid), bearer(rehead(map[string]any{"kid": kid}))})
	}
	return all
}

const goodHeader = `{"alg":"EdDSA","typ":"at+jwt","kid":"` + keyID + `"}`

// freshClaims returns what a token says, as it would be said now and for five minutes.
func freshClaims(token string) string {
	_, rest, _ := strings.Cut(token, ".")
	claims, _, _ := strings.Cut(rest, ".")
	now := time.Now().Unix()
	return changed(decode(claims), map[string]any{"exp": now + 300, "iat": now})
}

// claimAttacks are signed by the trusted key; only what they say is wrong with base.
func (is *Issuer) claimAttacks(base string) []attack {
	now := time.Now().Unix()
	var all []attack
	claim := func(name, claims string) { all = append(all, attack{name, bearer(is.Sign(goodHeader, claims))}) }
	with := func(name string, change map[string]any) { claim(name, changed(base, change)) }
	lacks := func(name, member string) { claim(name, without(base, member)) }
	head := func(name, header string) { all = append(all, attack{name, bearer(is.Sign(header, base))}) }

	with("expired", map[string]any{"exp": now - 3600, "iat": now - 7200})
	with("expiry 0", map[string]any{"exp": 0})
	with("expiry null", map[string]any{"exp": nil})
	with("expiry as text", map[string]any{"exp": fmt.Sprint(now + 300)})
	with("expiry beyond all numbers", map[string]any{"exp": json.RawMessage("1e300")})
	lacks("no expiry", "exp")
	claim("expiry twice, past and future", strings.Replace(base, "{", fmt.Sprintf(`{"exp":%d,`, now-3600), 1))
	with("not valid before tomorrow", map[string]any{"nbf": now + 86400})
	with("issued tomorrow", map[string]any{"iat": now + 86400, "exp": now + 90000})
	with("another audience", map[string]any{"aud": "https://other.test"})
	with("an audience that begins like ours", map[string]any{"aud": is.Audience + ".evil.test"})
	with("no audience in the list", map[string]any{"aud": []string{}})
	lacks("no audience", "aud")
	with("another issuer", map[string]any{"iss": "https://other.test"})
	with("an issuer that begins like ours", map[string]any{"iss": is.Name + "/"})
	with("a list of issuers", map[string]any{"iss": []string{is.Name, "https://other.test"}})
	lacks("no issuer", "iss")
	with("subject as a number", map[string]any{"sub": 1})
	lacks("no subject", "sub")
	with("bound to a key", map[string]any{"cnf": map[string]any{"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}})
	with("bound to a certificate", map[string]any{"cnf": map[string]any{"x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2"}})
	with("bound, misshapen", map[string]any{"cnf": "x"})
	claim("claims null", "null")
	claim("claims and more", base+"{}")
	claim("invalid UTF-8", strings.Replace(base, `"sub":"`, "\"sub\":\"\xff", 1))
	claim("5000 levels deep", strings.Replace(base, "{", `{"x":`+strings.Repeat("[", 5000)+strings.Repeat("]", 5000)+",", 1))

	head("an ID token", `{"alg":"EdDSA","typ":"JWT","kid":"`+keyID+`"}`)
	head("a refresh token", `{"alg":"EdDSA","typ":"rt+jwt","kid":"`+keyID+`"}`)
	head("a proof of possession", `{"alg":"EdDSA","typ":"dpop+jwt","kid":"`+keyID+`"}`)
	head("a critical extension", `{"alg":"EdDSA","typ":"at+jwt","kid":"`+keyID+`","crit":["x"],"x":1}`)
	head("an unencoded payload", `{"alg":"EdDSA","typ":"at+jwt","kid":"`+keyID+`","crit":["b64"],"b64":false}`)
	head("alg twice", `{"alg":"none","typ":"at+jwt","kid":"`+keyID+`","alg":"EdDSA"}`)
	head("an unknown key", `{"alg":"EdDSA","typ":"at+jwt","kid":"other"}`)
	head("the other key's id", `{"alg":"ES256","typ":"at+jwt","kid":"`+keyID+`-2"}`)
	head("a key set elsewhere", `{"alg":"EdDSA","typ":"at+jwt","kid":"`+keyID+`","jku":"https://evil.test/jwks.json"}`)
	return all
}

// keyAttacks sign with what everybody may know: the public key, in every spelling that it has.
func (is *Issuer) keyAttacks(claims string) []attack {
	public, _ := is.private.Public().(ed25519.PublicKey)
	der, _ := x509.MarshalPKIXPublicKey(public) // an Ed25519 key always marshals
	block := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	jwk := `{"kty":"OKP","crv":"Ed25519","x":"` + base64.RawURLEncoding.EncodeToString(public) + `"}`
	var all []attack
	for name, secret := range map[string][]byte{
		"raw": public, "DER": der, "PEM": block, "trimmed PEM": []byte(strings.TrimSpace(string(block))), "JWK": []byte(jwk), "empty": {},
	} {
		input := encode(`{"alg":"HS256","typ":"at+jwt","kid":"`+keyID+`"}`) + "." + encode(claims)
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(input))
		all = append(all, attack{
			"a MAC with the public key, " + name,
			bearer(input + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))),
		})
	}
	return all
}

// keyAttacks are what can be done to a good API key.
func (g Good) keyAttacks() []attack {
	k := g.APIKey
	middle := len(k) / 2
	all := []attack{
		{"key in the query", query("api_key", k, "apikey", k, "key", k)},
		{"key in a cookie", func(r *http.Request) { r.AddCookie(&http.Cookie{Name: g.Header, Value: k}) }},
		{"key twice", g.key(k, k)},
		{"key and a bad one", g.key(k, "x")},
		{"two keys in one line", g.key(k + "," + k)},
		{"key cut by one", g.key(k[:len(k)-1])},
		{"key longer by one", g.key(k + "0")},
		{"key in upper case", g.key(strings.ToUpper(k))},
		{"key in lower case", g.key(strings.ToLower(k))},
		{"key with one other character", g.key(k[:middle] + neighbour(k[middle]) + k[middle+1:])},
		{"empty key", g.key("")},
		{"a megabyte of key", g.key(strings.Repeat("A", 1<<20))},
	}
	if g.Token != "" {
		all = append(all, attack{"key and token", func(r *http.Request) { g.key(k)(r); bearer(g.Token)(r) }})
	}
	return all
}

// neighbour is another character of the alphabet, one bit away in base64.
func neighbour(c byte) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return string(alphabet[(strings.IndexByte(alphabet, c)^1)&63])
}

// selfSigned brings its own key along, and a signature that holds under it.
func selfSigned(claims string) string {
	public, private, _ := ed25519.GenerateKey(nil) // never fails
	x := base64.RawURLEncoding.EncodeToString(public)
	input := encode(`{"alg":"EdDSA","typ":"at+jwt","jwk":{"kty":"OKP","crv":"Ed25519","x":"`+x+`"}}`) + "." + encode(claims)
	return input + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(private, []byte(input)))
}

// changed returns a JSON object with members set.
func changed(object string, members map[string]any) string {
	all := map[string]any{}
	_ = json.Unmarshal([]byte(object), &all) // what is no object has no members
	maps.Copy(all, members)
	b, _ := json.Marshal(all) // it was JSON before
	return string(b)
}

// without returns a JSON object with one member left out.
func without(object, name string) string {
	all := map[string]any{}
	_ = json.Unmarshal([]byte(object), &all) // what is no object has no members
	delete(all, name)
	return changed("{}", all)
}

// decode returns what a segment holds, "" where it is not base64url.
func decode(segment string) string {
	b, _ := base64.RawURLEncoding.DecodeString(segment)
	return string(b)
}
