package transit

import (
	"encoding/base64"
	"errors"
	"strings"

	"github.com/gopalisade/palisade/internal/jose"
)

// parse returns a member of the data of Vault's answer: strict JSON, in which no name stands twice.
func parse(answer, want string) (text string, ok bool) {
	found := false
	s := jose.Scan(answer)
	read := s.Members(func(name string) bool {
		if name != "data" {
			return s.Skip()
		}
		return s.Members(func(name string) (ok bool) {
			if name != want {
				return s.Skip()
			}
			text, ok = s.Text()
			found = ok && text != ""
			return ok
		})
	})
	if !read || !s.End() || !found {
		return "", false
	}
	return text, true
}

// isRefusal reports whether an answer that is none is Vault's own.
func isRefusal(answer string) bool {
	found := false
	s := jose.Scan(answer)
	read := s.Members(func(name string) bool {
		found = found || name == "errors"
		return s.Skip()
	})
	return read && s.End() && found
}

const (
	ciphertextPrefix = "vault:v"
	maxCiphertext    = 4096
)

// isCiphertext reports whether text is "vault:v", the version of the key, and base64. What the base64 means is Vault's.
func isCiphertext(text string) bool {
	rest, ok := strings.CutPrefix(text, ciphertextPrefix)
	version, body, colon := strings.Cut(rest, ":")
	if !ok || !colon || len(text) > maxCiphertext || version == "" || len(version) > 9 || version[0] == '0' {
		return false
	}
	for _, c := range []byte(version) {
		if c < '0' || c > '9' {
			return false
		}
	}
	raw, err := decode(body)
	return err == nil && len(raw) > 0
}

var (
	strict  = base64.StdEncoding.Strict()
	errText = errors.New("transit: line break in base64")
)

// decode accepts one spelling: the standard library skips CR and LF.
func decode(text string) ([]byte, error) {
	if strings.ContainsAny(text, "\r\n") {
		return nil, errText
	}
	return strict.DecodeString(text)
}
