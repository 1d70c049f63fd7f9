package validate_test

import (
	"strings"
	"time"

	"github.com/gopalisade/palisade/crypto/secret"
	"github.com/gopalisade/palisade/validate"
)

type listing struct {
	Page  int                  `query:"page"  default:"1" validate:"min=1,max=1000"`
	Limit *int                 `query:"limit" validate:"max=100"`
	IDs   []int                `query:"ids"   validate:"max=5"`
	Tags  []string             `query:"tags,comma" validate:"max=3,dive,max=5"`
	Price float64              `query:"price" validate:"min=0,max=10"`
	On    bool                 `query:"on"`
	Q     string               `query:"q"     validate:"max=8"`
	At    time.Time            `query:"at"`
	Cap   validate.Opt[uint8]  `query:"cap"`
	Mode  string               `query:"mode"  validate:"omitempty,oneof=a b"`
	Codes validate.Opt[[]int8] `query:"codes" validate:"max=2"`
	Ptrs  *[]string            `query:"ptrs"`
}

type headed struct {
	Tenant string        `header:"X-Tenant" validate:"omitempty,slug"`
	Count  int           `header:"x-count"`
	List   []string      `header:"X-List,comma" validate:"max=3,dive,alpha"`
	Lines  []string      `header:"X-Lines"`
	Token  secret.String `header:"X-Token" validate:"omitempty,min=12"`
	When   *time.Time    `header:"X-When"`
}

type login struct {
	User string        `form:"user" validate:"required,max=8"`
	Pass secret.String `form:"pass" validate:"required,min=12"`
	Age  int           `form:"age"`
	IDs  []uint        `form:"ids" validate:"max=2"`
	Tags []string      `form:"tags,comma"`
	Stay bool          `form:"stay"`
}

const badQuery = "400 invalid_query: "

