package password_test

import (
	"crypto/fips140"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/gopalisade/palisade/crypto/password"
)

// knownAnswer is a hash that somebody else made of a password.
type knownAnswer struct {
	name, pw, stored string
	short            bool // salt, which fips140=only refuses
}

// phcOf renders a known answer that was published as hexadecimal.
func phcOf(costs, salt, key string) string {
	sum, err := hex.DecodeString(key)
	if err != nil {
		panic(err)
	}
	enc := base64.RawStdEncoding
	return costs + "$" + enc.EncodeToString([]byte(salt)) + "$" + enc.EncodeToString(sum)
}

const (
	letmein = "l\u00e8tmein"
	table   = "t\u00e1\u0411\u2113\u0259"
	wav     = "\u0399\u03c9\u03b1\u03bd\u03bd\u03b7\u03c2"
)

// knownAnswers are the vectors of the standards and of the reference implementations, of Openwall's crypt_blowfish, and of
// the test suites of passlib and Django; two were computed with Python's hashlib.
func knownAnswers() []knownAnswer {
	return []knownAnswer{
		{
			"Argon2 reference", "password",
			"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", false,
		},
		{
			"Argon2 reference, 2 lanes", "password",
			"$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc", false,
		},
		{
			"Argon2 reference, 64 MiB", "password",
			"$argon2id$v=19$m=65536,t=1,p=1$c29tZXNhbHQ$9qWtwbpyPd3vm1rB1GThgPzZ3/ydHL92zKL+15XZypg", false,
		},
		{
			"Argon2 in Django", "secret",
			"argon2$argon2id$v=19$m=102400,t=2,p=8$Y041dExhNkljRUUy$TMa6A8fPJhCAUXRhJXCXdw", false,
		},

		{"scrypt, RFC 7914 section 12", "password", phcOf("$scrypt$ln=10,r=8,p=16", "NaCl",
			"fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"+
				"2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"), true},
		{"scrypt, RFC 7914 section 12, third", "pleaseletmein", rfcScrypt, true},
		{
			"scrypt in passlib", "test",
			"$scrypt$ln=8,r=8,p=1$wlhLyXmP8b53bm1NKYVQqg$mTpvG8lzuuDk+DWz8HZIB6Vum6erDuUm0As5yU+VxWA", false,
		},
		{
			"scrypt in passlib, blocks", "password",
			"$scrypt$ln=8,r=2,p=1$dO6d0xoDoLT2PofQGoNQag$g/Wf2A0vhHhaJM+addK61QPBthSmYB6uVTtQzh8CM3o", false,
		},
		{
			"scrypt in passlib, lanes", "nacl",
			"$scrypt$ln=1,r=4,p=2$yhnD+J+Tci4lZCwFgHCuVQ$fAsEWmxSHuC0cHKMwKVFPzrQukgvK09Sj+NueTSxKds", false,
		},
		{
			"scrypt in passlib, letters", table,
			"$scrypt$ln=7,r=8,p=1$jjGmtDamdA4BQAjBeA9BSA$OiWRHhQtpDx7M/793x6UXK14AD512jg/qNm/hkWZG4M", false,
		},
		{"scrypt in Django", letmein, djangoScrypt, true},

		{"PBKDF2, RFC 7914 section 11", "passwd", phcOf("$pbkdf2-sha256$i=1", "salt",
			"55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"+
				"49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783"), true},
		{"PBKDF2, RFC 7914 section 11, second", "Password", phcOf("$pbkdf2-sha256$i=80000", "NaCl",
			"4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56"+
				"a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d"), true},
		{"PBKDF2, RFC 6070's third with SHA-256", "password", phcOf("$pbkdf2-sha256$i=4096,l=32", "salt",
			"c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a"), true},
		{"PBKDF2, RFC 6070's fifth with SHA-256", "passwordPASSWORDpassword", rfcPBKDF2, false},
		{"PBKDF2 with SHA-512", "correct horse", pbkdf512, false},
		{"PBKDF2 in passlib", "password", passlib, false},
		{
			"PBKDF2 in passlib, letters", wav,
			"$pbkdf2-sha256$1212$3SABFJGDtyhrQMVt1uABPw$WyaUoqCLgvz97s523nF4iuOqZNbp5Nt8do/cuaa7AiI", false,
		},
		{"PBKDF2 with SHA-512 in passlib", "password", "$pbkdf2-sha512$1212$RHY0Fr3IDMSVO/RSZyb5ow$eNLfBK.eVozomMr.1gYa1" +
			"7k9B7KIK25NOEshvhrSX.esqY3s.FvWZViXz4KoLlQI.BzY/YTNJOiKc5gBYFYGww", false},
		{"PBKDF2 in Django", letmein, "pbkdf2_sha256$390000$seasalt$8xBlGd3jVgvJ+92hWPxi5ww0uuAuAnKgC45eudxro7c=", true},
		{"PBKDF2 in Django, few", "correct horse", django, true},

		{"bcrypt, Openwall", "U*U", openwall, false},
		{"bcrypt, Openwall, second", "U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK", false},
		{"bcrypt, Openwall, third", "U*U*U", "$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a", false},
		{
			"bcrypt, Openwall, 72 bytes", "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
			"$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui", false,
		},
		{"bcrypt, Openwall, eighth bit", "\xa3", "$2y$05$/OK.fbVrR/bpIqNJ5ianF.Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq", false},
		{
			"bcrypt, Openwall, eighth bit twice", "\xff\xa3345",
			"$2a$05$/OK.fbVrR/bpIqNJ5ianF.nRht2l/HRhr6zmCp9vYUvvsqynflf9e", false,
		},
		{"bcrypt in Django", table, "bcrypt$$2a$05$Z17AXnnlpzddNUvnC6cZNOSwMA/8oNiKnHTHTwLlBijfucQQlHjaG", false},
		{
			"bcrypt of SHA-256 in Django", table,
			"bcrypt_sha256$$2a$06$kCXUnRFQptGg491siDKNTu8RxjBGSjALHRuvhPYNFsa4Ea5d9M48u", false,
		},
		{
			"bcrypt of SHA-256 in Django, letters", letmein,
			"bcrypt_sha256$$2a$08$NDjSAIcas.EcoxCRiArvT.MkNiPYVhrsrnJsRkLueZOoV1bsQqlmC", false,
		},
		{
			"bcrypt of SHA-256 in Django, 72 bytes", strings.Repeat("abc123", 12),
			"bcrypt_sha256$$2a$06$Tg/oYyZTyAf.Nb3qSgN61OySmyXA8FoY4PjGizjE1QSDfuL5MXNni", false,
		},
		{
			"bcrypt of SHA-256 in Django, 75 bytes", strings.Repeat("abc123", 12) + "qwr",
			"bcrypt_sha256$$2a$06$Tg/oYyZTyAf.Nb3qSgN61Ocy0BEz1RK6xslSNi8PlaLX2pe7x/KQG", false,
		},
	}
}

