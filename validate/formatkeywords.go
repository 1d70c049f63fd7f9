package validate

// formatKeyword is what a rule about the form of a text is in JSON Schema.
type formatKeyword struct {
	s     keywords
	laxer bool // the rule says more than its name and the keywords tell
}

func format(name string) formatKeyword   { return formatKeyword{s: keywords{{"format", name}}} }
func pattern(expr string) formatKeyword  { return formatKeyword{s: keywords{{"pattern", expr}}} }
func pictured(expr string) formatKeyword { return formatKeyword{keywords{{"pattern", expr}}, true} }

func both(name, expr string) formatKeyword {
	return formatKeyword{s: keywords{{"format", name}, {"pattern", expr}}}
}

func uuidPattern(version string) formatKeyword {
	return both("uuid", "^[0-9a-f]{8}-[0-9a-f]{4}-"+version+"[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
}

// formatKeywords are the rules that have an equivalent. The patterns mean the same in ECMA-262 and in RE2. The format
// duration is not among them: RFC 3339 appendix A has no PT1H1S, which the rule accepts.
var formatKeywords = map[string]formatKeyword{
	"email": format("email"), "email_intl": format("idn-email"), "email_rfc5321": format("email"),
	"url": both("uri", "^[Hh][Tt][Tt][Pp][Ss]?://"), "http_url": both("uri", "^[Hh][Tt][Tt][Pp][Ss]?://"),
	"https_url": both("uri", "^[Hh][Tt][Tt][Pp][Ss]://"), "relpath": both("uri-reference", "^/"),
	"hostname": format("hostname"), "hostname_rfc1123": format("hostname"), "fqdn": format("hostname"),
	"port": pattern("^[1-9][0-9]{0,4}$"),
	"ip":   {s: keywords{{"anyOf", []keywords{{{"format", "ipv4"}}, {{"format", "ipv6"}}}}}},
	"ipv4": format("ipv4"), "ipv6": format("ipv6"),
	"mac":  pictured("^[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}(?:[:-][0-9A-Fa-f]{2}[:-][0-9A-Fa-f]{2})?$"),
	"uuid": both("uuid", "^[0-9a-f-]{36}$"), "uuid_rfc4122": format("uuid"),
	"uuid3": uuidPattern("3"), "uuid4": uuidPattern("4"), "uuid5": uuidPattern("5"), "uuid7": uuidPattern("7"),
	"ulid": pattern("^[0-7][0-9A-HJKMNP-TV-Z]{25}$"),
	"date": format("date"), "time": format("time"), "timestamp": format("date-time"),
	"duration": pattern("^P(?:[0-9]+W|(?:[0-9]+Y)?(?:[0-9]+M)?(?:[0-9]+D)?(?:T(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+S)?)?)$"),
	"e164":     pattern(`^\+[1-9][0-9]{6,14}$`), "credit_card": pictured("^[0-9]{12,19}$"),
	"semver":   pictured(`^[0-9]+\.[0-9]+\.[0-9]+(?:[-+][0-9A-Za-z.+-]+)?$`),
	"latitude": pictured(`^[+-]?[0-9]+(?:\.[0-9]+)?$`), "longitude": pictured(`^[+-]?[0-9]+(?:\.[0-9]+)?$`),
	"base64":    {s: keywords{{"contentEncoding", "base64"}, {"pattern", "^[0-9A-Za-z+/]+={0,2}$"}}},
	"base64url": pattern("^[0-9A-Za-z_-]+={0,2}$"), "base64rawurl": pattern("^[0-9A-Za-z_-]+$"),
	"hexadecimal": pattern("^[0-9A-Fa-f]+$"), "json": {s: keywords{{"contentMediaType", "application/json"}}},
	"iso3166_1_alpha2": pictured("^[A-Z]{2}$"), "iso3166_1_alpha3": pictured("^[A-Z]{3}$"), "iso4217": pictured("^[A-Z]{3}$"),
	"jsonpointer": format("json-pointer"),
	"slug":        {s: keywords{{"pattern", "^[0-9a-z]+(?:-[0-9a-z]+)*$"}, {"maxLength", 128}}},
	"alpha":       pattern("^[A-Za-z]+$"), "alphanum": pattern("^[0-9A-Za-z]+$"),
	"ascii": pattern(`^[\x00-\x7f]+$`), "printascii": pattern("^[ -~]+$"),
	"number": pattern("^[0-9]+$"), "numeric": pattern(`^[+-]?[0-9]+(?:\.[0-9]+)?$`),
	"boolean": {s: keywords{{"enum", []any{"1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"}}}},
}