func queryRows() []request {
	in := func(name, query, want string) request {
		return request{name: name, schema: "query", query: query, want: want}
	}
	many := func(n int) string { return strings.TrimSuffix(strings.Repeat("ids=1&", n), "&") }
	rows := []request{
		in("nothing", "", "ok"),
		in("all", "page=2&limit=9&ids=1&ids=2&tags=a,b&price=9.5&on=true&q=a+b&cap=0&mode=a&codes=1&codes=-2&ptrs=x", "ok"),
		in("a number twice", "limit=1&limit=9", badQuery+"query limit duplicate"),
		in("a text twice", "q=hunter2&q=hunter2", badQuery+"query q duplicate"),
		in("a number twice, the first wrong", "limit=x&limit=9", badQuery+"query limit duplicate"),
		in("a comma list twice", "tags=a&tags=b", badQuery+"query tags duplicate"),
		in("a comma in a list that has none", "ids=1,2", invalid+"query ids type"),
		in("too many in a list", "ids=1&ids=2&ids=3&ids=4&ids=5&ids=6&ids=7", invalid+"query ids max"),
		in("too many in a comma list", "tags=a,b,c,d", invalid+"query tags max"),
		in("too many in an optional list", "codes=1&codes=2&codes=3", invalid+"query codes max"),
		in("long in a comma list", "tags=a,hunter2", invalid+"query tags max"),
		in("above int8 in a list", "codes=128", invalid+"query codes range"),
		in("semicolon", "q=1;page=2", badQuery+"query  syntax"),
		in("semicolon by an escape is data", "q=1%3B2", "ok"),
		in("bad escape", "q=%zz", badQuery+"query  syntax"),
		in("cut escape", "q=%", badQuery+"query  syntax"),
		in("cut escape of one", "q=%4", badQuery+"query  syntax"),
		in("raw UTF-8", "q=é", "ok"),
		in("escaped UTF-8", "q=%C3%A9", "ok"),
		in("overlong", "q=%C0%AF", badQuery+"query  syntax"),
		in("UTF-8 that is none", "q=hunter2%ff", badQuery+"query  syntax"),
		in("UTF-8 that is none, in a name", "%ff=hunter2", badQuery+"query  syntax"),
		in("NUL", "q=%00", invalid+"query q nul"),
		in("double escape stays one", "q=%2541", "ok"),
		in("no equals sign", "q", badQuery+"query  syntax"),
		in("empty pair", "q=1&&page=2", badQuery+"query  syntax"),
		in("last pair empty", "q=1&", badQuery+"query  syntax"),
		in("no name", "=hunter2", badQuery+"query  syntax"),
		in("empty text", "q=", "ok"),
		in("empty number", "page=", invalid+"query page type"),
		in("empty bool", "on=", invalid+"query on type"),
		in("equals sign in a value", "q=a=b", "ok"),
		in("101 parameters", many(101), badQuery+"query  limit"),
		in("10 001 parameters", many(10_001), badQuery+"query  limit"),
		in("100 parameters", many(100), invalid+"query ids max"),
		in("name of 129", strings.Repeat("a", 129)+"=1", badQuery+"query  limit"),
		in("name of 128", strings.Repeat("a", 128)+"=1", invalid+"query  unknown"),
		in("value of 4097", "q="+strings.Repeat("a", 4097), invalid+"query q limit"),
		in("value of 4096", "q="+strings.Repeat("a", 4096), invalid+"query q max"),
		in("unknown", "hunter=hunter2", invalid+"query hunter unknown"),
		in("unknown that reads like code", "%3Cscript%3Ehunter2=1", invalid+"query  unknown"),
		in("upper case", "Page=2", invalid+"query Page unknown"),
		in("Go name", "Limit=2", invalid+"query Limit unknown"),
		in("index", "ids[0]=1", invalid+"query  unknown"),
		in("sparse index", "ids[9999]=1", invalid+"query  unknown"),
		in("negative index", "ids.-1.name=hunter2", invalid+"query  unknown"),
		in("bracket bomb", "m"+strings.Repeat("[a]", 8000)+"=1", badQuery+"query  limit"),
		in("bool", "on=false", "ok"),
		in("date", "at=2024-01-02T03:04:05Z", "ok"),
		in("date with a plus as a space", "at=2024-01-02T03:04:05+01:00", invalid+"query at format"),
		in("rule", "page=0", invalid+"query page min"),
		in("list of words", "mode=hunter2", invalid+"query mode oneof"),
		in("several", "page=0&limit=101&price=11", invalid+"query page min; query limit max; query price max"),
		{name: "unknown", schema: "lenient", query: "hunter=hunter2&page=2&hunter=1", want: "ok"},
		{name: "syntax", schema: "lenient", query: "utm=hunter2;x", want: badQuery + "query  syntax"},
		{name: "unknown where nothing is declared", schema: "none", query: "utm=hunter2", want: invalid + "query utm unknown"},
		{name: "query of a body", schema: "json", query: "utm=hunter2", body: `{}`, want: invalid + "query utm unknown"},
		{name: "query and body at once", schema: "json", query: "utm=hunter2", body: `{"age":"1"}`, want: invalid +
			"query utm unknown; body /age type"},
	}
	for _, word := range []string{"%2B5", "+5", "5+", "1_000", "0x10", "%EF%BC%95", "1e3", "007", "--1", "5.0", "0b1", "%09"} {
		rows = append(rows, in("whole number "+word, "page="+word, invalid+"query page type"))
	}
	for _, word := range []string{
		"NaN", "nan", "Inf", "-Inf", "%2BInf", "Infinity", "0x1p3", "1_0", ".5", "5.", "1e", "1e%2B",
		"01.5", "%2B1",
	} {
		rows = append(rows, in("number "+word, "price="+word, invalid+"query price type"))
	}
	for _, word := range []string{"T", "yes", "1", "TRUE", "on", "%20true"} {
		rows = append(rows, in("bool "+word, "on="+word, invalid+"query on type"))
	}
	for _, word := range []string{"0", "9.75", "1e0", "1E-3", "5e%2B0", "-0"} {
		rows = append(rows, in("good number "+word, "price="+word, "ok"))
	}
	return rows
}

