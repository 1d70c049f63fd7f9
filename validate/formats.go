package validate

import (
	"strconv"

	"github.com/gopalisade/palisade/internal/formats"
)

// textFormats are the rules that say what a text is. Names of the dialect keep their meaning where it is sound, and are
// stricter where it is not: url is http or https with a host, email has no quoted part, hostname is no number.
var textFormats = map[string]func(string) bool{
	"email": formats.Email, "email_intl": formats.EmailIntl, "email_rfc5321": formats.EmailRFC5321,
	"url": formats.URL, "http_url": formats.URL, "https_url": func(s string) bool { return formats.URLOf(s, "https") },
	"relpath": formats.RelPath, "hostname": formats.Hostname, "hostname_rfc1123": formats.Hostname, "fqdn": formats.FQDN,
	"hostname_port": formats.HostPort, "port": formats.Port,
	"ip": formats.IP, "ipv4": formats.IPv4, "ipv6": formats.IPv6, "cidr": formats.CIDR, "cidrv4": formats.CIDRv4, "cidrv6": formats.CIDRv6,
	"mac": formats.MAC, "uuid": formats.UUID, "uuid_rfc4122": formats.UUIDAnyCase, "ulid": formats.ULID,
	"uuid3": uuidVersion(3), "uuid4": uuidVersion(4), "uuid5": uuidVersion(5), "uuid7": uuidVersion(7),
	"date": formats.Date, "time": formats.Time, "timestamp": formats.DateTime, "duration": formats.Duration,
	"e164": formats.E164, "credit_card": formats.Luhn, "semver": formats.Semver, "latitude": formats.Latitude, "longitude": formats.Longitude,
	"base64": formats.Base64, "base64url": formats.Base64URL, "base64rawurl": formats.Base64RawURL, "hexadecimal": formats.Hex,
	"iso3166_1_alpha2": formats.CountryAlpha2, "iso3166_1_alpha3": formats.CountryAlpha3, "iso4217": formats.Currency,
	"bcp47_language_tag": formats.BCP47, "cron": formats.Cron, "json": formats.JSON, "jsonpointer": formats.JSONPointer,
	"slug": formats.Slug, "alpha": formats.Alpha, "alphanum": formats.AlphaNum, "ascii": formats.ASCII, "printascii": formats.PrintASCII,
	"number": formats.Digits, "numeric": formats.Decimal, "lowercase": formats.Lowercase, "uppercase": formats.Uppercase,
	"boolean": func(s string) bool { _, err := strconv.ParseBool(s); return err == nil },
	"line":    func(s string) bool { return formats.Printable(s, false) },
	"text":    func(s string) bool { return formats.Printable(s, true) },
	"script":  formats.SingleScript,
}

func uuidVersion(version int) func(string) bool {
	return func(s string) bool { return formats.UUIDVersion(s, version) }
}
