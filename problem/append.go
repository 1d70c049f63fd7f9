package problem

import (
	"encoding/json"
	"slices"
	"strconv"
)

// appendJSON appends p as [json.Marshal] writes it, without its detours: refusals should cost less than answers.
func (p *Problem) appendJSON(b []byte) ([]byte, error) {
	b = append(b, '{')
	b = appendMember(b, "type", p.Type)
	b = appendText(append(b, `"title":`...), p.Title)
	b = strconv.AppendInt(append(b, `,"status":`...), int64(p.Status), 10)
	b = appendText(append(b, `,"code":`...), p.Code)
	b = appendOptional(b, "detail", p.Detail)
	b = appendOptional(b, "instance", p.Instance)
	for i := range p.Errors {
		if i == 0 {
			b = append(b, `,"errors":[`...)
		} else {
			b = append(b, ',')
		}
		var err error
		if b, err = p.Errors[i].appendJSON(b); err != nil {
			return nil, err
		}
	}
	if len(p.Errors) > 0 {
		b = append(b, ']')
	}
	if p.Truncated {
		b = append(b, `,"truncated":true`...)
	}
	return append(b, '}'), nil
}

func (f *Field) appendJSON(b []byte) ([]byte, error) {
	b = append(b, '{')
	b = appendMember(b, "in", f.In)
	b = appendMember(b, "pointer", f.Pointer)
	b = appendMember(b, "name", f.Name)
	b = appendText(append(b, `"code":`...), f.Code)
	if len(f.Params) > 0 {
		var err error
		if b, err = appendParams(append(b, `,"params":`...), f.Params); err != nil {
			return nil, err
		}
	}
	b = appendOptional(b, "detail", f.Detail)
	return append(b, '}'), nil
}

// appendMember appends a member with a comma behind it, unless it is empty.
func appendMember(b []byte, name, text string) []byte {
	if text == "" {
		return b
	}
	b = append(append(append(b, '"'), name...), `":`...)
	return append(appendText(b, text), ',')
}

// appendOptional appends a member with a comma before it, unless it is empty.
func appendOptional(b []byte, name, text string) []byte {
	if text == "" {
		return b
	}
	b = append(append(append(b, `,"`...), name...), `":`...)
	return appendText(b, text)
}

// appendText appends a string; what needs escapes is encoding/json's.
func appendText(b []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			quoted, _ := json.Marshal(text) // a string never fails
			return append(b, quoted...)
		}
	}
	return append(append(append(b, '"'), text...), '"')
}

// appendParams appends the limits of a rule, sorted by name.
func appendParams(b []byte, params map[string]any) ([]byte, error) {
	var few [4]string
	names := few[:0]
	for name := range params {
		names = append(names, name)
	}
	slices.Sort(names)
	for i, name := range names {
		b = append(appendText(append(b, "{,"[min(i, 1)]), name), ':')
		switch v := params[name].(type) {
		case string:
			b = appendText(b, v)
		case int:
			b = strconv.AppendInt(b, int64(v), 10)
		case int64:
			b = strconv.AppendInt(b, v, 10)
		case uint64:
			b = strconv.AppendUint(b, v, 10)
		default:
			other, err := json.Marshal(v)
			if err != nil {
				return nil, err
			}
			b = append(b, other...)
		}
	}
	return append(b, '}'), nil
}
