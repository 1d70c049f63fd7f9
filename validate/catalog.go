package validate

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"github.com/gopalisade/palisade/internal/conf"
	"github.com/gopalisade/palisade/problem"
)

// Messages are sentences for people, by the code of a fault. A name of a param in braces stands for its value, as in
// "Must be at most {max}."; the sentence of "" serves codes that have none. Where a rule counts, its unit stands behind the
// code, as in "max characters", "max items" and "max bytes".
type Messages map[string]string

// Catalog holds the sentences of several languages and picks one by Accept-Language. Codes are never translated.
type Catalog struct {
	matcher   language.Matcher
	languages []Messages
	names     []string
}

// NewCatalog returns a Catalog of languages by their tags (BCP 47), of which fallback serves clients that ask for none of
// them. English, German, French and Spanish bring sentences of their own, which yours replace one by one.
func NewCatalog(fallback string, languages map[string]Messages) (*Catalog, error) {
	f := conf.Faults{Room: "validate"}
	if _, ok := languages[fallback]; !ok {
		tag, err := language.Parse(fallback)
		base, _ := tag.Base()
		f.Check(err == nil && builtinMessages[base.String()] != nil, "Catalog", fallback, "has no messages")
	}
	order := []string{fallback}
	for name := range languages {
		if name != fallback {
			order = append(order, name)
		}
	}
	slices.Sort(order[1:])
	c := &Catalog{}
	var tags []language.Tag
	for _, name := range order {
		tag, err := language.Parse(name)
		f.Check(err == nil, "Catalog", name, "must be a language tag (BCP 47)")
		base, _ := tag.Base()
		all := maps.Clone(builtinMessages[base.String()])
		if all == nil {
			all = Messages{}
		}
		maps.DeleteFunc(all, func(code, _ string) bool { // yours for "max" is for every unit
			plain, _, counts := strings.Cut(code, " ")
			return counts && languages[name][plain] != ""
		})
		maps.Copy(all, languages[name])
		tags = append(tags, tag)
		c.names, c.languages = append(c.names, tag.String()), append(c.languages, all)
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	c.matcher = language.NewMatcher(tags)
	return c, nil
}

// english serves where a Config names no Catalog.
var english = &Catalog{names: []string{"en"}, languages: []Messages{builtinMessages["en"]}}

// maxAcceptLanguage bounds what is parsed of a header that anybody may send.
const maxAcceptLanguage = 256

// language picks a language for the client; "" where nobody chose any.
func (c *Catalog) language(r *http.Request) string {
	if c == english {
		return ""
	}
	if r == nil {
		return c.names[0]
	}
	accept := r.Header.Get("Accept-Language")
	if len(c.names) == 1 || accept == "" || len(accept) > maxAcceptLanguage {
		return c.names[0]
	}
	tags, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(tags) == 0 {
		return c.names[0]
	}
	_, i, confidence := c.matcher.Match(tags...)
	if confidence == language.No {
		i = 0
	}
	return c.names[i]
}

// sentence tells a fault to people.
func (c *Catalog) sentence(name string, f problem.Field) string {
	messages := c.languages[max(0, slices.Index(c.names, name))]
	unit, _ := f.Params["unit"].(string)
	text := cmp.Or(messages[f.Code+" "+unit], messages[f.Code], messages[""])
	for param, value := range f.Params {
		if !strings.Contains(text, "{"+param+"}") {
			continue
		}
		shown := fmt.Sprint(value)
		if list, ok := value.([]string); ok {
			shown = strings.Join(list, ", ")
		}
		text = strings.ReplaceAll(text, "{"+param+"}", shown)
	}
	return text
}
