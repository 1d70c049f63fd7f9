package validate_test

import (
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/crypto/secret"
	"github.com/gopalisade/palisade/validate"
)

// tagged compiles a struct of one or two fields: A with the tags, and B of the same type without any rule.
func tagged(t reflect.Type, tags string, cfg validate.Config) error {
	_, err := validate.NewDynamic(reflect.StructOf([]reflect.StructField{
		{Name: "A", Type: t, Tag: reflect.StructTag(tags + ` json:"a"`)},
		{Name: "B", Type: t, Tag: `json:"b"`},
	}), cfg)
	return err
}

type rulePlace struct {
	B string `json:"b"`
}

func TestRuleFaults(t *testing.T) {
	text, number, float := reflect.TypeFor[string](), reflect.TypeFor[int](), reflect.TypeFor[float64]()
	list, table := reflect.TypeFor[[]string](), reflect.TypeFor[map[string]int]()
	for _, tc := range []struct {
		name  string
		typ   reflect.Type
		rules string
		want  string // a stable part of the fault; none where the tag is well
	}{
		{"unknown rule", text, "nope", "nope: is no rule"},
		{"unknown rule with a parameter", text, "nope=1", "nope: is no rule"},
		{"empty rule", text, "max=1,", `"" is no rule`},
		{"spaces", text, "max=1, min=1", `is no rule`},
		{"empty alternative", text, "email|", `"" is no rule`},
		{"unknown alternative", text, "email|nope", "nope: is no rule"},
		{"required with a parameter", text, "required=1", "takes no parameter and no alternative"},
		{"required as an alternative", text, "required|email", "takes no parameter and no alternative"},
		{"min without a parameter", number, "min", "does not fit int"},
		{"min of a word", number, "min=x", "does not fit int"},
		{"min of a fraction", number, "min=1.5", "does not fit int"},
		{"min of an exponent", number, "min=1e3", "does not fit int"},
		{"max above the type", reflect.TypeFor[int8](), "max=128", "does not fit int8"},
		{"max below unsigned", reflect.TypeFor[uint](), "max=-1", "does not fit uint"},
		{"negative length", text, "max=-1", "does not fit string"},
		{"NaN", float, "max=NaN", "no finite number"},
		{"infinity", float, "max=Inf", "no finite number"},
		{"min of a bool", reflect.TypeFor[bool](), "min=true", "only equal or not"},
		{"eq of a bool", reflect.TypeFor[bool](), "eq=maybe", "does not fit bool"},
		{"min of a struct", reflect.TypeFor[rulePlace](), "min=1", "cannot compare"},
		{"min of an address", reflect.TypeFor[netip.Addr](), "min=1", "cannot compare"},
		{"time with a parameter", reflect.TypeFor[time.Time](), "gt=2024-01-01", "compares a time with now only"},
		{"time equal to now", reflect.TypeFor[time.Time](), "eq", "cannot compare"},
		{"email of a number", number, "email", "needs text, not int"},
		{"email with a parameter", text, "email=x", "takes no parameter"},
		{"email of a list", list, "email", "needs text, not []string"},
		{"oneof of a float", float, "oneof=1 2", "needs text or whole numbers"},
		{"oneof of nothing", text, "oneof=", "needs a list"},
		{"oneof without a parameter", text, "oneof", "needs a list"},
		{"oneof with an open quote", text, "oneof='a b", "needs a list"},
		{"oneof of a word for a number", number, "oneof=1 x", "does not fit int"},
		{"oneof of a minus for unsigned", reflect.TypeFor[uint8](), "oneof=1 -1", "does not fit uint8"},
		{"oneof out of range", reflect.TypeFor[uint8](), "oneof=256", "does not fit uint8"},
		{"contains of a number", number, "contains=1", "needs text and a parameter"},
		{"contains of nothing", text, "contains=", "needs text and a parameter"},
		{"maxbytes of a list", list, "maxbytes=1", "needs text"},
		{"maxbytes of a word", text, "maxbytes=x", "does not fit string"},
		{"unique of text", text, "unique", "does not fit string"},
		{"unique of secrets", reflect.TypeFor[[]secret.String](), "unique", "unique"},
		{"unique by a field that is not there", reflect.TypeFor[[]rulePlace](), "unique=Nope", "unique"},
		{"unique by a field", reflect.TypeFor[[]rulePlace](), "unique=B", ""},
		{"checksum of a number", number, "isbn", "needs text"},
		{"checksum of a list", list, "isbn", "needs text"},
		{"opens files", text, "file", "asks the file system"},
		{"opens directories", text, "dir", "asks the file system"},
		{"asks name servers", text, "tcp_addr", "asks a name server"},
		{"asks name servers, as an alternative", text, "email|ip_addr", "is no rule here"},
		{"uri", text, "uri", "use url"},
		{"structonly", reflect.TypeFor[rulePlace](), "structonly", "unchecked"},
		{"isdefault", text, "isdefault", "leave the field out"},
		{"datetime", text, "datetime=2006-01-02", "takes Go's layouts"},
		{"method by name", text, "validateFn=X", "is no rule here"},
		{"field elsewhere", text, "eqcsfield=X.Y", "give the type a Validate method"},
		{"dive of text", text, "dive,email", "dive needs a slice"},
		{"dive of a pointer to text", reflect.TypeFor[*string](), "dive,email", "dive needs a slice"},
		{"keys without dive", table, "keys,max=1,endkeys", "stands behind"},
		{"keys without endkeys", table, "dive,keys,max=1", "keys has no endkeys"},
		{"keys without endkeys, of a slice", list, "dive,keys", "keys has no endkeys"},
		{"keys of a slice", list, "dive,keys,max=1,endkeys", ""},
		{"rule of elements that does not fit", list, "dive,unique", "does not fit string"},
		{"rule of keys that does not fit", table, "dive,keys,unique,endkeys", "does not fit string"},
		{"dive twice into one", list, "dive,dive,email", "dive needs a slice"},
		{"eqfield without a name", text, "eqfield", "needs the Go name of a sibling"},
		{"eqfield of nobody", text, "eqfield=Nope", "has no field Nope"},
		{"eqfield by the name on the wire", text, "eqfield=b", "has no field b"},
		{"eqfield of two", text, "eqfield=B B", "compares with one sibling"},
		{"eqfield with an alternative", text, "eqfield=B|email", "stands alone"},
		{"eqfield of lists", list, "eqfield=B", "cannot compare"},
		{"required_if of nobody", text, "required_if=Nope x", "has no field Nope"},
		{"required_if without a value", text, "required_if=B", "needs pairs"},
		{"required_if of a word for a number", number, "required_if=B x", "does not fit int"},
		{"required_if of a float", float, "required_if=B 1", "cannot compare"},
		{"required_with of nothing", text, "required_with=", "needs the Go name of a sibling"},
		{"excluded_with of nobody", text, "excluded_with=Nope", "has no field Nope"},
		{"good rules", text, "required,min=1,max=0x2C5|email", "does not fit string"},
		{"well", text, "omitempty,min=1,max=5,email|uuid", ""},
		{"none", text, "-", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			wantFault(t, tagged(tc.typ, `validate:"`+tc.rules+`"`, validate.Config{}), tc.want)
		})
	}
}