const (
	rfcScrypt = "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofLVQylV" +
		"YT8Pz2LUlwUkKpr55h6F3A1lHkDfzwF7RVdYhw"
	rfcPBKDF2 = "$pbkdf2-sha256$i=4096$c2FsdFNBTFRzYWx0U0FMVHNhbHRTQUxUc2FsdFNBTFRzYWx0$NIyJ28vTKy8y2BS4EW6" +
		"EzysXNH68GAAYHE4qH7jdU+HGNVGMfaxH6Q"
	pbkdf512 = "$pbkdf2-sha512$i=1000,l=64$MDEyMzQ1Njc4OWFiY2RlZg$OM0FAoIqCVK1sWtxDiffVlBejtLa+ks4TP71Jiec" +
		"wuSZCG8iLbnlIEPOMoVX+i2B2wkSxjQ8CRGR9OkNGuIPMQ"
	passlib      = "$pbkdf2-sha256$1212$4vjV83LKPjQzk31VI4E0Vw$hsYF68OiOUPdDZ1Fg.fJPeq1h/gXXY7acBp9/6c.tmQ"
	django       = "pbkdf2_sha256$1000$seasalt123$KuEnssc6S4MzVSS8Tu48m1RDSrTAn7j3CfgvvjkvfWA="
	djangoScrypt = "scrypt$16384$seasalt$8$1$Qj3+9PPyRjSJIebHnG81TMjsqtaIGxNQG/aEB/NYafTJ7tibgfYz71m0ldQESkXFR" +
		"kdVCBhhY8mx7rQwite/Pw=="
	openwall = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
)

// TestKnownAnswers: a hash of before lets in who knows the password, and nobody else, and asks to be replaced.
func TestKnownAnswers(t *testing.T) {
	cfg := small()
	cfg.MemoryBudget = 128 << 10
	h := newHasher(t, cfg)
	for _, tc := range knownAnswers() {
		t.Run(tc.name, func(t *testing.T) {
			want := error(nil)
			if tc.short && fips140.Enforced() {
				want = password.ErrMalformed
			}
			rehash, err := h.Verify(t.Context(), tc.pw, tc.stored)
			if !errors.Is(err, want) || rehash != (err == nil) {
				t.Errorf("got %t, %v, want %v and a rehash", rehash, err, want)
			}
			wrong := []string{tc.pw + "x", tc.pw[1:] + "y", strings.ToUpper(tc.pw) + "!", tc.pw + "\x00"}
			if kib, _ := h.Reads(tc.stored); kib > 32<<10 {
				wrong = wrong[:1] // for the time it takes
			}
			for _, pw := range wrong {
				if rehash, err := h.Verify(t.Context(), pw, tc.stored); err == nil || rehash {
					t.Errorf("%q is let in", pw)
				}
			}
		})
	}
	if free, waiting := h.Free(); free != 128<<10 || waiting != 0 {
		t.Errorf("%d KiB free, %d wait", free, waiting)
	}
}
