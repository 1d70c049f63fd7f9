package field

import (
	"fmt"
	"hash/maphash"
	"slices"

	"github.com/gopalisade/palisade/internal/conf"
)

// Config describes a [Ring]. Keys is needed.
type Config struct {
	_ [0]func() // keyed literals only, never comparable

	Keys []Key // one of them Primary

	// Suite seals new values; AES256GCM, which goes on with XAES256GCM when a subkey has sealed MaxSeals values.
	// A ring of AES256GCMCommit opens no other suite, since a value of another may open under two keys.
	Suite Suite
	// AlsoOpen are suites that a ring of AES256GCMCommit opens nevertheless, while its values are resealed.
	AlsoOpen []Suite

	MaxPlaintext int // bytes of one value, at most 16 MiB; 16 MiB
	MaxContexts  int // derived keys kept ready, each of about 1.5 KiB, 16 to 1048576; 4096

	// MaxSeals is how many values this ring seals with one derived key of a 96-bit nonce; 2^31, at most 2^32. The other
	// half of what SP 800-38D section 8.3 allows is left for earlier runs, other processes, and other rings of the same
	// key, which each count for themselves: divide further where there are many, or choose XAES256GCM.
	MaxSeals uint64
}

// New returns a Ring, or every fault of cfg joined.
func New(cfg Config) (*Ring, error) {
	conf.Default(&cfg.Suite, AES256GCM)
	conf.Default(&cfg.MaxPlaintext, maxPlaintext)
	conf.Default(&cfg.MaxContexts, 4096)
	conf.Default(&cfg.MaxSeals, 1<<31)
	f := conf.Faults{Room: "field"}
	first := checkKeys(&f, cfg.Keys)
	f.Check(cfg.Suite.known(), "Suite", cfg.Suite, "is unknown")
	for i, s := range cfg.AlsoOpen {
		name := fmt.Sprintf("AlsoOpen[%d]", i)
		f.Check(s.known(), name, s, "is unknown")
		f.Check(cfg.Suite == AES256GCMCommit, name, s, "is for rings of AES256GCMCommit; the others open every suite")
	}
	f.Check(cfg.MaxPlaintext > 0 && cfg.MaxPlaintext <= maxPlaintext, "MaxPlaintext", cfg.MaxPlaintext,
		"must be between 1 and 16777216")
	f.Check(cfg.MaxContexts >= 16 && cfg.MaxContexts <= 1<<20, "MaxContexts", cfg.MaxContexts,
		"must be between 16 and 1048576")
	f.Check(cfg.MaxSeals <= 1<<32, "MaxSeals", cfg.MaxSeals, "must be at most 4294967296")
	if err := f.Err(); err != nil {
		wipe(first.entries)
		return nil, err
	}
	r := &Ring{suite: cfg.Suite, maxPlaintext: cfg.MaxPlaintext, maxSeals: cfg.MaxSeals}
	r.ahead = uint32(min(64, 1+cfg.MaxSeals/1024))
	for s := AES256GCM; s <= AES256GCMCommit; s++ {
		r.opens[s] = cfg.Suite != AES256GCMCommit || s == AES256GCMCommit || slices.Contains(cfg.AlsoOpen, s)
	}
	r.cache = newCache(cfg.MaxContexts, maphash.MakeSeed())
	r.scratch.New = func() any { return new(scratch) }
	r.state.Store(first)
	return r, nil
}

const maxKeys = 256 // a scan of them must stay cheap

func checkKeys(f *conf.Faults, keys []Key) *snapshot {
	f.Check(len(keys) <= maxKeys, "Keys", len(keys), "must be at most 256")
	s := &snapshot{}
	primaries := 0
	for i, k := range keys[:min(len(keys), maxKeys)] {
		checkKey(f, fmt.Sprintf("Keys[%d]", i), k, s.entries)
		own := newRingKey(k)
		s.entries = append(s.entries, entry{own, k.State})
		if k.State == Primary {
			s.primary = own
			primaries++
		}
	}
	f.Check(primaries == 1, "Keys", primaries, "must have one Primary")
	return s
}
