package validate_test

import "strings"

// ruled has a member for each format, of the same name.
type ruled struct {
	Email    string  `json:"email"     validate:"omitempty,email,max=254"`
	Intl     string  `json:"intl"      validate:"omitempty,email_intl"`
	RFC5321  string  `json:"rfc5321"   validate:"omitempty,email_rfc5321"`
	URL      string  `json:"url"       validate:"omitempty,url"`
	HTTPS    string  `json:"https"     validate:"omitempty,https_url"`
	RelPath  string  `json:"relpath"   validate:"omitempty,relpath"`
	Host     string  `json:"host"      validate:"omitempty,hostname"`
	FQDN     string  `json:"fqdn"      validate:"omitempty,fqdn"`
	HostPort string  `json:"hostport"  validate:"omitempty,hostname_port"`
	IP       string  `json:"ip"        validate:"omitempty,ip"`
	IPv4     string  `json:"ipv4"      validate:"omitempty,ipv4"`
	CIDR     string  `json:"cidr"      validate:"omitempty,cidr"`
	UUID     string  `json:"uuid"      validate:"omitempty,uuid"`
	UUID4    string  `json:"uuid4"     validate:"omitempty,uuid4"`
	ULID     string  `json:"ulid"      validate:"omitempty,ulid"`
	Date     string  `json:"date"      validate:"omitempty,date"`
	Stamp    string  `json:"timestamp" validate:"omitempty,timestamp"`
	Clock    string  `json:"clock"     validate:"omitempty,time"`
	Span     string  `json:"span"      validate:"omitempty,duration"`
	E164     string  `json:"e164"      validate:"omitempty,e164"`
	Card     string  `json:"card"      validate:"omitempty,credit_card"`
	Semver   string  `json:"semver"    validate:"omitempty,semver"`
	Base64   string  `json:"base64"    validate:"omitempty,base64"`
	Raw64    string  `json:"raw64"     validate:"omitempty,base64rawurl"`
	Country  string  `json:"country"   validate:"omitempty,iso3166_1_alpha2"`
	Currency string  `json:"currency"  validate:"omitempty,iso4217"`
	Lang     string  `json:"lang"      validate:"omitempty,bcp47_language_tag"`
	Cron     string  `json:"cron"      validate:"omitempty,cron"`
	JSON     string  `json:"json"      validate:"omitempty,json"`
	Slug     string  `json:"slug"      validate:"omitempty,slug"`
	Line     string  `json:"line"      validate:"omitempty,line"`
	Text     string  `json:"text"      validate:"omitempty,text"`
	Script   string  `json:"script"    validate:"omitempty,script"`
	Number   string  `json:"number"    validate:"omitempty,number"`
	Numeric  string  `json:"numeric"   validate:"omitempty,numeric"`
	Bool     string  `json:"bool"      validate:"omitempty,boolean"`
	ISBN     string  `json:"isbn"      validate:"omitempty,isbn13"`
	Color    string  `json:"color"     validate:"omitempty,hexcolor|rgb"`
	Either   string  `json:"either"    validate:"omitempty,email|uuid"`
	Has      string  `json:"has"       validate:"omitempty,contains=a,excludes=b,startswith=c,endswith=d"`
	Set      string  `json:"set"       validate:"omitempty,containsany=ab,excludesall=0x2C0x7C"`
	Fold     string  `json:"fold"      validate:"omitempty,eq_ignore_case=Yes"`
	NotFold  string  `json:"notfold"   validate:"omitempty,ne_ignore_case=no"`
	OneCI    string  `json:"oneci"     validate:"omitempty,oneofci='red wine' WHITE"`
	None     string  `json:"none"      validate:"omitempty,noneof=root admin"`
	OneInt   int     `json:"oneint"    validate:"omitempty,oneof=1 -2"`
	OneUint  uint8   `json:"oneuint"   validate:"omitempty,oneof=1 2"`
	Bytes    string  `json:"bytes"     validate:"omitempty,minbytes=2,maxbytes=4"`
	Eq       string  `json:"eq"        validate:"omitempty,eq=yes"`
	Ne       string  `json:"ne"        validate:"ne=no"`
	True     bool    `json:"true"      validate:"omitempty,eq=true"`
	Gt       uint    `json:"gt"        validate:"omitempty,gt=1,lt=5"`
	Float    float64 `json:"float"    validate:"ne=0.5,gte=-1,lte=1"`
}

