package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gopalisade/palisade/auth/token"
)

// loadKeys returns the ring of the signing key in dir, which is drawn at the first start and stays, mode 0600.
func loadKeys(dir string) (*token.Keyring, error) {
	path := filepath.Join(dir, "token-key.pem")
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		data, err = createKey(path)
	}
	if err != nil {
		return nil, err
	}
	key, err := token.ParsePEM("", token.EdDSA, data)
	if err != nil {
		return nil, err
	}
	return token.NewKeyring(key)
}

// createKey writes a new key beside path and links it there. Of several processes that start at once one wins, and all
// read the same key; a crash leaves no half of a key.
func createKey(path string) ([]byte, error) {
	key, err := token.GenerateKey("", token.EdDSA)
	if err != nil {
		return nil, err
	}
	data, err := key.MarshalPrivatePEM()
	if err != nil {
		return nil, err
	}
	file, err := os.CreateTemp(filepath.Dir(path), "new-key-*") // mode 0600
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.Remove(file.Name()) }()
	_, err = file.Write(data)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return nil, err
	}
	if err := os.Link(file.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return os.ReadFile(path)
}
