package transit

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/gopalisade/palisade/crypto/envelope"
	"github.com/gopalisade/palisade/crypto/secret"
)

// Wrapper is an [envelope.KeyWrapper]. It is safe for concurrent use, and keeps no key.
type Wrapper struct {
	id, encrypt, decrypt string
	client               *http.Client
	namespace            string
	token                func(ctx context.Context) (secret.String, error)
	timeout              time.Duration
}

var _ envelope.KeyWrapper = (*Wrapper)(nil)

// ID is Mount and Key, "transit/orders": Vault may move to another address.
func (w *Wrapper) ID() string { return w.id }

// Wrap implements [envelope.KeyWrapper]. What it returns is Vault's own text, "vault:v1:…".
func (w *Wrapper) Wrap(ctx context.Context, key, aad []byte) ([]byte, error) {
	text, err := w.ask(ctx, w.encrypt, "plaintext", base64.StdEncoding.EncodeToString(key), aad, "ciphertext")
	if err != nil {
		return nil, err
	}
	if !isCiphertext(text) {
		return nil, outage(errAnswer)
	}
	return []byte(text), nil
}

// Unwrap implements [envelope.KeyWrapper].
func (w *Wrapper) Unwrap(ctx context.Context, wrapped, aad []byte) ([]byte, error) {
	if !isCiphertext(string(wrapped)) {
		return nil, &envelope.Error{Kind: envelope.ErrForged, Step: "unwrap", Err: errCiphertext}
	}
	text, err := w.ask(ctx, w.decrypt, "ciphertext", string(wrapped), aad, "plaintext")
	if err != nil {
		return nil, err
	}
	key, err := decode(text)
	if err != nil {
		return nil, outage(errAnswer)
	}
	return key, nil
}

const maxAnswer = 64 << 10

// ask sends one question and returns one member of the answer's data.
func (w *Wrapper) ask(ctx context.Context, url, name, value string, aad []byte, want string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, w.timeout)
	defer cancel()
	// Base64 and the checked ciphertext need no escapes.
	body := `{"` + name + `":"` + value + `","associated_data":"` + base64.StdEncoding.EncodeToString(aad) + `"}`
	req, err := w.request(ctx, url, body)
	if err != nil {
		return "", outage(err)
	}
	resp, err := w.client.Do(req)
	if err != nil {
		return "", outage(unquoted(err))
	}
	defer func() { _ = resp.Body.Close() }()                          // nothing was written
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1)) // to its end, or the connection is not used again
	defer clear(answer)
	switch {
	case err != nil:
		return "", outage(unquoted(err))
	case resp.StatusCode != http.StatusOK && isRefusal(string(answer)):
		return "", refusal(resp.StatusCode, want == "plaintext", string(answer))
	case resp.StatusCode != http.StatusOK: // of a proxy, or a firewall
		return "", outage(fmt.Errorf("status %d", resp.StatusCode))
	}
	text, ok := parse(string(answer), want)
	if !ok || len(answer) > maxAnswer {
		return "", outage(errAnswer)
	}
	return text, nil
}

// request carries the token in its header only: URLs are in errors and in the logs of others.
func (w *Wrapper) request(ctx context.Context, url, body string) (*http.Request, error) {
	token, err := w.token(ctx)
	if err != nil {
		return nil, fmt.Errorf("token: %w", err)
	}
	if token.Reveal() == "" || !isVisible(token.Reveal()) {
		return nil, errToken
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Vault-Token", token.Reveal())
	req.Header.Set("X-Vault-Request", "true") // Vault Agent may ask for it
	if w.namespace != "" {
		req.Header.Set("X-Vault-Namespace", w.namespace)
	}
	return req, nil
}

// unquoted keeps the errors of connections. The others quote what the peer has sent, and it may have sent back the token or
// the key.
func unquoted(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	if e, ok := errors.AsType[net.Error](err); ok { // with time-outs
		return e
	}
	if e, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return e
	}
	for _, known := range []error{context.Canceled, http.ErrSchemeMismatch, io.EOF, io.ErrUnexpectedEOF} {
		if errors.Is(err, known) {
			return known
		}
	}
	return errAnswer
}

// refusal tells what a status means. What Vault writes beside it is for people, and may hold what was sent: it is looked at for
// two texts only, and goes nowhere.
func refusal(status int, unwrapping bool, answer string) error {
	e := &envelope.Error{Kind: envelope.ErrRefused, Step: "wrap", Err: fmt.Errorf("status %d", status)}
	if unwrapping {
		e.Step = "unwrap"
	}
	switch status {
	case http.StatusBadRequest:
		if unwrapping && !strings.Contains(answer, "encryption key not found") && !strings.Contains(answer, "disallowed by policy") {
			e.Kind = envelope.ErrForged
		}
		return e
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed,
		http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity:
		return e
	}
	return outage(e.Err)
}

func outage(err error) error {
	return &envelope.Error{Kind: envelope.ErrUnavailable, RetryAfter: time.Second, Err: err}
}

var (
	errAnswer     = errors.New("transit: the answer is not Vault's")
	errToken      = errors.New("transit: the token is empty or not visible ASCII")
	errCiphertext = errors.New("transit: not a ciphertext of Vault's")
)

const maxToken = 8 << 10

// File returns a Config.Token that reads the token from a file for every request, as Vault Agent renews it there. White space
// around it is dropped.
func File(path string) func(context.Context) (secret.String, error) {
	return func(context.Context) (secret.String, error) {
		file, err := os.Open(path)
		if err != nil {
			return secret.String{}, err
		}
		defer func() { _ = file.Close() }() // nothing was written
		text, err := io.ReadAll(io.LimitReader(file, maxToken+1))
		if err == nil && len(text) > maxToken {
			err = errToken
		}
		if err != nil {
			return secret.String{}, err
		}
		return secret.New(strings.TrimSpace(string(text))), nil
	}
}
