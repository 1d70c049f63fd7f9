package headers

const twoYears = 2 * year

// API is for responses that no browser renders: JSON, problems, files that are saved. Five headers, six over HTTPS.
func API() Config {
	return Config{
		CSP: &CSP{
			Default:        []Source{None},
			BaseURI:        []Source{None},
			FormAction:     []Source{None},
			FrameAncestors: []Source{None},
			Sandbox:        true,
		},
		HSTS:                      HSTS{MaxAge: twoYears, IncludeSubDomains: true},
		ReferrerPolicy:            "no-referrer",
		CacheControl:              "no-store",
		CrossOriginResourcePolicy: "same-origin",
	}
}

// Page is for HTML: nothing runs or loads but what carries the response's [Nonce] or comes from its own origin.
func Page() Config {
	return Config{
		CSP: &CSP{
			Default:             []Source{None},
			Script:              []Source{NonceSource, StrictDynamic},
			Style:               []Source{NonceSource, Self},
			Img:                 []Source{Self},
			Font:                []Source{Self},
			Connect:             []Source{Self},
			Object:              []Source{None},
			BaseURI:             []Source{None},
			FormAction:          []Source{Self},
			FrameAncestors:      []Source{None},
			RequireTrustedTypes: true,
		},
		HSTS:                      HSTS{MaxAge: twoYears, IncludeSubDomains: true},
		ReferrerPolicy:            "strict-origin-when-cross-origin",
		CrossOriginResourcePolicy: "same-origin",
		CrossOriginOpenerPolicy:   "same-origin",
		Permissions:               deny("camera", "display-capture", "geolocation", "microphone", "payment", "usb"),
	}
}

// OWASP is the list of the OWASP Secure Headers Project, value by value, for services that are measured against it.
func OWASP() Config {
	permissions := deny("accelerometer", "autoplay", "camera", "cross-origin-isolated", "display-capture",
		"encrypted-media", "fullscreen", "geolocation", "gyroscope", "keyboard-map", "magnetometer", "microphone", "midi",
		"payment", "picture-in-picture", "publickey-credentials-get", "screen-wake-lock", "usb", "web-share",
		"xr-spatial-tracking", "clipboard-read", "clipboard-write", "gamepad", "hid", "idle-detection", "interest-cohort",
		"serial", "unload")
	permissions["sync-xhr"] = []string{"self"}
	return Config{
		CSP: &CSP{
			Default:                 []Source{Self},
			Object:                  []Source{None},
			BaseURI:                 []Source{Self},
			FormAction:              []Source{Self},
			FrameAncestors:          []Source{None},
			UpgradeInsecureRequests: true,
		},
		HSTS:                      HSTS{MaxAge: twoYears, IncludeSubDomains: true},
		ReferrerPolicy:            "no-referrer",
		CacheControl:              "no-store, max-age=0",
		FrameOptions:              "deny",
		CrossOriginResourcePolicy: "same-origin",
		CrossOriginOpenerPolicy:   "same-origin",
		CrossOriginEmbedderPolicy: "require-corp",
		Permissions:               permissions,
		Custom: map[string]string{
			"X-Permitted-Cross-Domain-Policies": "none",
			"X-Dns-Prefetch-Control":            "off",
		},
	}
}

// deny forbids features to everybody.
func deny(features ...string) map[string][]string {
	m := make(map[string][]string, len(features))
	for _, feature := range features {
		m[feature] = nil
	}
	return m
}
