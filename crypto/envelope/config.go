package envelope

import (
	"context"
	"fmt"
	"time"

	"github.com/gopalisade/palisade/internal/conf"
)

// Config describes [Keys]. Wrapper and Store are needed.
type Config struct {
	_ [0]func() // keyed literals only, never comparable

	Wrapper KeyWrapper // wraps every new data key
	// OldWrappers only unwrap, until [Keys.Rewrap] has moved their data keys to Wrapper. Give every process the next wrapper
	// here first, then make it Wrapper and the one before it old, and rewrap when no process is left that has not got it.
	OldWrappers []KeyWrapper
	Store       Store

	TTL     time.Duration // age at which a ring is confirmed by store and wrapper, at least a second; 5 minutes
	HardTTL time.Duration // how long a ring serves that cannot be confirmed, from TTL to 7 days; an hour
	Timeout time.Duration // of one call of the store or of a wrapper, at least a millisecond; 10 seconds

	// MaxAge and MaxUses are when a subject's data key is followed by a new one: the key's age, and how often this
	// process was asked for the ring with it, as long as that is kept ready. A use may seal many values: how many a key may seal at most is counted by
	// the ring, for every column.
	MaxAge  time.Duration // at least HardTTL, TTL and twice Timeout together; 90 days
	MaxUses uint64        // at most 2^32; 2^30

	MaxSubjects int // rings kept ready, at most 1048576; 1024
	MaxContexts int // derived keys kept ready for each of them, each of about 1.5 KiB, 16 to 4096; 64

	// OnError learns of every attempt to load or confirm a ring that failed, and of data keys that should have been
	// replaced and could not be. It runs in the goroutine that tried, and must neither ask for a ring nor call Close. None.
	OnError func(subject string, err error)
}

// New returns Keys, or every fault of cfg joined. It asks nobody yet.
func New(cfg Config) (*Keys, error) {
	conf.Default(&cfg.TTL, 5*time.Minute)
	conf.Default(&cfg.HardTTL, max(time.Hour, cfg.TTL))
	conf.Default(&cfg.Timeout, 10*time.Second)
	delay := cfg.HardTTL + cfg.TTL + 2*cfg.Timeout
	conf.Default(&cfg.MaxAge, max(90*24*time.Hour, delay))
	conf.Default(&cfg.MaxUses, 1<<30)
	conf.Default(&cfg.MaxSubjects, 1024)
	conf.Default(&cfg.MaxContexts, 64)
	f := conf.Faults{Room: "envelope"}
	f.Check(cfg.Store != nil, "Store", nil, "is required")
	f.Check(cfg.TTL >= time.Second, "TTL", cfg.TTL, "must be at least 1s")
	f.Check(cfg.HardTTL >= cfg.TTL && cfg.HardTTL <= 7*24*time.Hour, "HardTTL", cfg.HardTTL, "must be between TTL and 168h")
	f.Check(cfg.Timeout >= time.Millisecond && cfg.Timeout <= time.Hour, "Timeout", cfg.Timeout, "must be between 1ms and 1h")
	f.Check(cfg.MaxAge >= delay, "MaxAge", cfg.MaxAge, "must be at least HardTTL, TTL and twice Timeout together")
	f.Check(cfg.MaxUses <= 1<<32, "MaxUses", cfg.MaxUses, "must be at most 4294967296")
	f.Check(cfg.MaxSubjects > 0 && cfg.MaxSubjects <= 1<<20, "MaxSubjects", cfg.MaxSubjects, "must be between 1 and 1048576")
	f.Check(cfg.MaxContexts >= 16 && cfg.MaxContexts <= 4096, "MaxContexts", cfg.MaxContexts, "must be between 16 and 4096")
	wrappers := checkWrappers(&f, cfg.Wrapper, cfg.OldWrappers)
	if err := f.Err(); err != nil {
		return nil, err
	}
	k := &Keys{
		store: cfg.Store, wrapper: cfg.Wrapper, wrappers: wrappers,
		ttl: cfg.TTL, hardTTL: cfg.HardTTL, delay: delay, timeout: cfg.Timeout, maxAge: cfg.MaxAge, maxUses: cfg.MaxUses,
		maxContexts: cfg.MaxContexts, onError: cfg.OnError,
		cache:   cache{max: cfg.MaxSubjects, held: map[string]*held{}, left: map[string]left{}},
		flights: map[string]*flight{}, failures: map[string]failure{},
	}
	k.base, k.cancel = context.WithCancel(context.Background())
	return k, nil
}

func checkWrappers(f *conf.Faults, wrapper KeyWrapper, old []KeyWrapper) map[string]KeyWrapper {
	all := map[string]KeyWrapper{}
	check := func(name string, w KeyWrapper) {
		if w == nil {
			f.Check(false, name, nil, "is required")
			return
		}
		id := w.ID()
		f.Check(isName(id), name, id, "must have an ID of 1 to 255 bytes of UTF-8 without control characters")
		f.Check(all[id] == nil, name, id, "must be the ID of one wrapper only")
		all[id] = w
	}
	check("Wrapper", wrapper)
	for i, w := range old {
		check(fmt.Sprintf("OldWrappers[%d]", i), w)
	}
	return all
}