func wantFault(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("got %v, want no fault", err)
	case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
		t.Errorf("got %v, want a fault with %q", err, want)
	}
}

func TestOtherTagFaults(t *testing.T) {
	text, number := reflect.TypeFor[string](), reflect.TypeFor[int]()
	own := validate.Config{Can: nobody, Rules: map[string]validate.Rule{
		"even": validate.RuleFor(func(n int) bool { return n%2 == 0 }),
		"above": validate.RuleWith(func(param string) (func(string) bool, error) {
			if param == "" {
				return nil, errors.New("needs a text")
			}
			return func(s string) bool { return s > param }, nil
		}),
	}}
	perms := make([]string, 65)
	for i := range perms {
		perms[i] = fmt.Sprintf("p%d", i)
	}
	for _, tc := range []struct {
		name string
		typ  reflect.Type
		tags string
		want string
	}{
		{"norm of a number", number, `norm:"trim"`, "norm: needs text, not int"},
		{"norm of a struct", reflect.TypeFor[rulePlace](), `norm:"trim"`, "norm: needs text"},
		{"norm of numbers", reflect.TypeFor[[]int](), `norm:"trim"`, "norm: needs text, not int"},
		{"norm of bytes", reflect.TypeFor[[]byte](), `norm:"trim"`, "norm: needs text"},
		{"unknown norm", text, `norm:"trim,nope"`, `norm: "nope" is no step`},
		{"norm with a parameter", text, `norm:"trim=1"`, "trim takes no parameter"},
		{"unknown profile", text, `norm:"html=all"`, "html=all is no profile"},
		{"norm of texts", reflect.TypeFor[[]string](), `norm:"trim" validate:"max=3,dive,max=3"`, ""},
		{"default beside required", text, `default:"x" validate:"required"`, "never used"},
		{"default beside present", text, `default:"x" validate:"present"`, "never used"},
		{"default that breaks its rule", number, `default:"0" validate:"min=1"`, `default "0" breaks its own rule min`},
		{"default of another type", number, `default:"x"`, `default "x" breaks its own rule type`},
		{"default of a bool", reflect.TypeFor[bool](), `default:"1"`, `breaks its own rule type`},
		{"default of a time", reflect.TypeFor[time.Time](), `default:"now"`, `breaks its own rule format`},
		{"default of a pointer", reflect.TypeFor[*int](), `default:"1"`, "cannot have a default"},
		{"default of a list", reflect.TypeFor[[]int](), `default:"1"`, "cannot have a default"},
		{"default of a secret", reflect.TypeFor[secret.String](), `default:"hunter2"`, "cannot have a default"},
		{"default of bytes", reflect.TypeFor[[]byte](), `default:"aGk="`, "cannot have a default"},
		{"default, well", number, `default:"3" validate:"min=1"`, ""},
		{"own rule on another type", text, `validate:"even"`, "is a rule for int, not string"},
		{"own rule with a parameter", number, `validate:"even=2"`, "takes no parameter"},
		{"own rule that refuses its parameter", text, `validate:"above"`, "needs a text"},
		{"own rules", text, `validate:"above=a"`, ""},
		{"own rule on a secret", reflect.TypeFor[secret.String](), `validate:"above=a"`, ""},
		{"access without a verb", text, `access:"admin"`, "access: must be"},
		{"access with another verb", text, `access:"delete=admin"`, "access: must be"},
		{"access twice", text, `access:"read=a;read=b"`, "access: must be"},
		{"access of nothing", text, `access:"read="`, `"" is no permission`},
		{"access with a space", text, `access:"read=a, b"`, `" b" is no permission`},
		{"access with a star", text, `access:"read=*"`, `"*" is no permission`},
		{"access of nobody and somebody", text, `access:"read=-,a"`, `"-" is no permission`},
		{"too many permissions", text, `access:"read=` + strings.Join(perms, ",") + `"`, "more than 64 permissions"},
		{"64 permissions", text, `access:"read=` + strings.Join(perms[:64], ",") + `"`, ""},
	} {
		t.Run(tc.name, func(t *testing.T) { wantFault(t, tagged(tc.typ, tc.tags, own), tc.want) })
	}
}

func TestPatternFaults(t *testing.T) {
	for _, tc := range []struct{ name, expr, want string }{
		{"no expression", "(", "pattern"},
		{"look-ahead", "(?=a)", "pattern"},
		{"too long", strings.Repeat("a", 1001), "at most 1000 bytes"},
		{"too much", "(a{1000}){1000}", "pattern"},
		{"well", "[a-z]+|[0-9]+", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := validate.Pattern(tc.expr)
			wantFault(t, err, tc.want)
		})
	}
}

func TestCatalogFaults(t *testing.T) {
	for _, tc := range []struct {
		name, fallback string
		languages      map[string]validate.Messages
		want           string
	}{
		{"fallback without messages", "it", nil, `"it" has no messages`},
		{"no fallback", "", nil, "must be a language tag"},
		{"no tag", "en", map[string]validate.Messages{"not a language": nil}, "must be a language tag"},
		{"ours", "fr", nil, ""},
		{"one's own", "it", map[string]validate.Messages{"it": {"": "No."}}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := validate.NewCatalog(tc.fallback, tc.languages)
			wantFault(t, err, tc.want)
		})
	}
}
