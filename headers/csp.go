package headers

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/gopalisade/palisade/internal/conf"
)

// CSP is a content security policy (CSP Level 3). A nil list leaves a directive out; [None] alone forbids everything.
type CSP struct {
	Default, Script, Style, Img, Font, Connect, Media, Object, Frame, Worker, Manifest []Source // fetch directives

	BaseURI, FormAction, FrameAncestors []Source

	Sandbox      bool     // as if in an iframe with the sandbox attribute
	SandboxAllow []string // "allow-downloads", …; needs Sandbox

	RequireTrustedTypes     bool // require-trusted-types-for 'script'
	UpgradeInsecureRequests bool
	ReportTo                string // name in Config.ReportingEndpoints
}

// Source is one allowed origin of a directive. Use the constants and [Host], [Scheme] and [SHA256]; whatever else is
// converted to a Source is checked by [New] and cannot leave its directive.
type Source string

// Keyword sources.
const (
	Self          Source = "'self'"
	None          Source = "'none'"
	StrictDynamic Source = "'strict-dynamic'" // trust what a trusted script loads; needs NonceSource or a hash
	NonceSource   Source = "'nonce'"          // stands for the value that Nonce gives for this response
	ReportSample  Source = "'report-sample'"
	WasmEval      Source = "'wasm-unsafe-eval'"
	// DangerouslyInline allows inline code: an injected attribute or tag runs. In Script it is taken only beside a nonce or
	// hash, where it serves browsers too old to know those.
	DangerouslyInline Source = "'unsafe-inline'"
)

// Host allows a host, "cdn.example.com", "https://cdn.example.com/lib/" or "*.example.com".
func Host(host string) Source { return Source(host) }

// Scheme allows a whole scheme, "data" or "blob".
func Scheme(name string) Source { return Source(name + ":") }

// SHA256 allows the inline script or style of exactly this text.
func SHA256(inline string) Source {
	sum := sha256.Sum256([]byte(inline))
	return Source("'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'")
}

func (c *CSP) clone() *CSP {
	if c == nil {
		return nil
	}
	d := *c
	for _, list := range d.directives() {
		*list.sources = slices.Clone(*list.sources)
	}
	d.SandboxAllow = slices.Clone(d.SandboxAllow)
	return &d
}

type directive struct {
	name    string
	sources *[]Source
}

// directives lists the closed set, in the order in which they are written.
func (c *CSP) directives() []directive {
	return []directive{
		{"default-src", &c.Default},
		{"script-src", &c.Script},
		{"style-src", &c.Style},
		{"img-src", &c.Img},
		{"font-src", &c.Font},
		{"connect-src", &c.Connect},
		{"media-src", &c.Media},
		{"object-src", &c.Object},
		{"frame-src", &c.Frame},
		{"worker-src", &c.Worker},
		{"manifest-src", &c.Manifest},
		{"base-uri", &c.BaseURI},
		{"form-action", &c.FormAction},
		{"frame-ancestors", &c.FrameAncestors},
	}
}

// compiled is a policy's text, cut where the nonce goes.
type compiled struct{ with, without []string }

// nonceMark separates the pieces; it can stand in no source.
const nonceMark = "\x00"

func compile(f *conf.Faults, field string, c *CSP, endpoints map[string]string) *compiled {
	if c == nil {
		return nil
	}
	c.check(f, field, endpoints)
	return &compiled{
		with:    strings.Split(c.text(true), nonceMark),
		without: []string{c.text(false)},
	}
}

func (c *compiled) nonced() bool { return c != nil && len(c.with) > 1 }

// render writes the policy with the given nonce, or without any: then a directive that lists only the nonce allows nothing.
func (c *compiled) render(nonce string) string {
	switch {
	case c == nil:
		return ""
	case nonce == "":
		return c.without[0]
	}
	return strings.Join(c.with, nonce)
}

func (c *CSP) text(nonce bool) string {
	var parts []string
	for _, d := range c.directives() {
		if *d.sources == nil {
			continue
		}
		words := []string{d.name}
		for _, s := range *d.sources {
			switch {
			case s != NonceSource:
				words = append(words, string(s))
			case nonce:
				words = append(words, "'nonce-"+nonceMark+"'")
			}
		}
		if len(words) == 1 {
			words = append(words, string(None))
		}
		parts = append(parts, strings.Join(words, " "))
	}
	if c.Sandbox {
		parts = append(parts, strings.Join(append([]string{"sandbox"}, c.SandboxAllow...), " "))
	}
	if c.RequireTrustedTypes {
		parts = append(parts, "require-trusted-types-for 'script'")
	}
	if c.UpgradeInsecureRequests {
		parts = append(parts, "upgrade-insecure-requests")
	}
	if c.ReportTo != "" {
		parts = append(parts, "report-to "+c.ReportTo)
	}
	return strings.Join(parts, "; ")
}

