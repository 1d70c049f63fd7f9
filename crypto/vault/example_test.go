package vault_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/crypto/secret"
	"github.com/gopalisade/palisade/crypto/vault"
	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/validate"
)

func Example() {
	v, err := vault.New(vault.Config{Ring: exampleRing(), Store: vault.NewMemory(0), Purposes: []string{"charge"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := event.WithRecorder(context.Background(), event.RecorderFunc(func(_ context.Context, e event.Event) {
		fmt.Println("  audit:", e.Code, e.Principal, e.Reason)
	}))
	alice := vault.Owner{ID: "alice"}
	pan, err := vault.ParsePAN("4111 1111 1111 1111")
	if err != nil {
		fmt.Println(err)
		return
	}
	card, err := v.Tokenize(ctx, alice, pan)
	fmt.Println(card.Token[:4], card.Brand, card.Masked, err)

	pan, err = v.Detokenize(ctx, vault.Access{Owner: alice, Token: card.Token, Purpose: "charge", Actor: "billing"})
	fmt.Println(pan, len(pan.Reveal()), err)

	_, err = v.Detokenize(ctx, vault.Access{Owner: alice, Token: card.Token, Purpose: "marketing", Actor: "mailer"})
	fmt.Println(err)
	// Output:
	//   audit: sensitive_create alice card
	// tok_ visa ************1111 <nil>
	//   audit: sensitive_read billing charge
	// ************1111 16 <nil>
	//   audit: authz_fail mailer card_purpose
	// vault: access to the number refused
}

// Which service may have a number for what. A rate limit belongs here too: an error with an HTTP status of its own answers.
func ExampleConfig_authorize() {
	may := map[string]string{"billing": "charge", "support": "chargeback"}
	v, err := vault.New(vault.Config{
		Ring: exampleRing(), Store: vault.NewMemory(0), Purposes: []string{"charge", "chargeback"},
		Authorize: func(_ context.Context, a vault.Access) error {
			if may[a.Actor] != a.Purpose {
				return fmt.Errorf("%s may not read numbers for %s", a.Actor, a.Purpose)
			}
			return nil
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	alice := vault.Owner{ID: "alice"}
	pan, _ := vault.ParsePAN("4111 1111 1111 1111")
	card, _ := v.Tokenize(context.Background(), alice, pan)
	for _, actor := range []string{"billing", "support"} {
		_, err := v.Detokenize(context.Background(), vault.Access{
			Owner: alice, Token: card.Token, Purpose: "charge", Actor: actor,
		})
		fmt.Println(err)
	}
	// Output:
	// <nil>
	// support may not read numbers for charge: vault: access to the number refused
}

// POST /cards takes a number and answers with its token. Validation reads the number into a PAN, so it is never a string
// that something could log.
func Example_handler() {
	v, err := vault.New(vault.Config{Ring: exampleRing(), Store: vault.NewMemory(0), PANShaped: true, Dedupe: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	type request struct {
		Number vault.PAN `json:"number" validate:"required"`
	}
	type answer struct {
		Token  string `json:"token"`
		Brand  string `json:"brand"`
		Number string `json:"number"`
	}
	schema, err := validate.New[request](validate.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	cards, err := validate.Handle(schema, func(ctx context.Context, in request) (validate.Response[answer], error) {
		owner := vault.Owner{ID: "alice"} // from auth.From(ctx)
		c, err := v.Tokenize(ctx, owner, in.Number)
		return validate.Response[answer]{Status: http.StatusCreated, Body: answer{c.Token, c.Brand, c.Masked}}, err
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, body := range []string{`{"number":"5555-5555-5555-4444"}`, `{"number":"5555-5555-5555-4445"}`, `{}`} {
		r := httptest.NewRequest("POST", "/cards", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		cards.ServeHTTP(w, r)
		var got struct {
			answer
			Code   string
			Errors []struct{ Pointer, Code string }
		}
		_ = json.Unmarshal(w.Body.Bytes(), &got)
		token := got.Token[:min(2, len(got.Token))] // and ten random digits
		fmt.Println(w.Code, token, got.Brand, got.Number, got.Code, got.Errors)
	}
	// Output:
	// 201 99 mastercard ************4444  []
	// 422    invalid_input [{/number format}]
	// 422    invalid_input [{/number required}]
}

// Wrong: a hash of the number, to find a customer's card again. Who has the database tries all numbers.
func Example_hashOfANumber() {
	pan, _ := vault.ParsePAN("4111 1111 1111 1111")
	// sha256.Sum256([]byte(pan.Reveal())) is found in 100 000 tries, beside a mask with BIN and last four.
	v, err := vault.New(vault.Config{Ring: exampleRing(), Store: vault.NewMemory(0), Dedupe: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	first, _ := v.Tokenize(context.Background(), vault.Owner{ID: "alice"}, pan)
	again, _ := v.Tokenize(context.Background(), vault.Owner{ID: "alice"}, pan)
	fmt.Println(first.Token == again.Token)
	other, _ := v.Tokenize(context.Background(), vault.Owner{ID: "bob"}, pan)
	fmt.Println(first.Token == other.Token)
	// Output:
	// true
	// false
}

// Wrong: to store the number as it prints. What comes back is no number.
func ExamplePAN_MarshalText() {
	pan, _ := vault.ParsePAN("4111 1111 1111 1111")
	row, _ := json.Marshal(map[string]any{"number": pan})
	fmt.Println(string(row))
	var back struct{ Number vault.PAN }
	fmt.Println(json.Unmarshal(row, &back))
	// Output:
	// {"number":"************1111"}
	// vault: not the number of a payment card
}

func ExamplePAN_MaskBIN() {
	pan, _ := vault.ParsePAN("4000 0573 8203 0668")
	fmt.Println(pan.Masked())
	fmt.Println(pan.MaskBIN(6))
	fmt.Println(pan.MaskBIN(8))
	short, _ := vault.ParsePAN("4222222222222") // 13 digits: one would be left to guess
	fmt.Println(short.MaskBIN(8))
	// Output:
	// ************0668
	// 400005******0668
	// 40000573****0668
	// *********2222
}

// A new key takes over. When every record is under it, the old one may go.
func ExampleVault_Reseal() {
	ring := exampleRing()
	v, err := vault.New(vault.Config{Ring: ring, Store: vault.NewMemory(0), Purposes: []string{"charge"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	pan, _ := vault.ParsePAN("4111 1111 1111 1111")
	card, _ := v.Tokenize(ctx, vault.Owner{ID: "alice"}, pan)

	if err := ring.Add(field.Key{ID: 2, Secret: exampleKey(), State: field.Primary}); err != nil {
		fmt.Println(err)
	}
	for p := (vault.Progress{}); !p.Done; {
		if p, err = v.Reseal(ctx, p); err != nil {
			fmt.Println(err) // store p, and go on later
			break
		}
		fmt.Println(p.Seen, p.Resealed, p.Unreadable)
	}
	fmt.Println(ring.Disable(1))
	a := vault.Access{Owner: vault.Owner{ID: "alice"}, Token: card.Token, Purpose: "charge", Actor: "billing"}
	pan, err = v.Detokenize(ctx, a)
	fmt.Println(pan, err)
	// Output:
	// 1 1 0
	// <nil>
	// ************1111 <nil>
}

func exampleRing() *field.Ring {
	ring, _ := field.New(field.Config{Keys: []field.Key{{ID: 1, Secret: exampleKey(), State: field.Primary}}})
	return ring
}

// exampleKey stands for one from a secret store.
func exampleKey() secret.Bytes {
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	return secret.New(key)
}
