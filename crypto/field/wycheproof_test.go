package field_test

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"github.com/gopalisade/palisade/crypto/field"
	"github.com/gopalisade/palisade/internal/vectortest"
)

// octets is a hexadecimal string of a vector file.
type octets []byte

func (o *octets) UnmarshalText(text []byte) (err error) {
	*o, err = hex.DecodeString(string(text))
	return err
}

type vectors struct {
	TestGroups []struct {
		IVSize, TagSize, KeySize int
		Tests                    []struct {
			TcID                                             int
			Comment                                          string
			Key, IV, AAD, Msg, CT, Tag, IKM, Salt, Info, OKM octets
			Size                                             int
			Result                                           string
		}
	}
}

// loadVectors reads a vector file.
func loadVectors(t *testing.T, name string) (v vectors) {
	t.Helper()
	vectortest.Wycheproof(t, name, &v)
	return v
}

func TestWycheproofGCM(t *testing.T) {
	ran := 0
	for _, group := range loadVectors(t, "aes_gcm_test.json").TestGroups {
		if group.IVSize != 96 || group.TagSize != 128 {
			continue // neither is there a way to choose
		}
		for _, tc := range group.Tests {
			ran++
			body := bytes.Join([][]byte{tc.IV, tc.CT, tc.Tag}, nil)
			got, err := field.NewGCM(tc.Key).Open(nil, nil, body, tc.AAD)
			if valid := tc.Result == "valid"; (err == nil) != valid || valid && !bytes.Equal(got, tc.Msg) {
				t.Errorf("%d %s: got %x, %v, want %s %x", tc.TcID, tc.Comment, got, err, tc.Result, tc.Msg)
			}
		}
	}
	if ran != 197 {
		t.Errorf("%d vectors, want 197", ran)
	}
}

func TestWycheproofHKDF(t *testing.T) {
	ran := 0
	for _, group := range loadVectors(t, "hkdf_sha256_test.json").TestGroups {
		for _, tc := range group.Tests {
			if tc.Result != "valid" {
				continue // more than 255 blocks: the ring asks for two
			}
			ran++
			prk, err := hkdf.Extract(sha256.New, tc.IKM, tc.Salt)
			if err != nil {
				t.Fatal(err)
			}
			if got := field.Expand(prk, tc.Info, tc.Size); !bytes.Equal(got, tc.OKM) {
				t.Errorf("%d %s: got %x, want %x", tc.TcID, tc.Comment, got, tc.OKM)
			}
		}
	}
	if ran < 80 {
		t.Errorf("%d vectors, want 80 at least", ran)
	}
}

func TestWycheproofHMAC(t *testing.T) {
	ran := 0
	for _, group := range loadVectors(t, "hmac_sha256_test.json").TestGroups {
		for _, tc := range group.Tests {
			ran++
			got := field.MAC(tc.Key, tc.Msg)[:group.TagSize/8] // an index cuts it off, too
			if valid := tc.Result == "valid"; bytes.Equal(got, tc.Tag) != valid {
				t.Errorf("%d %s: got %x, want %s %x", tc.TcID, tc.Comment, got, tc.Result, tc.Tag)
			}
		}
	}
	if ran != 174 {
		t.Errorf("%d vectors, want 174", ran)
	}
}
