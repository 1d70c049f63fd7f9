package validate_test

import "strings"

const (
	badJSON = "400 invalid_json: "
	invalid = "422 invalid_input: "
)

func inJSON(name, body, want string) request {
	return request{name: name, schema: "json", body: body, want: want}
}

// jsonRows are about names, syntax and bytes.
func jsonRows() []request {
	deep := strings.Repeat("[", 9999) + strings.Repeat("]", 9999)
	return []request{
		inJSON("empty object", `{}`, "ok"),
		inJSON("spaces around", " \r\n\t{} \n", "ok"),
		inJSON("embedded member", `{"version":3}`, "ok"),
		inJSON("upper-case sibling", `{"ROLE":"hunter2"}`, invalid+"body /ROLE unknown"),
		inJSON("capital sibling beside the name", `{"role":"user","Role":"hunter2"}`, invalid+"body /Role unknown"),
		inJSON("long s", "{\"tag\u017f\":\"hunter2\"}", invalid+"body  unknown"),
		inJSON("kelvin sign", "{\"nic\u212a\":\"hunter2\"}", invalid+"body  unknown"),
		{name: "case sibling where unknown is allowed", schema: "open", body: `{"ROLE":"hunter2"}`, want: invalid +
			"body /ROLE unknown"},
		{name: "long s where unknown is allowed", schema: "open", body: "{\"tag\u017f\":\"hunter2\"}", want: invalid +
			"body  unknown"},
		{name: "kelvin sign where unknown is allowed", schema: "open", body: "{\"nic\u212a\":\"hunter2\"}", want: invalid +
			"body  unknown"},
		{name: "unknown where unknown is allowed", schema: "open", body: `{"other":{"a":[1,{"b":"hunter2"}]},"age":3}`, want: "ok"},
		{name: "unknown twice where unknown is allowed", schema: "open", body: `{"x":"hunter2","x":1}`, want: badJSON +
			"body  duplicate"},
		{name: "twice inside an unknown", schema: "open", body: `{"x":{"y":"hunter2","\u0079":1}}`, want: badJSON +
			"body  duplicate"},
		inJSON("twice", `{"role":"user","role":"hunter2"}`, badJSON+"body /role duplicate"),
		inJSON("twice by an escape", `{"role":"user","rol\u0065":"hunter2"}`, badJSON+"body /role duplicate"),
		inJSON("twice, the first one wrong", `{"age":"x","age":1}`, badJSON+"body /age duplicate"),
		inJSON("twice, both null", `{"nick":null,"nick":null}`, badJSON+"body /nick duplicate"),
		inJSON("twice nested", `{"home":{"street":"a","street":"hunter2"}}`, badJSON+"body /home/street duplicate"),
		inJSON("twice in an element", `{"items":[{"sku":"a","qty":1,"qty":2}]}`, badJSON+"body /items/0/qty duplicate"),
		inJSON("twice in a map", `{"attrs":{"a":"1","a":"hunter2"}}`, badJSON+"body /attrs/a duplicate"),
		inJSON("twice in a map by an escape", `{"attrs":{"a":"1","\u0061":"hunter2"}}`, badJSON+"body /attrs/a duplicate"),
		inJSON("same name in two elements", `{"items":[{"sku":"a","qty":1},{"sku":"b","qty":1}]}`, "ok"),
		inJSON("trailing letter", `{}hunter2`, badJSON+"body  syntax"),
		inJSON("trailing object", `{}{"pass":"hunter2"}`, badJSON+"body  syntax"),
		inJSON("trailing bracket", `{}]`, badJSON+"body  syntax"),
		inJSON("trailing NUL", "{}\x00", badJSON+"body  syntax"),
		inJSON("trailing comma", `{"age":1,}`, badJSON+"body  syntax"),
		inJSON("trailing comma in an array", `{"tags":["a",]}`, badJSON+"body /tags/1 syntax"),
		inJSON("comment", `{/*hunter2*/}`, badJSON+"body  syntax"),
		inJSON("single quotes", `{'age':1}`, badJSON+"body  syntax"),
		inJSON("no quotes", `{age:1}`, badJSON+"body  syntax"),
		inJSON("no colon", `{"age" 1}`, badJSON+"body /age syntax"),
		inJSON("no comma", `{"age":1 "level":2}`, badJSON+"body  syntax"),
		inJSON("cut in a string", `{"name":"hunter2`, badJSON+"body /name syntax"),
		inJSON("cut in an object", `{"name":"hunter2"`, badJSON+"body  syntax"),
		inJSON("cut in a literal", `{"active":tru`, badJSON+"body /active syntax"),
		inJSON("wrong bracket", `{"tags":["hunter2"}`, badJSON+"body /tags/1 syntax"),
		inJSON("wrong bracket in an unknown", `{"x":[{]}`, badJSON+"body  syntax"),
		inJSON("number as a name", `{1:"hunter2"}`, badJSON+"body  syntax"),
		inJSON("NaN", `{"ratio":NaN}`, badJSON+"body /ratio syntax"),
		inJSON("byte order mark", "\xef\xbb\xbf{}", badJSON+"body  syntax"),
		inJSON("UTF-16", "\xff\xfe{\x00}\x00", badJSON+"body  syntax"),
		inJSON("UTF-8 that is none, in a value", "{\"name\":\"hunter2\xff\"}", badJSON+"body /name syntax"),
		inJSON("UTF-8 that is none, in a name", "{\"na\xffme\":\"hunter2\"}", badJSON+"body  syntax"),
		inJSON("overlong slash", "{\"name\":\"\xc0\xaf\"}", badJSON+"body /name syntax"),
		inJSON("surrogate in UTF-8", "{\"name\":\"\xed\xa0\x80\"}", badJSON+"body /name syntax"),
		inJSON("lone surrogate", `{"name":"\ud800"}`, badJSON+"body /name syntax"),
		inJSON("lone low surrogate in a name", `{"\udc00":1}`, badJSON+"body  syntax"),
		inJSON("surrogate pair", `{"name":"\ud83d\ude00"}`, "ok"),
		inJSON("noncharacter", `{"name":"\uffff"}`, "ok"),
		inJSON("NUL by an escape", `{"name":"hunter2\u0000"}`, invalid+"body /name nul"),
		inJSON("NUL in a pointer", `{"nick":"\u0000"}`, invalid+"body /nick nul"),
		inJSON("NUL in a secret", `{"pass":"hunter2hunter2\u0000"}`, invalid+"body /pass nul"),
		inJSON("NUL in a key of a map", `{"attrs":{"\u0000":"hunter2"}}`, invalid+"body /attrs nul"),
		inJSON("NUL in raw JSON", `{"raw":["hunter2\u0000"]}`, invalid+"body /raw nul"),
		inJSON("escaped backslash before u0000 in raw JSON", `{"raw":["\\u0000"]}`, "ok"),
		inJSON("raw control character", "{\"name\":\"a\x01\"}", badJSON+"body /name syntax"),
		inJSON("bad escape", `{"name":"\x"}`, badJSON+"body /name syntax"),
		inJSON("prototype names", `{"__proto__":{"role":"hunter2"},"constructor":1}`, invalid+
			"body  unknown; body /constructor unknown"),
		inJSON("prototype name in a map is a key", `{"byname":{"__proto__":{"street":"a"}}}`, "ok"),
		inJSON("slash and tilde in a name", `{"a/b~c":"hunter2"}`, invalid+"body /a~1b~0c max"),
		inJSON("path as a key", `{"[\"role\"]":"hunter2","/role":1,"home.street":2}`, invalid+
			"body  unknown; body  unknown; body  unknown"),
		inJSON("empty key", `{"":"hunter2"}`, invalid+"body  unknown"),
		inJSON("key of 100 KB", `{"`+strings.Repeat("hunter2", 15000)+`":1}`, invalid+"body  unknown"),
		inJSON("key of a map of 1 KB", `{"attrs":{"`+strings.Repeat("hunter2", 150)+`":"x"}}`, invalid+"body /attrs max"),
		inJSON("empty key of a map", `{"attrs":{"":"x"}}`, "ok"),
		inJSON("deep under an unknown key", `{"x":`+deep+`}`, badJSON+"body  limit"),
		inJSON("duplicate in raw JSON", `{"raw":{"a":"hunter2","a":2}}`, badJSON+"body /raw duplicate"),
		inJSON("UTF-8 that is none, in raw JSON", "{\"raw\":[\"\xff\"]}", badJSON+"body /raw syntax"),
		inJSON("raw JSON", `{"raw":{"a":[1,true,null,"x",{"b":1e3}]}}`, "ok"),
		inJSON("raw null", `{"raw":null}`, "ok"),
		{name: "array", schema: "whole", body: `[{"sku":"a","qty":1}]`, want: "ok"},
		{name: "empty array", schema: "whole", body: `[]`, want: "ok"},
		{name: "object", schema: "whole", body: `{"sku":"hunter2"}`, want: invalid + "body  type"},
		{name: "null", schema: "whole", body: `null`, want: invalid + "body  null"},
		{name: "element", schema: "whole", body: `[{"sku":"hunter2hunter2","qty":1}]`, want: invalid + "body /0/sku max"},
		{
			name: "too many", schema: "whole", body: `[{"sku":"a","qty":1},{"sku":"a","qty":1},{"sku":"hunter2","qty":0}]`,
			want: invalid + "body  max",
		},
		{name: "trailing", schema: "whole", body: `[] []`, want: badJSON + "body  syntax"},
	}
}
