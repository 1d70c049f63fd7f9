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

	// Iterations, if positive, makes new hashes with PBKDF2-HMAC-SHA-256, for FIPS 140-3; 600000 or more. Argon2id is
	// verified as before, and replaced. New passwords must be text then: see [ErrText].
	Iterations int
	// DangerouslyFewIterations allows fewer: whoever copies the database guesses that many times faster.
	DangerouslyFewIterations bool

	// Sealer, if set, encrypts every stored hash for its account, which [Hasher.For] names.
	Sealer Sealer
	// DangerouslyAcceptUnsealed verifies and reseals stored hashes that were never sealed, too, and asks for a rehash: while
	// those of before are replaced, and no longer. Whoever can write the database can store a hash of their own password
	// in any account meanwhile, and log in.
	DangerouslyAcceptUnsealed bool

	MemoryBudget uint32        // of all hashes at work, in KiB; 262144 (256 MiB). PBKDF2 and bcrypt count 4 MiB each
	MaxQueue     int           // callers waiting for memory before the next is refused; 64
	MaxWait      time.Duration // longest wait; 5 s
	MaxLength    int           // longest password in bytes, 64 to 4096; 1024

	// Stored hashes that cost more are not verified, but count as damaged: a row of the database must not take all day.
	MaxBcryptCost int // of bcrypt, 4 to 18; 14
	MaxIterations int // of PBKDF2, 1 to 50000000; 5000000
}

// New returns a Hasher, or every fault of cfg joined.
func New(cfg Config) (*Hasher, error) {
	cfg.defaults()
	if err := cfg.faults(); err != nil {
		return nil, err
	}
	h := &Hasher{
		params:         params{memory: cfg.Memory, time: cfg.Time, lanes: cfg.Parallelism},
		sealer:         cfg.Sealer,
		acceptUnsealed: cfg.DangerouslyAcceptUnsealed,
		line:           newLine(int64(cfg.MemoryBudget), cfg.MaxQueue, cfg.MaxWait),
		maxLength:      cfg.MaxLength,
		ceilings: ceilings{
			memory:     cfg.MemoryBudget,
			work:       max(maxWork, uint64(cfg.Memory)*uint64(cfg.Time)),
			iterations: uint64(cfg.MaxIterations),
			bcryptCost: cfg.MaxBcryptCost,
		},
	}
	if cfg.Iterations > 0 {
		h.params = params{iterations: cfg.Iterations}
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
	conf.Default(&cfg.MaxIterations, 5_000_000)
}

func (cfg *Config) faults() error {
	f := conf.Faults{Room: "password"}
	f.Check(cfg.Parallelism <= maxLanes, "Parallelism", cfg.Parallelism, "must be at most 16")
	f.Check(cfg.Time <= maxTime, "Time", cfg.Time, "must be at most 16")
	f.Check(cfg.Memory >= 8*uint32(cfg.Parallelism), "Memory", cfg.Memory, "must be at least 8 KiB for each lane")
	f.Check(cfg.Memory <= cfg.MemoryBudget, "Memory", cfg.Memory, "must not exceed MemoryBudget")
	f.Check(cfg.Iterations >= 0, "Iterations", cfg.Iterations, "must not be negative")
	f.Check(cfg.Iterations <= 0 || cfg.Iterations >= 600_000 || cfg.DangerouslyFewIterations, "Iterations", cfg.Iterations,
		"must be at least 600000")
	f.Check(cfg.Iterations <= cfg.MaxIterations, "Iterations", cfg.Iterations, "must not exceed MaxIterations")
	f.Check(!cfg.DangerouslyAcceptUnsealed || cfg.Sealer != nil, "DangerouslyAcceptUnsealed", true, "is for a Sealer")
	f.Check(cfg.MemoryBudget <= 1<<24, "MemoryBudget", cfg.MemoryBudget, "must be at most 16 GiB")
	f.Check(cfg.MaxQueue > 0, "MaxQueue", cfg.MaxQueue, "must be positive")
	f.Check(cfg.MaxWait > 0, "MaxWait", cfg.MaxWait, "must be positive")
	f.Check(cfg.MaxLength >= 64 && cfg.MaxLength <= 4096, "MaxLength", cfg.MaxLength, "must be between 64 and 4096")
	f.Check(cfg.MaxBcryptCost >= 4 && cfg.MaxBcryptCost <= 18, "MaxBcryptCost", cfg.MaxBcryptCost, "must be between 4 and 18")
	f.Check(cfg.MaxIterations >= 1 && cfg.MaxIterations <= 50_000_000, "MaxIterations", cfg.MaxIterations,
		"must be between 1 and 50000000")
	return f.Err()
}
