package secret_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"

	"github.com/gopalisade/palisade/crypto/secret"
)

func Example() {
	var config struct {
		User     string
		Password secret.String
	}
	if err := json.Unmarshal([]byte(`{"User":"app","Password":"correct horse"}`), &config); err != nil {
		panic(err)
	}
	fmt.Printf("%+v\n", config)
	log := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: withoutTime}))
	log.Info("connecting", "password", config.Password)
	fmt.Println("length:", len(config.Password.Reveal()))
	// Output:
	// {User:app Password:[redacted]}
	// level=INFO msg=connecting password=[redacted]
	// length: 13
}

// A secret compares in constant time, and an unset one with nothing.
func ExampleSecret_Equal() {
	var unset secret.String
	key := secret.New("k-4711")
	fmt.Println(key.Equal(secret.New("k-4711")), key.Equal(secret.New("k-4712")))
	fmt.Println(unset.Equal(secret.New("")))
	// Output:
	// true false
	// false
}

// Revealing a secret where it is kept, instead of where it is used, gives up all protection: the symptom is the
// password in the log.
func Example_revealedTooEarly() {
	type config struct{ Password string }
	c := config{secret.New("correct horse").Reveal()}
	fmt.Printf("%+v\n", c)
	// Output:
	// {Password:correct horse}
}

// A handler of slog keeps out what was logged by mistake.
func ExampleHandler() {
	redact, err := secret.NewHandler(secret.HandlerConfig{
		Next: slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: withoutTime}),
		Hide: []string{"iban"},
	})
	if err != nil {
		panic(err)
	}
	log := slog.New(redact)
	log.Info("card 4111 1111 1111 1111 was refused", "customer_iban", "DE02120300000000202051")
	log.Info("request", "header", http.Header{"Accept": {"*/*"}, "Authorization": {"Bearer eyJhbGciOi"}})
	log.Info("login", "form", struct{ User, Password string }{"ada", "correct horse"})
	// Output:
	// {"level":"INFO","msg":"card [redacted] was refused","customer_iban":"[redacted]"}
	// {"level":"INFO","msg":"request","header":{"Accept":["*/*"],"Authorization":["[redacted]"]}}
	// {"level":"INFO","msg":"login","form":{"Password":"[redacted]","User":"ada"}}
}

// A secret without a name goes through the handler: the symptom is the password in the log. Keep it in a Secret.
func ExampleHandler_inTheMessage() {
	redact, err := secret.NewHandler(secret.HandlerConfig{
		Next: slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: withoutTime}),
	})
	if err != nil {
		panic(err)
	}
	password := "correct horse"
	slog.New(redact).Info("cannot log in with " + password)
	slog.New(redact).Info(fmt.Sprint("cannot log in with ", secret.New(password)))
	// Output:
	// level=INFO msg="cannot log in with correct horse"
	// level=INFO msg="cannot log in with [redacted]"
}

// A mistyped id is noticed before the database is asked.
func ExampleNewID() {
	id := secret.NewID("order")
	fmt.Println(len(id), secret.CheckID("order", id), secret.CheckID("invoice", id))
	fmt.Println(secret.CheckID("order", "order_00000000000000000000000000000000000"))
	// Output:
	// 39 <nil> secret: not an id of this kind
	// secret: not an id of this kind
}

func withoutTime(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}