// otherSourceRows are about headers and forms.
func otherSourceRows() []request {
	in := func(name, header, want string) request {
		return request{name: name, schema: "header", header: header, want: want}
	}
	form := func(name, body, want string) request {
		return request{name: name, schema: "form", body: body, want: want}
	}
	const bad, good, badForm = "400 invalid_header: ", "user=a&pass=hunter2hunter2", "400 invalid_form: "
	return []request{
		in("none", "", "ok"),
		in("all", "X-Tenant: a-b\nX-Count: 5\nX-List: a, b\nX-Lines: x\nX-Lines: y\nX-Token: hunter2hunter2", "ok"),
		in("twice", "X-Tenant: hunter2\nX-Tenant: b", bad+"header X-Tenant duplicate"),
		in("number twice", "X-Count: 1\nX-Count: 1", bad+"header X-Count duplicate"),
		in("secret twice", "X-Token: hunter2hunter2\nX-Token: hunter2hunter2", bad+"header X-Token duplicate"),
		in("comma list on two lines", "X-List: a\nX-List: b,c", "ok"),
		in("comma list too long on two lines", "X-List: a\nX-List: b,c,d", invalid+"header X-List max"),
		in("comma list with an empty part", "X-List: a,,b", invalid+"header X-List alpha"),
		in("obs-text", "X-Tenant: hunter2\xe9", bad+"header X-Tenant syntax"),
		in("UTF-8", "X-Lines: é", bad+"header X-Lines syntax"),
		in("control character", "X-Lines: hunter2\x01", bad+"header X-Lines syntax"),
		in("DEL", "X-Lines: \x7f", bad+"header X-Lines syntax"),
		in("tab", "X-Lines: a\tb", "ok"),
		in("of 8 KB", "X-Lines: "+strings.Repeat("a", 8<<10), invalid+"header X-Lines limit"),
		in("no number", "X-Count: hunter2", invalid+"header X-Count type"),
		in("rule", "X-Tenant: Hunter2 x", invalid+"header X-Tenant slug"),
		in("short secret", "X-Token: hunter2", invalid+"header X-Token min"),
		in("time", "X-When: hunter2", invalid+"header X-When format"),
		in("101 lines", strings.TrimSuffix(strings.Repeat("X-Lines: a\n", 101), "\n"), bad+"header X-Lines duplicate"),
		form("good", good+"&age=3&ids=1&ids=2&tags=a,b&stay=true", "ok"),
		form("missing", "user=hunter", invalid+"form pass required"),
		form("empty", "user=&pass=", invalid+"form user required; form pass required"),
		form("twice", good+"&user=b", badForm+"form user duplicate"),
		form("unknown", good+"&admin=hunter2", invalid+"form admin unknown"),
		form("untagged Go name", good+"&User=hunter2", invalid+"form User unknown"),
		form("semicolon", good+";x=1", badForm+"form  syntax"),
		form("bad escape", "user=%zz", badForm+"form  syntax"),
		form("NUL", "user=%00&pass=hunter2hunter2", invalid+"form user nul"),
		form("too many in a list", good+"&ids=1&ids=2&ids=3", invalid+"form ids max"),
		form("minus in a list", good+"&ids=-1", invalid+"form ids range"),
		form("101 parameters", good+strings.Repeat("&ids=1", 99), badForm+"form  limit"),
		form("long value", "user="+strings.Repeat("a", 8000)+"&pass=hunter2hunter2", invalid+"form user max"),
		form("short secret", "user=a&pass=hunter2", invalid+"form pass min"),
		form("JSON as a form", `{"user":"hunter2"}`, badForm+"form  syntax"),
		{name: "a query does not fill a form", schema: "form", query: "user=hunter2", body: good, want: invalid +
			"query user unknown"},
		{name: "no body", schema: "form", want: "400 body_required"},
	}
}
