package dpop

import (
	"slices"
	"time"

	"github.com/gopalisade/palisade/auth/token"
	"github.com/gopalisade/palisade/internal/jose"
)

// Bounds of a proof. Its header holds a whole key.
const (
	maxProof  = 8 << 10
	maxHeader = 4 << 10
	maxID     = 128
)

// proof is what a DPoP proof says (RFC 9449 section 4.2). Nothing of it is proved before its signature holds, which is its own
// key's: what makes the key count is that the token names it.
type proof struct {
	alg                       token.Alg
	jwk                       string     // not looked at before readKey
	key                       *token.Key // set by readKey
	jkt                       string     // its thumbprint
	jti, htm, htu, ath, nonce string
	iat, exp, nbf             int64
	input                     string
	signature                 []byte
}

// parseProof reads a proof, or says why it is none.
func parseProof(text string, algs []token.Alg) (*proof, string) {
	if len(text) > maxProof {
		return nil, "proof_malformed"
	}
	parts, ok := jose.Split(text, maxHeader)
	if !ok {
		return nil, "proof_malformed"
	}
	p := &proof{input: parts.Input}
	header, okHeader := jose.Decode(nil, parts.Header)
	payload, okPayload := jose.Decode(nil, parts.Payload)
	if p.signature, ok = jose.Decode(nil, parts.Signature); !ok || !okHeader || !okPayload {
		return nil, "proof_malformed"
	}
	if !p.readHeader(string(header)) || !slices.Contains(algs, p.alg) {
		return nil, "proof_header"
	}
	if !p.readClaims(string(payload)) {
		return nil, "proof_claims"
	}
	return p, ""
}

// readHeader takes typ, alg and jwk. What else might choose a key, or change what is signed, is refused, as in a token.
func (p *proof) readHeader(text string) bool {
	var typ, alg string
	s := jose.Scan(text)
	ok := s.Members(func(name string) (ok bool) {
		switch name {
		case "typ":
			typ, ok = s.Text()
		case "alg":
			alg, ok = s.Text()
		case "jwk":
			p.jwk, ok = s.Raw()
		case "crit", "b64", "jku", "kid", "x5u", "x5c", "enc", "zip":
			ok = false
		default:
			ok = !jose.IsHeaderVariant(name) && s.Skip()
		}
		return ok
	})
	p.alg = token.Alg(alg)
	return ok && s.End() && typ == "dpop+jwt"
}

// readKey takes the public key out of the header, which costs more than all that can be said against the rest.
func (p *proof) readKey() bool {
	key, err := token.ParsePublicJWK([]byte(p.jwk), p.alg)
	if err != nil || key.Alg() != p.alg {
		return false
	}
	p.key, p.jkt = key, key.Thumbprint()
	return true
}

// timely reports that a proof was made about now, and is not over.
func (p *proof) timely(now time.Time, window time.Duration) bool {
	sec, span := now.Unix(), int64(window/time.Second)
	return sec-p.iat <= span && p.iat-sec <= span && p.nbf <= sec+span && (p.exp == 0 || sec < p.exp)
}

var claimNames = []string{"jti", "htm", "htu", "iat", "ath", "nonce", "exp", "nbf"}

func (p *proof) readClaims(text string) bool {
	s := jose.Scan(text)
	ok := s.Members(func(name string) (ok bool) {
		switch name {
		case "jti":
			p.jti, ok = s.Text()
		case "htm":
			p.htm, ok = s.Text()
		case "htu":
			p.htu, ok = s.Text()
		case "ath":
			p.ath, ok = s.Text()
		case "nonce":
			p.nonce, ok = s.Text()
		case "iat":
			p.iat, ok = s.Date()
		case "exp":
			p.exp, ok = s.Date()
		case "nbf":
			p.nbf, ok = s.Date()
		default:
			ok = !jose.IsVariant(name, claimNames) && s.Skip()
		}
		return ok
	})
	return ok && s.End() && p.jti != "" && len(p.jti) <= maxID && p.htm != "" && p.htu != "" && p.ath != "" && p.iat != 0
}
