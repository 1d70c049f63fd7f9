package validate_test

import "strings"

// jsonTypeRows are about values of another type, and numbers.
func jsonTypeRows() []request {
	return []request{
		inJSON("null", `null`, invalid+"body  null"),
		inJSON("array for the body", `["hunter2"]`, invalid+"body  type"),
		inJSON("text for the body", `"hunter2"`, invalid+"body  type"),
		inJSON("number for the body", `7`, invalid+"body  type"),
		inJSON("all at once", `{"age":"hunter2","name":1,"tags":{},"home":[],"level":true,"active":0}`, invalid+
			"body /age type; body /name type; body /tags type; body /home type; body /level type; body /active type"),
		inJSON("null for each that cannot be",
			`{"age":null,"name":null,"tags":null,"attrs":null,"pair":null,"at":null,"pass":null}`, invalid+
				"body /age null; body /name null; body /tags null; body /attrs null; body /pair null; body /at null; body /pass null"),
		inJSON("null for each that can be", `{"nick":null,"note":null,"home":null,"tree":null,"plan":null,"lists":null}`, "ok"),
		inJSON("null for an element", `{"tags":["a",null],"items":[null]}`, invalid+"body /tags/1 null; body /items/0 null"),
		inJSON("null for a value of a map", `{"attrs":{"a":null}}`, invalid+"body /attrs/a null"),
		inJSON("bool as text", `{"active":"true"}`, invalid+"body /active type"),
		inJSON("bool for text", `{"name":true}`, invalid+"body /name type"),
		inJSON("object for text", `{"name":{"hunter2":"hunter2"}}`, invalid+"body /name type"),
		inJSON("number for a secret", `{"pass":7}`, invalid+"body /pass type"),
		inJSON("the redacted text for a secret", `{"pass":"[redacted]"}`, invalid+"body /pass format"),
		inJSON("short secret", `{"pass":"hunter2"}`, invalid+"body /pass min"),
		inJSON("number for a time", `{"at":1700000000}`, invalid+"body /at type"),
		inJSON("no time", `{"at":"hunter2"}`, invalid+"body /at format"),
		inJSON("30 February", `{"at":"2024-02-30T00:00:00Z"}`, invalid+"body /at format"),
		inJSON("time", `{"at":"2024-02-29T12:00:00+01:00"}`, "ok"),
		inJSON("no address", `{"addr":"hunter2"}`, invalid+"body /addr format"),
		inJSON("address", `{"addr":"::ffff:192.0.2.1"}`, "ok"),
		inJSON("no base64", `{"blob":"hunter2!"}`, invalid+"body /blob base64"),
		inJSON("base64 with a line", `{"blob":"aGk=\n"}`, invalid+"body /blob base64"),
		inJSON("base64 with loose bits", `{"blob":"aGl="}`, invalid+"body /blob base64"),
		inJSON("base64 too long", `{"blob":"aHVudGVyMg=="}`, invalid+"body /blob max"),
		inJSON("base64", `{"blob":"aGk="}`, "ok"),
		inJSON("pair too short", `{"pair":[1]}`, invalid+"body /pair len"),
		inJSON("pair too long", `{"pair":[1,2,"hunter2"]}`, invalid+"body /pair len"),
		inJSON("pair", `{"pair":[1,2]}`, "ok"),
		inJSON("text for an object", `{"plan":"hunter2"}`, invalid+"body /plan type"),
		inJSON("nested required", `{"plan":{}}`, invalid+"body /plan/street required"),
		inJSON("nested required and wrong", `{"home":{"zip":"hunter2"}}`, invalid+
			"body /home/zip len; body /home/zip number; body /home/street required"),
		inJSON("nested unknown", `{"home":{"street":"a","admin":"hunter2"}}`, invalid+"body /home/admin unknown"),
		inJSON("in a map", `{"byname":{"x":{"zip":"12345"}}}`, invalid+"body /byname/x/street required"),
		inJSON("in a map below a name that is not repeated", `{"byname":{"hunter2 !":{"street":"a"}}}`, "ok"),
		inJSON("deep in lists", `{"grid":[[1],[2,"hunter2"]]}`, invalid+"body /grid/1/1 type"),
		inJSON("recursive", `{"tree":{"left":{"rest":[{"label":"hunter2"}]}}}`, invalid+"body /tree/left/rest/0/label max"),
		inJSON("recursive, well", `{"tree":{"left":{"label":"a","rest":[null,{"rest":[]}]}}}`, "ok"),
		inJSON("list in an Opt", `{"lists":[1,2.5,"hunter2"]}`, invalid+"body /lists/2 type"),
		inJSON("fraction for a whole number", `{"age":1.0}`, invalid+"body /age type"),
		inJSON("exponent for a whole number", `{"age":1e2}`, invalid+"body /age type"),
		inJSON("minus zero", `{"age":-0,"ratio":-0}`, "ok"),
		inJSON("above int8", `{"level":128}`, invalid+"body /level range"),
		inJSON("below int8", `{"level":-129}`, invalid+"body /level range"),
		inJSON("edges of int8", `{"level":-128}`, "ok"),
		inJSON("minus for unsigned", `{"count":-1}`, invalid+"body /count range"),
		inJSON("above uint16", `{"count":65536}`, invalid+"body /count range"),
		inJSON("largest int64", `{"big":9223372036854775807}`, "ok"),
		inJSON("above int64", `{"big":9223372036854775808}`, invalid+"body /big range"),
		inJSON("more than a float keeps", `{"ratio":9007199254740995}`, invalid+"body /ratio precision"),
		inJSON("all that a float keeps", `{"ratio":9007199254740992}`, "ok"),
		inJSON("above a float", `{"ratio":1e400}`, invalid+"body /ratio range"),
		inJSON("far above a float", `{"ratio":1e999999999}`, invalid+"body /ratio range"),
		inJSON("number of 1000 digits", `{"ratio":`+strings.Repeat("7", 1000)+`}`, invalid+"body /ratio limit"),
		inJSON("leading zero", `{"age":01}`, badJSON+"body  syntax"),
		inJSON("plus", `{"age":+1}`, badJSON+"body /age syntax"),
		inJSON("hexadecimal", `{"age":0x10}`, badJSON+"body  syntax"),
		inJSON("point without digits", `{"ratio":1.}`, badJSON+"body /ratio syntax"),
		inJSON("number as text", `{"age":"1"}`, invalid+"body /age type"),
		inJSON("range and rule", `{"age":-1,"role":"hunter2"}`, invalid+"body /age min; body /role oneof"),
		inJSON("characters are counted, not bytes", `{"name":"`+strings.Repeat("é", 20)+`"}`, "ok"),
		inJSON("escapes count once", `{"name":"`+strings.Repeat(`\u0041`, 20)+`"}`, "ok"),
		inJSON("one character too many", `{"name":"`+strings.Repeat("é", 21)+`"}`, invalid+"body /name max"),
		inJSON("element too long", `{"tags":["a","hunter2hunter2"]}`, invalid+"body /tags/1 max"),
		inJSON("not unique", `{"tags":["hunter2","hunter2"]}`, invalid+"body /tags unique"),
		inJSON("key of a map too long", `{"attrs":{"hunters":"a"}}`, invalid+"body /attrs/hunters max"),
		inJSON("value of a map too long", `{"attrs":{"a":"hunter2hunter2"}}`, invalid+"body /attrs/a max"),
		inJSON("map too large", `{"attrs":{"a":"","b":"","c":"","d":"hunter2"}}`, invalid+"body /attrs max"),
		inJSON("wrong twice", `{"items":[{"qty":0}]}`, invalid+"body /items/0/qty min; body /items/0/sku required"),
		inJSON("zero where a number is required", `{"items":[{"sku":"a","qty":0}]}`, invalid+"body /items/0/qty min"),
	}
}

