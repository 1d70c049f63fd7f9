package password

import (
	"sync"
	"time"

	"github.com/gopalisade/palisade/internal/conf"
)

// Config describes a [Hasher]. The zero Config is the recommendation of OWASP's cheat sheet.
type Config struct {
	_ [0]func() // keyed literals only, never comparable

	Memory      uint32 // of one new hash, in KiB; 19456 (19 MiB)
	Time        uint32 // passes over it; 2
	Parallelism uint8  // lanes; 1, so that a hash costs the same on every machine

	MemoryBudget uint32        // of all hashes at work, in KiB; 262144 (256 MiB)
	MaxQueue     int           // callers waiting for memory before the next is refused; 64
	MaxWait      time.Duration // longest wait; 5 s
	MaxLength    int           // longest password in bytes, 64 to 4096; 1024

	MaxBcryptCost int // highest cost of a stored bcrypt hash that is verified, 4 to 18; 14
}

// New returns a Hasher, or every fault of cfg joined.
func New(cfg Config) (*Hasher, error) {
	cfg.defaults()
	f := conf.Faults{Room: "password"}
	f.Check(cfg.Parallelism <= maxLanes, "Parallelism", cfg.Parallelism, "must be at most 16")
	f.Check(cfg.Time <= maxTime, "Time", cfg.Time, "must be at most 16")
	f.Check(cfg.Memory >= 8*uint32(cfg.Parallelism), "Memory", cfg.Memory, "must be at least 8 KiB for each lane")
	f.Check(cfg.MemoryBudget <= 1<<24, "MemoryBudget", cfg.MemoryBudget, "must be at most 16 GiB")
	f.Check(cfg.Memory <= cfg.MemoryBudget, "Memory", cfg.Memory, "must not exceed MemoryBudget")
	f.Check(cfg.MaxQueue > 0, "MaxQueue", cfg.MaxQueue, "must be positive")
	f.Check(cfg.MaxWait > 0, "MaxWait", cfg.MaxWait, "must be positive")
	f.Check(cfg.MaxLength >= 64 && cfg.MaxLength <= 4096, "MaxLength", cfg.MaxLength, "must be between 64 and 4096")
	f.Check(cfg.MaxBcryptCost >= 4 && cfg.MaxBcryptCost <= 18, "MaxBcryptCost", cfg.MaxBcryptCost, "must be between 4 and 18")
	if err := f.Err(); err != nil {
		return nil, err
	}
	h := &Hasher{
		params:    params{memory: cfg.Memory, time: cfg.Time, lanes: cfg.Parallelism},
		line:      newLine(int64(cfg.MemoryBudget), cfg.MaxQueue, cfg.MaxWait),
		ceiling:   cfg.MemoryBudget,
		maxLength: cfg.MaxLength,
		maxCost:   cfg.MaxBcryptCost,
	}
	h.unknown = sync.OnceValue(h.dummy)
	return h, nil
}

func (cfg *Config) defaults() {
	conf.Default(&cfg.Memory, 19456)
	conf.Default(&cfg.Time, 2)
	conf.Default(&cfg.Parallelism, 1)
	conf.Default(&cfg.MemoryBudget, 256<<10)
	conf.Default(&cfg.MaxQueue, 64)
	conf.Default(&cfg.MaxWait, 5*time.Second)
	conf.Default(&cfg.MaxLength, 1024)
	conf.Default(&cfg.MaxBcryptCost, 14)
}
