package clamav_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/gopalisade/palisade/internal/servertest"
	"github.com/gopalisade/palisade/upload/clamav"
)

// probes returns what the self-test sends.
func probes(t *testing.T, maxBytes int64) [][]byte {
	t.Helper()
	var sent [][]byte
	f := newFake()
	f.set(func(c *call) action {
		if c.command != "zINSTREAM" {
			return beHonest
		}
		body, err := c.body()
		if err != nil {
			t.Error(err)
		}
		sent = append(sent, body)
		c.say(honest(body))
		return goOn
	})
	connect(t, f, clamav.Config{MaxBytes: maxBytes})
	return sent
}

// TestProbes has another program open the files of the self-test.
func TestProbes(t *testing.T) {
	for _, size := range []int64{minBytes, 1_000_003, 25 << 20} {
		sent := probes(t, size)
		if len(sent) != streams || string(sent[0]) != servertest.EICAR() {
			t.Fatalf("got %d files, the first of %d bytes", len(sent), len(sent[0]))
		}
		if int64(len(sent[1])) != size {
			t.Errorf("got %d bytes, want %d", len(sent[1]), size)
		}
		entries := unzip(t, sent[1])
		if len(entries) != 2 || entries[1].Method != zip.Store || string(bytesOf(t, entries[1])) != servertest.EICAR() {
			t.Errorf("size %d: got %d entries", size, len(entries))
		}
		padding := bytesOf(t, entries[0])
		if int64(len(padding)) < size-400 || bytes.Count(padding, []byte{0}) != len(padding) {
			t.Errorf("size %d: got %d bytes of padding", size, len(padding))
		}
		data, depth := sent[2], 0
		for ; bytes.HasPrefix(data, []byte("PK")); depth++ {
			if bytes.Contains(data, []byte(servertest.EICAR())) {
				t.Errorf("found without a look inside, %d deep", depth)
			}
			data = bytesOf(t, unzip(t, data)[0])
		}
		if string(data) != servertest.EICAR() || depth <= 100 {
			t.Errorf("got %q in %d zips", data, depth)
		}
	}
}

func unzip(t *testing.T, data []byte) []*zip.File {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return r.File
}

func bytesOf(t *testing.T, f *zip.File) []byte {
	t.Helper()
	r, err := f.Open()
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(r) // the sum too
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestSelfTest gives each file of the self-test each answer.
func TestSelfTest(t *testing.T) {
	const tooLarge = "INSTREAM size limit exceeded. ERROR"
	for _, tc := range []struct {
		name    string
		file    int // of the self-test
		answer  string
		lenient bool
		want    error
	}{
		{"alone passes", 1, "stream: OK", false, clamav.ErrSelfTest},
		{"alone passes, lenient", 1, "stream: OK", true, clamav.ErrSelfTest},
		{"large passes", 2, "stream: OK", false, clamav.ErrSelfTest},
		{"large passes, lenient", 2, "stream: OK", true, clamav.ErrSelfTest},
		{"large is too large", 2, tooLarge, false, clamav.ErrSelfTest},
		{"large is unscannable", 2, "stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND", false, nil},
		{"nested passes", 3, "stream: OK", false, clamav.ErrSelfTest},
		{"nested passes, lenient", 3, "stream: OK", true, nil},
		{"no answer", 2, "", false, clamav.ErrUnavailable},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := newFake()
			f.set(func(c *call) action {
				if c.command != "zINSTREAM" || c.count("zINSTREAM") != tc.file {
					return beHonest
				}
				if _, err := c.body(); err != nil {
					t.Error(err)
				}
				if tc.answer == "" {
					return hangUp
				}
				c.say(tc.answer)
				return goOn
			})
			c, err := clamav.New(t.Context(), clamav.Config{
				Addr: "clamd:3310", MaxBytes: minBytes, Dial: f.dial, DangerouslyIgnoreLimits: tc.lenient,
			})
			if !errors.Is(err, tc.want) || (c == nil) != (tc.want != nil) {
				t.Fatalf("got %v, %v, want %v", c, err, tc.want)
			}
			if c != nil {
				_ = c.Close()
			} else if !errors.Is(err, clamav.ErrUnavailable) || errors.Is(err, clamav.ErrSelfTest) != (tc.want == clamav.ErrSelfTest) {
				t.Errorf("got %v", err)
			}
		})
	}
}