// jsonLimitRows are about the cost of a request.
func jsonLimitRows() []request {
	wide := `{"x":{` + strings.TrimSuffix(strings.Repeat(`"hunter2":1,`, 1001), ",") + `}}`
	keys := make([]string, 0, 6000)
	for i := range 6000 {
		keys = append(keys, `"k`+strings.Repeat("a", i%7)+`":1`)
	}
	in := func(name, body, want string) request {
		return request{name: name, schema: "tight", body: body, want: want}
	}
	return []request{
		inJSON("32 deep", `{"x":`+strings.Repeat("[", 31)+strings.Repeat("]", 31)+`}`, invalid+"body /x unknown"),
		inJSON("33 deep", `{"x":`+strings.Repeat("[", 32)+strings.Repeat("]", 32)+`}`, badJSON+"body  limit"),
		inJSON("tree of 31", `{"tree":`+strings.Repeat(`{"left":`, 30)+"{}"+strings.Repeat("}", 31), "ok"),
		inJSON("tree of 32", `{"tree":`+strings.Repeat(`{"left":`, 31)+"{}"+strings.Repeat("}", 32), badJSON+
			"body /tree"+strings.Repeat("/left", 31)+" limit"),
		inJSON("1001 members in an unknown", wide, badJSON+"body  limit"),
		inJSON("6000 unknown members", "{"+strings.Join(keys, ",")+"}", invalid+strings.TrimSuffix(unknowns(32), "; ")),
		inJSON("51 of 50", `{"items":[`+strings.Repeat(`{"sku":"a","qty":1},`, 50)+`{"sku":"hunter2hunter2"}]}`, invalid+
			"body /items max"),
		inJSON("9000 of 50", `{"items":[`+strings.Repeat(`7,`, 9000)+`7]}`, invalid+"body "+items(32)),
		inJSON("10 001 elements", `{"grid":[[`+strings.Repeat("1,", 10_000)+`1]]}`, badJSON+"body /grid/0 limit"),
		inJSON("text of 64 KiB", `{"name":"`+strings.Repeat("a", 64<<10)+`"}`, invalid+"body /name max"),
		inJSON("text above 64 KiB", `{"name":"`+strings.Repeat("a", 64<<10+1)+`"}`, invalid+"body /name limit"),
		in("3 deep", `{"grid":[[1]]}`, "ok"),
		in("4 deep", `{"tree":{"left":{"left":{}}}}`, badJSON+"body /tree/left/left limit"),
		in("4 deep in raw JSON", `{"raw":[[[1]]]}`, badJSON+"body /raw limit"),
		in("4 members", `{"age":1,"level":1,"count":1,"big":1}`, "ok"),
		in("5 members", `{"age":1,"level":1,"count":1,"big":1,"ratio":1}`, badJSON+"body  limit"),
		in("5 members of a map", `{"attrs":{"a":"","b":"","c":"","d":"","e":""}}`, badJSON+"body /attrs limit"),
		in("6 elements", `{"grid":[[1,2,3,4]]}`, "ok"),
		in("7 elements", `{"grid":[[1,2,3,4,5]]}`, badJSON+"body /grid/0 limit"),
		in("7 elements in raw JSON", `{"raw":[[1,2,3,4,5]]}`, badJSON+"body /raw limit"),
		in("text of 12", `{"name":"abcdefghijkl"}`, "ok"),
		in("text of 13", `{"name":"hunter2hunter"}`, invalid+"body /name limit"),
		in("escaped text of 12", `{"name":"`+strings.Repeat(`\u0061`, 12)+`"}`, "ok"),
		in("key of 13 in a map", `{"attrs":{"abcdefghijklm":"hunter2"}}`, invalid+"body /attrs/abcdefghijklm limit"),
		in("number of 6", `{"big":-12345}`, "ok"),
		in("number of 7", `{"big":1234567}`, invalid+"body /big limit"),
		in("body of 200", `{"age":1}`+strings.Repeat(" ", 191), "ok"),
		in("body of 201", `{"age":1}`+strings.Repeat(" ", 192), "413 body_too_large"),
		in("two faults", `{"a":1,"b":2}`, invalid+"body /a unknown; body /b unknown"),
		in("three faults", `{"a":1,"b":2,"c":3}`, invalid+"body /a unknown; body /b unknown"),
	}
}

func unknowns(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("body /k" + strings.Repeat("a", i%7) + " unknown; ")
	}
	return b.String()
}

func items(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString("; body ")
		}
		b.WriteString("/items/" + string(rune('0'+i/10)) + string(rune('0'+i%10)) + " type")
	}
	return strings.NewReplacer("/items/0", "/items/", "/items/00", "/items/0").Replace(b.String())
}
