package guard

import (
	"fmt"
	"slices"
	"time"

	"github.com/gopalisade/palisade/internal/conf"
	"github.com/gopalisade/palisade/ratelimit"
)

// Limits are the failures after which something is banned for a while, each between 1 and 1000; zero is the default.
type Limits struct {
	Account int // of strangers on one account, wherever they are; 10
	Pair    int // of strangers at one address on one account; 10. It outlasts the owner's login from elsewhere
	Device  int // of one device cookie, which is then as good as none; 10. All cookies of one account have thrice as many
	Addr    int // of strangers at one address; 50

	// AccountsPerAddr is how many accounts one address may fail on, at most 40; 20. AddrsPerAccount is from how many addresses
	// one account may be failed on, at most 40; 20. Both are counted by a sketch of 64 bits, which never counts too
	// many, and at 20 overlooks four or so.
	AccountsPerAddr, AddrsPerAccount int
}

// Config describes a [Guard]. Keys is required.
type Config struct {
	_ [0]func() // keyed literals only, never comparable

	// Keys sign device cookies: the first makes them, all are believed. The last also keys the hashes that identify accounts and
	// addresses in the Store. Each has 32 bytes or more. To rotate, put a new one in front, and take the old one away when
	// its cookies are old; the counters then start afresh. Processes that share a Store share the Keys.
	Keys [][]byte

	Store        Store              // a memory store of its own
	OnStoreError ratelimit.FailMode // FailLocal, or FailClosed; FailOpen is refused

	// Normalize turns the spellings of one account into one. Look accounts up by what it returns ([Guard.Normalize]; package
	// login does): if two accounts count as one, the owner of one has free guesses at the other, and if one account counts as
	// several, everybody has more at it. What it returns it must leave as it is. The default removes space around it and lowers its letters.
	Normalize func(account string) string

	Limits     Limits
	BanFirst   time.Duration // how long the first ban lasts, up to a tenth longer; 30 s
	BanMax     time.Duration // longest ban, up to a tenth longer; 1 h
	DeviceLife time.Duration // how long a device cookie is good; 90 days

	// Forget is the time in which a counter of Account, Pair, Device or AddrsPerAccount sinks from its limit to zero, one failure
	// after the other; 24 h. ForgetAddr is the same for Addr and AccountsPerAddr; 1 h, since an address may be a whole office.
	// A ban ends early when enough was forgiven meanwhile.
	Forget, ForgetAddr time.Duration
}

// New returns a Guard, or every fault of cfg joined.
func New(cfg Config) (*Guard, error) {
	cfg.defaults()
	f := conf.Faults{Room: "guard"}
	f.Check(len(cfg.Keys) > 0, "Keys", nil, "must hold at least one")
	for i, k := range cfg.Keys {
		f.Check(len(k) >= 32, fmt.Sprintf("Keys[%d]", i), nil, "must be at least 32 bytes")
	}
	f.Check(cfg.OnStoreError == ratelimit.FailLocal || cfg.OnStoreError == ratelimit.FailClosed,
		"OnStoreError", cfg.OnStoreError, "must be FailLocal or FailClosed: open would invite guessing")
	cfg.Limits.check(&f)
	f.Check(cfg.BanFirst >= time.Second, "BanFirst", cfg.BanFirst, "must be at least 1s")
	f.Check(cfg.BanMax >= cfg.BanFirst && cfg.BanMax <= 24*time.Hour, "BanMax", cfg.BanMax, "must be between BanFirst and 24h")
	forgets := func(d time.Duration) bool { return d >= time.Minute && d <= 30*24*time.Hour }
	f.Check(forgets(cfg.Forget), "Forget", cfg.Forget, "must be between 1m and 30 days")
	f.Check(forgets(cfg.ForgetAddr), "ForgetAddr", cfg.ForgetAddr, "must be between 1m and 30 days")
	f.Check(cfg.DeviceLife >= time.Minute, "DeviceLife", cfg.DeviceLife, "must be at least 1m")
	if err := f.Err(); err != nil {
		return nil, err
	}
	g := &Guard{
		store: cfg.Store, onError: cfg.OnStoreError, normalize: cfg.Normalize, life: cfg.DeviceLife,
		identity: derive(cfg.Keys[len(cfg.Keys)-1], "palisade guard identity v1"),
	}
	for _, k := range cfg.Keys {
		g.device = append(g.device, derive(k, "palisade guard device cookie v1"))
	}
	g.rules = cfg.rules()
	if g.store == nil {
		g.store = NewMemory(0)
	} else if g.onError == ratelimit.FailLocal {
		g.local = NewMemory(0)
	}
	return g, nil
}

func (cfg *Config) defaults() {
	conf.Default(&cfg.Limits.Account, 10)
	conf.Default(&cfg.Limits.Pair, 10)
	conf.Default(&cfg.Limits.Device, 10)
	conf.Default(&cfg.Limits.Addr, 50)
	conf.Default(&cfg.Limits.AccountsPerAddr, 20)
	conf.Default(&cfg.Limits.AddrsPerAccount, 20)
	conf.Default(&cfg.BanFirst, 30*time.Second)
	conf.Default(&cfg.BanMax, max(time.Hour, cfg.BanFirst))
	conf.Default(&cfg.Forget, 24*time.Hour)
	conf.Default(&cfg.ForgetAddr, time.Hour)
	conf.Default(&cfg.DeviceLife, 90*24*time.Hour)
	if cfg.Normalize == nil {
		cfg.Normalize = normalize
	}
	cfg.Keys = slices.Clone(cfg.Keys)
}

func (l *Limits) check(f *conf.Faults) {
	for _, c := range []struct {
		field     string
		got, most int
	}{
		{"Account", l.Account, 1000},
		{"Pair", l.Pair, 1000},
		{"Device", l.Device, 1000},
		{"Addr", l.Addr, 1000},
		{"AccountsPerAddr", l.AccountsPerAddr, 40},
		{"AddrsPerAccount", l.AddrsPerAccount, 40},
	} {
		f.Check(c.got > 0 && c.got <= c.most, "Limits."+c.field, c.got, fmt.Sprintf("must be between 1 and %d", c.most))
	}
}

// rules are the counters without their keys.
func (cfg *Config) rules() (r [dimensions]Counter) {
	for d, c := range map[dimension]struct {
		limit  int
		forget time.Duration
	}{
		byAccount:       {cfg.Limits.Account, cfg.Forget},
		byPair:          {cfg.Limits.Pair, cfg.Forget},
		byDevice:        {cfg.Limits.Device, cfg.Forget},
		byHolders:       {3 * cfg.Limits.Device, cfg.Forget},
		byAddr:          {cfg.Limits.Addr, cfg.ForgetAddr},
		accountsPerAddr: {cfg.Limits.AccountsPerAddr, cfg.ForgetAddr},
		addrsPerAccount: {cfg.Limits.AddrsPerAccount, cfg.Forget},
	} {
		r[d] = Counter{
			Limit: int64(c.limit), Every: c.forget / time.Duration(c.limit),
			BanFirst: cfg.BanFirst, BanMax: cfg.BanMax,
		}
	}
	return r
}
