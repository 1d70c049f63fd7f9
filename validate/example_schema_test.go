package validate_test

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/gopalisade/palisade/validate"
)

// The schema says what the tags say. A test that compares it with a file shows in a review how the interface changes.
func ExampleSchema_JSONSchema() {
	type signUp struct {
		Email string `json:"email" validate:"required,email"`
		Age   *int   `json:"age" validate:"min=13"`
	}
	s, err := validate.New[signUp](validate.Config{})
	if err != nil {
		panic(err)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, s.JSONSchema(), "", "  "); err != nil {
		panic(err)
	}
	fmt.Println(&indented)
	// Output:
	// {
	//   "$schema": "https://json-schema.org/draft/2020-12/schema",
	//   "type": "object",
	//   "properties": {
	//     "email": {
	//       "type": "string",
	//       "format": "email",
	//       "minLength": 1
	//     },
	//     "age": {
	//       "type": [
	//         "integer",
	//         "null"
	//       ],
	//       "format": "int64",
	//       "minimum": 13
	//     }
	//   },
	//   "required": [
	//     "email"
	//   ],
	//   "additionalProperties": false
	// }
}

// A text that is trimmed first may be longer when it is sent, so that a schema with maxLength would refuse what the server
// takes. Such rules are told in words; a client that wants the limit gets it from a field without trim.
func ExampleSchema_JSONSchema_norm() {
	type comment struct {
		Text string `json:"text" norm:"trim" validate:"required,max=200"`
	}
	s, err := validate.New[comment](validate.Config{})
	if err != nil {
		panic(err)
	}
	var schema struct{ Properties map[string]json.RawMessage }
	if err := json.Unmarshal(s.JSONSchema(), &schema); err != nil {
		panic(err)
	}
	fmt.Println(string(schema.Properties["text"]))
	// Output: {"type":"string","minLength":1,"description":"Normalised: trim. Also checked: max=200."}
}

// A document is put together from the operations and what they share.
func ExampleSchema_OpenAPI() {
	type rename struct {
		ID   int    `path:"id" validate:"min=1"`
		Name string `json:"name" validate:"required"`
	}
	type user struct {
		ID   int    `json:"id"`
		Name string `json:"name"`
		Mail string `json:"mail" access:"read=-"`
	}
	s, err := validate.New[rename](validate.Config{})
	if err != nil {
		panic(err)
	}
	view, err := validate.NewView[user](validate.ViewConfig{})
	if err != nil {
		panic(err)
	}
	var shared validate.Components
	op := s.OpenAPI(&shared)
	op.Responses["200"] = view.OpenAPI(&shared)
	for _, parameter := range op.Parameters {
		fmt.Println(string(parameter))
	}
	fmt.Println(string(op.RequestBody))
	fmt.Println(string(op.Responses["200"]))

	components, err := json.Marshal(&shared) // behind the last operation
	if err != nil {
		panic(err)
	}
	var all struct{ Schemas map[string]json.RawMessage }
	if err := json.Unmarshal(components, &all); err != nil {
		panic(err)
	}
	fmt.Println(string(all.Schemas["rename"]))
	fmt.Println(string(all.Schemas["user"]))
	// Output:
	// {"name":"id","in":"path","required":true,"schema":{"type":"integer","format":"int64","minimum":1}}
	// {"required":true,"content":{"application/json":{"schema":{"$ref":"#/components/schemas/rename"}}}}
	// {"description":"OK","content":{"application/json":{"schema":{"$ref":"#/components/schemas/user"}}}}
	// {"type":"object","properties":{"name":{"type":"string","minLength":1}},"required":["name"],"additionalProperties":false}
	// {"type":"object","properties":{"id":{"type":"integer"},"name":{"type":"string"}},"required":["id","name"]}
}
