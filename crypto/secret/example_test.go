package secret_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
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

func withoutTime(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}
