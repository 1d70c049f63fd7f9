package eicar_test

import (
	"crypto/md5"
	"encoding/hex"
	"testing"

	"github.com/gopalisade/palisade/internal/eicar"
)

// TestFile compares with the published sum, by which scanners know the file.
func TestFile(t *testing.T) {
	sum := md5.Sum(eicar.File())
	if got := hex.EncodeToString(sum[:]); got != "44d88612fea8a8f36de82e1278abb02f" || len(eicar.File()) != 68 {
		t.Errorf("got %s, %d bytes", got, len(eicar.File()))
	}
}