func ruleRows() []request {
	one := func(member, value, want string) request {
		body := `{"` + member + `":"` + value + `"}`
		name := member + " " + value[:min(len(value), 40)]
		return request{name: name, schema: "rules", body: body, want: want}
	}
	var rows []request
	for member, values := range goodValues {
		for _, value := range values {
			rows = append(rows, one(member, value, "ok"))
		}
	}
	for member, values := range badValues {
		code := map[string]string{
			"intl": "email_intl", "rfc5321": "email_rfc5321", "https": "https_url", "host": "hostname", "hostport": "hostname_port",
			"clock": "time", "span": "duration", "card": "credit_card", "raw64": "base64rawurl", "country": "iso3166_1_alpha2",
			"currency": "iso4217", "lang": "bcp47_language_tag", "bool": "boolean", "isbn": "isbn13", "color": "hexcolor|rgb",
			"either": "email|uuid", "fold": "eq_ignore_case", "notfold": "ne_ignore_case", "oneci": "oneofci", "none": "noneof",
		}[member]
		if code == "" {
			code = member
		}
		for _, value := range values {
			rows = append(rows, one(member, value, invalid+"body /"+member+" "+code))
		}
	}
	in := func(name, body, want string) request {
		return request{name: name, schema: "rules", body: body, want: want}
	}
	return append(rows,
		in("every failing rule", `{"has":"b"}`, invalid+
			"body /has contains; body /has excludes; body /has startswith; body /has endswith"),
		in("has", `{"has":"cad"}`, "ok"),
		in("set", `{"set":"a,|"}`, invalid+"body /set excludesall"),
		in("set without", `{"set":"c"}`, invalid+"body /set containsany"),
		in("bytes, not characters", `{"bytes":"ééé"}`, invalid+"body /bytes maxbytes"),
		in("too few bytes", `{"bytes":"a"}`, invalid+"body /bytes minbytes"),
		in("bytes", `{"bytes":"éé"}`, "ok"),
		in("one of numbers", `{"oneint":-2,"oneuint":2}`, "ok"),
		in("none of numbers", `{"oneint":2,"oneuint":3}`, invalid+"body /oneint oneof; body /oneuint oneof"),
		in("equal", `{"eq":"yes","true":true}`, "ok"),
		in("unequal", `{"eq":"hunter2","true":false}`, invalid+"body /eq eq; body /true eq"),
		in("unequal wanted", `{"ne":"no","float":0.5}`, invalid+"body /ne ne; body /float ne"),
		in("between", `{"gt":2,"float":1}`, "ok"),
		in("at the edge", `{"gt":1,"float":-1.5}`, invalid+"body /gt gt; body /float gte"),
		in("at the other edge", `{"gt":5,"float":1.5}`, invalid+"body /gt lt; body /float lte"),
	)
}

var goodValues = map[string][]string{
	"email": {"ann@example.com", "a.b+c@sub.example.org"}, "intl": {"jörg@example.com"}, "rfc5321": {"a@[127.0.0.1]"},
	"url": {"https://example.com/a?b=c#d", "http://192.0.2.1:8080/"}, "https": {"https://example.com"}, "relpath": {"/a/b?c=d"},
	"host": {"example.com", "a"}, "fqdn": {"example.com"}, "hostport": {"example.com:443"},
	"ip": {"192.0.2.1", "2001:db8::1"}, "cidr": {"192.0.2.0/24"},
	"uuid": {"018f3c2e-7b1a-7c3d-9e4f-5a6b7c8d9e0f"}, "uuid4": {"9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d"},
	"ulid": {"01ARZ3NDEKTSV4RRFFQ69G5FAV"},
	"date": {"2024-02-29"}, "timestamp": {"2024-02-29T12:00:00Z"}, "clock": {"12:00:00Z"}, "span": {"P1DT2H"},
	"e164": {"+4930123456"}, "card": {"4111111111111111"}, "semver": {"1.2.3-rc.1"}, "base64": {"aGk="}, "raw64": {"aGk"},
	"country": {"DE"}, "currency": {"EUR"}, "lang": {"de-AT"}, "cron": {"*/5 * * * *"}, "json": {"[1]"}, "slug": {"a-b-1"},
	"line": {"one line"}, "text": {`two\nlines`}, "script": {"plain"}, "number": {"007"}, "numeric": {"-1.5"}, "bool": {"true"},
	"isbn": {"9780306406157"}, "color": {"#ffaa00", "rgb(1,2,3)"},
	"either": {"ann@example.com", "018f3c2e-7b1a-7c3d-9e4f-5a6b7c8d9e0f"},
	"fold":   {"yES"}, "notfold": {"yes"}, "oneci": {"Red Wine", "white"}, "none": {"user"},
}

