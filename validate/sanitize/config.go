package sanitize

import (
	"sync"

	"github.com/gopalisade/palisade/internal/conf"
)

// HTMLConfig describes an [HTML].
type HTMLConfig struct {
	_ [0]func() // keyed literals only, never comparable

	// Profile is "inline" (emphasis, code, links and line breaks; the default) or "ugc" (user-generated content: also
	// paragraphs, headings, lists, quotations, tables and images).
	Profile string
	// RelativeLinks allows links into this site, "/help" or "#part". Without it a link is absolute http, https or mailto.
	RelativeLinks bool
	NewTab        bool // links get target="_blank", always together with rel="noopener"
	MaxInput      int  // longest input in bytes; 256 KiB
	MaxOutput     int  // longest output in bytes: escaping makes up to five bytes of one; 512 KiB
}

// NewHTML returns an HTML, or every fault of cfg joined.
func NewHTML(cfg HTMLConfig) (HTML, error) {
	f := conf.Faults{Room: "sanitize"}
	conf.Default(&cfg.Profile, "inline")
	conf.Default(&cfg.MaxInput, 256<<10)
	conf.Default(&cfg.MaxOutput, 512<<10)
	elements, known := profiles[cfg.Profile]
	f.Check(known, "Profile", cfg.Profile, "must be inline or ugc")
	f.Check(cfg.MaxInput > 0, "MaxInput", cfg.MaxInput, "must be positive")
	f.Check(cfg.MaxOutput > 0, "MaxOutput", cfg.MaxOutput, "must be positive")
	if err := f.Err(); err != nil {
		return HTML{}, err
	}
	return HTML{compile(elements, cfg)}, nil
}

// Inline returns the profile for one line or one paragraph: b, i, em, strong, u, s, del, ins, sub, sup, small, mark,
// code, kbd, samp, var, q, cite, abbr, bdi, br, wbr and a.
func Inline() HTML { return HTML{inlinePolicy()} }

// UGC returns the profile for user-generated content: everything of [Inline], and p, div, h1 to h6, hr, ul, ol, li, dl,
// dt, dd, blockquote, pre, tables and img. An image is fetched from where its author says, which tells that server who
// reads.
func UGC() HTML { return HTML{ugcPolicy()} }

// Profile returns the profile of that name, "inline" or "ugc", so that a struct tag can be checked at start-up.
func Profile(name string) (HTML, bool) {
	switch name {
	case "inline":
		return Inline(), true
	case "ugc":
		return UGC(), true
	}
	return HTML{}, false
}

// Compiled once, on first use, and never changed.
var (
	inlinePolicy = sync.OnceValue(func() *policy { return usual("inline") })
	ugcPolicy    = sync.OnceValue(func() *policy { return usual("ugc") })
	nonePolicy   = sync.OnceValue(func() *policy { return usual("none") })
)

func usual(profile string) *policy {
	return compile(profiles[profile], HTMLConfig{MaxInput: 256 << 10, MaxOutput: 512 << 10})
}
