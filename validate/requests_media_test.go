package validate_test

// mediaRows are about what a body says it is, and whether there may be one.
func mediaRows() []request {
	const wrongType, wrongCoding = "415 unsupported_media_type", "415 unsupported_content_encoding"
	secretly := `{"pass":"hunter2hunter2"}`
	typed := func(name, mediaType, want string) request {
		return request{name: name, schema: "json", header: "Content-Type: " + mediaType, body: secretly, want: want}
	}
	coded := func(name, header, want string) request {
		return request{name: name, schema: "json", header: header, body: secretly, want: want}
	}
	return []request{
		typed("no type", "none", wrongType),
		typed("empty type", "", wrongType),
		typed("text", "text/plain", wrongType),
		typed("longer name", "application/jsonx", wrongType),
		typed("upper case", "APPLICATION/JSON", "ok"),
		typed("charset", "application/json; charset=utf-8", "ok"),
		typed("charset in upper case and quotes", `application/json;charset="UTF-8"`, "ok"),
		typed("other charset", "application/json; charset=utf-16", wrongType),
		typed("other parameter", "application/json; version=1", wrongType),
		typed("two parameters", "application/json; charset=utf-8; version=1", wrongType),
		typed("charset twice", "application/json; charset=utf-8; charset=utf-16", wrongType),
		typed("two lines", "application/json\nContent-Type: text/plain", wrongType),
		typed("two in one line", "application/json, text/plain", wrongType),
		typed("problem", "application/problem+json", wrongType),
		typed("merge patch", "application/merge-patch+json", wrongType),
		typed("form", "application/x-www-form-urlencoded", wrongType),
		typed("multipart without a boundary", "multipart/form-data", wrongType),
		typed("wildcard", "*/*", wrongType),
		{name: "merge patch", schema: "patch", header: "Content-Type: application/merge-patch+json", body: secretly, want: "ok"},
		{
			name: "merge patch with charset", schema: "patch",
			header: "Content-Type: application/merge-patch+json; charset=utf-8", body: secretly, want: "ok",
		},
		{name: "JSON still", schema: "patch", body: secretly, want: "ok"},
		{
			name: "JSON to a form", schema: "form", header: "Content-Type: application/json",
			body: "user=a&pass=hunter2hunter2", want: wrongType,
		},
		{
			name: "text to a form", schema: "form", header: "Content-Type: text/plain", body: "user=a&pass=hunter2hunter2",
			want: wrongType,
		},
		{
			name: "form with charset", schema: "form",
			header: "Content-Type: application/x-www-form-urlencoded; charset=UTF-8", body: "user=a&pass=hunter2hunter2", want: "ok",
		},
		coded("gzip", "Content-Encoding: gzip", wrongCoding),
		coded("deflate", "Content-Encoding: deflate", wrongCoding),
		coded("identity", "Content-Encoding: identity", "ok"),
		coded("identity, then gzip", "Content-Encoding: identity\nContent-Encoding: gzip", wrongCoding),
		coded("gzip twice", "Content-Encoding: gzip, gzip", wrongCoding),
		coded("no JSON accepted", "Accept: text/html", "ok"),
		{
			name: "no JSON accepted in a refusal", schema: "json", header: "Accept: text/html", body: `{"age":"hunter2"}`,
			want: invalid + "body /age type",
		},
		{name: "no body", schema: "json", want: "400 body_required"},
		{name: "only spaces", schema: "json", body: " \n ", want: badJSON + "body  syntax"},
		{name: "no body", schema: "optional", want: "ok"},
		{name: "only spaces", schema: "optional", body: " ", want: badJSON + "body  syntax"},
		{name: "body where none is", schema: "none", body: secretly, want: "400 body_unexpected"},
		{name: "no body", schema: "none", want: "ok"},
		{name: "body by GET where none is", schema: "query", body: secretly, want: "400 body_unexpected"},
		{
			name: "any body", schema: "foreign",
			header: "Content-Type: multipart/form-data; boundary=x\nContent-Encoding: gzip", body: secretly, want: "ok",
		},
	}
}
