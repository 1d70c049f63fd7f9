package main

import (
	"context"
	"net/http"
	"time"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/cors"
	"github.com/gopalisade/palisade/headers"
	"github.com/gopalisade/palisade/ratelimit"
	"github.com/gopalisade/palisade/rbac"
	"github.com/gopalisade/palisade/transport"
)

// chain is what stands around the handlers, in the order in which a request meets it.
type chain struct {
	transport *transport.Resolver
	headers   *headers.Policy
	cors      *cors.Policy
	flood     *ratelimit.Limiter // everything, by address: guessing tokens costs too
	register  *ratelimit.Limiter
	login     *ratelimit.Limiter
	public    *ratelimit.Limiter
	tiers     *ratelimit.Limiter // by principal
	model     *rbac.Model
}

// The article's six permissions.
const (
	readUsers   = "read:users"
	writeUsers  = "write:users"
	deleteUsers = "delete:users"
	readOrders  = "read:orders"
	writeOrders = "write:orders"
	accessAdmin = "access:admin"
)

// newChain builds every room that needs no storage. What it refuses is a wrong flag.
func newChain(cfg config, sh *shared) (*chain, error) {
	var c chain
	var err error
	proxies := transport.Config{TrustedProxies: cfg.trustedProxies}
	if len(cfg.trustedProxies) > 0 {
		proxies.Header = transport.XForwardedFor
	}
	if c.transport, err = transport.New(proxies); err != nil {
		return nil, err
	}
	if c.headers, err = headers.New(headers.API()); err != nil {
		return nil, err
	}
	c.cors, err = cors.New(cors.Config{
		Origins:        cfg.corsOrigins,
		Credentials:    true,
		Methods:        []string{"GET", "POST", "PUT", "PATCH", "DELETE"},
		RequestHeaders: []string{"Authorization", "Content-Type", "X-API-Key"},
		ExposeHeaders:  []string{"RateLimit", "RateLimit-Policy", "Retry-After", "X-Total-Count", "WWW-Authenticate"},
		MaxAge:         10 * time.Minute,
	})
	if err != nil {
		return nil, err
	}
	if err := c.newLimiters(sh); err != nil {
		return nil, err
	}
	c.model, err = newModel()
	return &c, err
}

func newModel() (*rbac.Model, error) {
	return rbac.New(rbac.Config{
		Permissions: []string{readUsers, writeUsers, deleteUsers, readOrders, writeOrders, accessAdmin},
		Roles: map[string]rbac.Role{
			"customer": {Allow: []string{readOrders, writeOrders}},
			"manager":  {Inherits: []string{"customer"}, Allow: []string{readUsers}},
			"admin":    {Inherits: []string{"manager"}, Allow: []string{writeUsers, deleteUsers, accessAdmin}},
		},
	})
}

// newLimiters gives each budget a store of its own, so that a flood of one kind cannot crowd out another; in a shared Redis the
// policies' names keep them apart. Without it they count in this process until it is back.
func (c *chain) newLimiters(sh *shared) error {
	const quarter = 15 * time.Minute
	for _, l := range []struct {
		limiter **ratelimit.Limiter
		policy  ratelimit.Policy
	}{
		{&c.flood, ratelimit.Policy{Name: "flood", Limit: 6000, Window: time.Minute}},
		{&c.register, ratelimit.Policy{Name: "register", Limit: 5, Window: quarter}},
		{&c.login, ratelimit.Policy{Name: "login", Limit: 5, Window: quarter}},
		{&c.public, ratelimit.Policy{Name: "public", Limit: 100, Window: quarter}},
	} {
		var err error
		*l.limiter, err = ratelimit.New(ratelimit.Config{
			Key: ratelimit.ByAddr, Policies: []ratelimit.Policy{l.policy}, Store: sh.limits(), Secret: sh.limitKey,
		})
		if err != nil {
			return err
		}
	}
	var err error
	c.tiers, err = ratelimit.New(ratelimit.Config{
		Key:  ratelimit.ByPrincipal(func(r *http.Request) string { return principalID(r.Context()) }, ratelimit.ByAddr),
		Tier: principalTier,
		Tiers: map[string][]ratelimit.Policy{
			"free":       {{Name: "free", Limit: 10, Window: time.Minute}},
			"premium":    {{Name: "premium", Limit: 100, Window: time.Minute}},
			"enterprise": {{Name: "enterprise", Limit: 1000, Window: time.Minute}},
		},
		Store: sh.limits(), Secret: sh.limitKey,
	})
	return err
}

func principalID(ctx context.Context) string {
	if p, ok := auth.From(ctx); ok {
		return p.ID
	}
	return ""
}

func principalTier(r *http.Request) string {
	if p, ok := auth.From(r.Context()); ok {
		return p.Tier
	}
	return ""
}

// wrap puts the outer rooms around h; the inner ones stand on the routes.
func (c *chain) wrap(h http.Handler) http.Handler {
	return c.transport.Wrap(c.headers.Wrap(c.cors.Wrap(c.flood.Wrap(h))))
}