var badValues = map[string][]string{
	"email": {
		strings.Repeat("a", 65) + "@example.com", "hunter2", "a\u200bb@example.com", "\u202ea@example.com", "a@exаmple.com",
		`\"<script>\"@example.com`, "${jndi:x}@example.com", "`id`@example.com", "a@localhost", "a@[127.0.0.1]", "a b@example.com",
		"a..b@example.com", "a@example..com", "a@-example.com", `a@example.com\r\nBcc: x@example.com`, "Ann <ann@example.com>",
	},
	"intl": {"a\u200bb@example.com"}, "rfc5321": {"hunter2"},
	"url": {
		"javascript:alert(1)", "data:text/html,hunter2", "file:///etc/passwd", "mailto:a@example.com",
		"https://user:hunter2@example.com",
		"//evil.example", "http://", "https:example.com", `https://example.com\\@evil.example`, "https://exa mple.com",
		"ftp://example.com", "/a",
	},
	"https": {"http://example.com"}, "relpath": {"//evil.example", `/\\evil.example`, "https://evil.example", `/a\nb`, "a"},
	"host": {"-a.example", "a..b", "exa_mple.com", "127.0.0.1", "ex\u200bample.com"}, "fqdn": {"localhost"},
	"hostport": {"example.com", "a:0x1"},
	"ip":       {"fe80::1%eth0", "127.1", "0177.0.0.1", "0x7f.0.0.1", "2130706433"}, "ipv4": {"::ffff:192.0.2.1"},
	"cidr":  {"192.0.2.0/33"},
	"uuid":  {"{018f3c2e-7b1a-7c3d-9e4f-5a6b7c8d9e0f}", "urn:uuid:018f3c2e-7b1a-7c3d-9e4f-5a6b7c8d9e0f", "hunter2"},
	"uuid4": {"018f3c2e-7b1a-7c3d-9e4f-5a6b7c8d9e0f"}, "ulid": {"81ARZ3NDEKTSV4RRFFQ69G5FAV"},
	"date": {"2024-02-30", "2023-02-29", "24-1-1"}, "timestamp": {"2024-02-30T00:00:00Z", "2024-01-01 00:00:00Z", "hunter2"},
	"clock": {"25:00:00Z"}, "span": {"P", "1h"}, "e164": {"0049", "+0123"}, "card": {"4111111111111112"},
	"semver": {"1.2", "01.2.3"},
	"base64": {"aGk", "aGl=", `aGk=\n`}, "raw64": {"aGk=", "aGl"}, "country": {"XX", "de"}, "currency": {"EURO", "eur"},
	"lang": {"hunter2hunter2"},
	"cron": {"* * * *", strings.Repeat("*", 1000), "60 * * * *"}, "json": {"{"}, "slug": {"A-b", "-a", "a--b"},
	"line": {`a\nb`, `a\u0007`},
	"text": {`a\u0007`, "a\u202eb"}, "script": {"pаypal"}, "number": {"1.5", "１"}, "numeric": {"1e3", "NaN"},
	"bool": {"hunter2"},
	"isbn": {"9780306406158"}, "color": {"hunter2"}, "either": {"hunter2"}, "fold": {"hunter2"}, "notfold": {"NO"},
	"oneci": {"red", "hunter2"}, "none": {"root"},
}