// check faults what is not a source, and what CSP Evaluator calls a high severity: a hole that makes the policy useless.
func (c *CSP) check(f *conf.Faults, field string, endpoints map[string]string) {
	for _, d := range c.directives() {
		at := field + " " + d.name
		for i, s := range *d.sources {
			f.Check(isSource(s), at, string(s), "is no source expression")
			f.Check(!slices.Contains((*d.sources)[:i], s), at, string(s), "is listed twice")
			f.Check(s != None || len(*d.sources) == 1, at, string(s), "must stand alone")
			f.Check(!isAddress(s), at, string(s), "must not be an IP address: browsers ignore all but loopback")
		}
	}
	script := c.Script
	if script == nil {
		script = c.Default
	}
	object := c.Object
	if object == nil {
		object = c.Default
	}
	f.Check(script != nil, field, nil, "must set Script or Default: without them every script runs")
	f.Check(object != nil, field, nil, "must set Object or Default: plug-ins run scripts")
	bound := slices.ContainsFunc(script, isBound)
	for _, s := range script {
		f.Check(s != DangerouslyInline || bound, field+" script-src", string(s), "lets injected scripts run; add NonceSource or a hash")
		f.Check(s != "'unsafe-eval'", field+" script-src", string(s), "lets strings run as scripts")
	}
	for _, list := range [...]struct {
		name    string
		sources []Source
	}{{" script-src", script}, {" object-src", object}} {
		for _, s := range list.sources {
			wide := s == "*" || s == "data:" || s == "http:" || s == "https:" || s == "blob:" || s == "filesystem:"
			f.Check(!wide, field+list.name, string(s), "lets anybody supply the script")
		}
	}
	f.Check(!slices.Contains(script, StrictDynamic) || bound, field+" script-src", string(StrictDynamic), "needs NonceSource or a hash")
	f.Check(c.BaseURI != nil || !bound, field, nil, "must set BaseURI: an injected <base> would redirect the trusted scripts")
	f.Check(c.Sandbox || len(c.SandboxAllow) == 0, field+" SandboxAllow", nil, "needs Sandbox")
	for _, flag := range c.SandboxAllow {
		f.Check(strings.HasPrefix(flag, "allow-") && isLower(flag), field+" SandboxAllow", flag, "must be an allow-… flag")
	}
	_, known := endpoints[c.ReportTo]
	f.Check(c.ReportTo == "" || known, field+" ReportTo", c.ReportTo, "must be a name in ReportingEndpoints")
}

// isBound reports a source that names particular scripts.
func isBound(s Source) bool { return s == NonceSource || strings.HasPrefix(string(s), "'sha") }

var keywords = []Source{
	Self, None, StrictDynamic, NonceSource, ReportSample, WasmEval, DangerouslyInline, "'unsafe-eval'", "'unsafe-hashes'",
}

// isSource checks CSP 3 section 2.3.1 narrowly: a keyword, a hash, a scheme, or a host with scheme, port and path.
func isSource(s Source) bool {
	if slices.Contains(keywords, s) || s == "*" {
		return true
	}
	if hash, ok := strings.CutPrefix(string(s), "'sha"); ok {
		return isHash(hash)
	}
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c > '~' || strings.IndexByte(`;,'"\`, c) >= 0 {
			return false
		}
	}
	if name, ok := strings.CutSuffix(string(s), ":"); ok {
		return isLower(name)
	}
	rest := string(s)
	if scheme, after, ok := strings.Cut(rest, "://"); ok {
		if !isLower(scheme) {
			return false
		}
		rest = after
	}
	host, _, _ := strings.Cut(rest, "/")
	host, port, hasPort := strings.Cut(host, ":")
	if hasPort && port != "*" && (port == "" || strings.Trim(port, "0123456789") != "") {
		return false
	}
	host = strings.TrimPrefix(host, "*.")
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || strings.Trim(strings.ToLower(label), "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	return true
}

// isHash checks what follows 'sha: the size, the padded base64 of that many bits, and the closing quote.
func isHash(s string) bool {
	size, digest, ok := strings.Cut(s, "-")
	text, closed := strings.CutSuffix(digest, "'")
	sum, err := base64.StdEncoding.Strict().DecodeString(text)
	return ok && closed && err == nil && !strings.ContainsAny(text, "\r\n") && fmt.Sprint(len(sum)*8) == size &&
		slices.Contains([]string{"256", "384", "512"}, size)
}

// isAddress reports an IPv4 host; IPv6 is no source at all.
func isAddress(s Source) bool {
	host := string(s)
	if _, after, ok := strings.Cut(host, "://"); ok {
		host = after
	}
	host, _, _ = strings.Cut(host, "/")
	host, _, _ = strings.Cut(host, ":")
	addr, err := netip.ParseAddr(host)
	return err == nil && !addr.IsLoopback()
}
