package main

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gopalisade/palisade/auth/token"
)

// Files of the data folder, mode 0600. Each is drawn at the first start and stays: several machines need the same ones.
const (
	tokenKeyFile   = "token-key.pem" // signs access tokens
	sessionKeyFile = "session.key"   // makes refresh tokens
	guardKeyFile   = "guard.key"     // signs device cookies and hides names in stores
	limitKeyFile   = "limit.key"     // hides addresses in a shared store
)

// loadKeys returns the ring of the signing key in dir.
func loadKeys(dir string) (*token.Keyring, error) {
	data, err := loadFile(filepath.Join(dir, tokenKeyFile), func() ([]byte, error) {
		key, err := token.GenerateKey("", token.EdDSA)
		if err != nil {
			return nil, err
		}
		return key.MarshalPrivatePEM()
	})
	if err != nil {
		return nil, err
	}
	key, err := token.ParsePEM("", token.EdDSA, data)
	if err != nil {
		return nil, err
	}
	return token.NewKeyring(key)
}

// loadSecret returns the 32 bytes of a file in dir.
func loadSecret(dir, name string) ([]byte, error) {
	secret, err := loadFile(filepath.Join(dir, name), func() ([]byte, error) {
		fresh := make([]byte, 32)
		_, _ = rand.Read(fresh) // never fails
		return fresh, nil
	})
	if err == nil && len(secret) != 32 {
		err = errors.New(name + " must hold 32 bytes")
	}
	return secret, err
}

// loadFile reads a file, which it makes when it is not there.
func loadFile(path string, draw func() ([]byte, error)) ([]byte, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if data, err = draw(); err == nil {
			data, err = createFile(path, data)
		}
	}
	return data, err
}

// createFile puts what was drawn at path. Of several processes that start at once one wins, and all read the same.
func createFile(path string, data []byte) ([]byte, error) {
	if err := linkFile(path, data); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return os.ReadFile(path)
}

// linkFile writes a file beside path and links it there: it is whole from the beginning, and fs.ErrExist when there is one.
func linkFile(path string, data []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), "new-key-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }()
	_, err = file.Write(data)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := os.Link(file.Name(), path); err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(path)) // the name must outlive a loss of power, as what is sealed with the key does
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
