package upload

import (
	"mime"
	"net/http"
	"net/textproto"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gopalisade/palisade/internal/ascii"
	"github.com/gopalisade/palisade/upload/content"
	"github.com/gopalisade/palisade/validate/sanitize"
)

// part is what the header of a part says.
type part struct {
	name     string // of the field
	file     bool
	filename string // sanitised; empty where a form was sent without a file
	claim    string // the media type that the sender names, or ""
}

// readHeader reads the header of a part strictly: what two parsers might read in two ways is refused.
func readHeader(h textproto.MIMEHeader) (part, bool) {
	var p part
	disposition, encoding, claim := h["Content-Disposition"], h["Content-Transfer-Encoding"], h["Content-Type"]
	if len(disposition) != 1 || len(encoding) > 1 || len(claim) > 1 {
		return p, false
	}
	if len(encoding) == 1 && !slices.Contains([]string{"7bit", "8bit", "binary"}, strings.ToLower(encoding[0])) {
		return p, false // quoted-printable: what is stored is not what was sent
	}
	// Extended parameters are forbidden here (RFC 7578 section 4.2), and read by some all the same.
	if extended(disposition[0]) || !utf8.ValidString(disposition[0]) {
		return p, false
	}
	kind, params, err := mime.ParseMediaType(disposition[0])
	if err != nil || kind != "form-data" || params["name"] == "" {
		return p, false
	}
	for name := range params {
		if name != "name" && name != "filename" {
			return p, false
		}
	}
	p.name = params["name"]
	var raw string
	if raw, p.file = params["filename"]; raw != "" {
		if strings.ContainsRune(raw, 0) {
			return p, false
		}
		p.filename = sanitize.Filename(raw)
	}
	if len(claim) == 1 {
		if p.claim, _, err = mime.ParseMediaType(claim[0]); err != nil || strings.HasPrefix(p.claim, "multipart/") {
			return p, false
		}
	}
	return p, true
}

// extended reports whether anything in a header is, or to some reader could be, a parameter such as filename*= or filename*0=.
func extended(s string) bool {
	for {
		_, rest, found := strings.Cut(s, "*")
		if !found {
			return false
		}
		if s = strings.TrimLeft(rest, "*0123456789 \t"); strings.HasPrefix(s, "=") {
			return true
		}
	}
}

// typeOf returns the one type that the name and the claim allow. Octets, and no claim at all, are no contradiction.
func (p *part) typeOf(field *Field) (content.Type, bool) {
	dot := strings.LastIndexByte(p.filename, '.')
	if dot < 0 {
		return "", false
	}
	t, ok := content.ByExtension(p.filename[dot+1:])
	if !ok || !slices.Contains(field.Types, t) {
		return "", false
	}
	if p.claim != "" && p.claim != "application/octet-stream" {
		if claimed, ok := content.ByMediaType(p.claim); !ok || claimed != t {
			return "", false
		}
	}
	return t, true
}

// boundary returns the boundary of a multipart form, or false for everything else. No boundary needs an escape, and not all
// readers know them.
func boundary(h http.Header) (string, bool) {
	lines := h["Content-Type"]
	if len(lines) != 1 || strings.ContainsAny(lines[0], `*\`) {
		return "", false
	}
	kind, params, err := mime.ParseMediaType(lines[0])
	b := params["boundary"]
	if err != nil || kind != "multipart/form-data" || len(params) > 2 || len(b) < 1 || len(b) > 70 || strings.HasSuffix(b, " ") {
		return "", false
	}
	if charset, ok := params["charset"]; len(params) == 2 && (!ok || !strings.EqualFold(charset, "utf-8")) {
		return "", false
	}
	return b, ascii.All(b, "'()+_,-./:=? ") // RFC 2046 section 5.1.1
}
