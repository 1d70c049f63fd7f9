package shop

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"

	"github.com/99designs/gqlgen/graphql"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/problem"
	"github.com/gopalisade/palisade/rbac"
	"github.com/gopalisade/palisade/validate"
)

// Shop is what the resolvers work with.
type Shop struct {
	Store    Store
	Model    *rbac.Model                // knows the permissions of @allow
	NewOrder *validate.Schema[NewOrder] // the one that REST uses, where there is REST
}

// Schema returns the schema with its resolvers. A permission that the model does not know is an error: the field would be
// nobody's.
func (s Shop) Schema() (graphql.ExecutableSchema, error) {
	r := &resolver{Shop: s}
	var err error
	if r.slice, err = validate.New[slice](validate.Config{}); err != nil {
		return nil, err
	}
	es := NewExecutableSchema(Config{Resolvers: r, Directives: DirectiveRoot{Allow: r.allow, People: people}})
	for _, def := range es.Schema().Types {
		for _, field := range def.Fields {
			if d := field.Directives.ForName("allow"); d != nil {
				err = errors.Join(err, s.Model.Validate(d.Arguments.ForName("permission").Value.Raw))
			}
		}
	}
	return es, err
}

type resolver struct {
	Shop
	slice *validate.Schema[slice]
}

// allow runs @allow.
func (r *resolver) allow(ctx context.Context, _ any, next graphql.Resolver, permission string) (any, error) {
	if err := r.Model.Check(ctx, permission); err != nil {
		return nil, refused(ctx, err)
	}
	return next(ctx)
}

// people runs @people.
func people(ctx context.Context, _ any, next graphql.Resolver) (any, error) {
	if p, ok := auth.From(ctx); ok && p.Method == auth.MethodAPIKey {
		return nil, refused(ctx, &problem.Problem{Status: http.StatusForbidden, Code: "api_key_not_allowed"})
	}
	return next(ctx)
}

// refused tells the monitor, as the guards of package rbac do.
func refused(ctx context.Context, err error) error {
	id, _ := caller(ctx)
	event.Emit(ctx, event.Event{
		Code: event.AuthzFail, Level: slog.LevelWarn, Principal: id, Reason: problem.Of(err).Code, Err: err,
	})
	return err
}

// caller is whose objects are shown. Without one there is nothing to show, whatever the directives say.
func caller(ctx context.Context) (string, error) {
	if p, ok := auth.From(ctx); ok && p.ID != "" {
		return p.ID, nil
	}
	return "", &auth.Error{Kind: auth.ErrNoCredentials, Scheme: "Bearer"}
}

// gone is for callers who were deleted after they had signed in.
func gone(err error) error {
	if errors.Is(err, ErrNotFound) {
		return &auth.Error{Kind: auth.ErrInvalid, Reason: "user_gone", Scheme: "Bearer"}
	}
	return err
}

// judge holds arguments to the rules of their type. GraphQL has checked that they are text and numbers.
func judge[T any](ctx context.Context, rules *validate.Schema[T], args T) (T, error) {
	body, err := json.Marshal(args)
	if err != nil {
		return args, err
	}
	return rules.Decode(ctx, body)
}

func (r *resolver) Query() QueryResolver       { return query{r} }
func (r *resolver) Mutation() MutationResolver { return mutation{r} }
func (r *resolver) User() UserResolver         { return userFields{r} }
func (r *resolver) Order() OrderResolver       { return orderFields{r} }

// orders is every list of orders: they are the caller's.
func (r *resolver) orders(ctx context.Context, status string, part slice) (*OrderPage, error) {
	id, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	if part, err = judge(ctx, r.slice, part); err != nil {
		return nil, err
	}
	items, total, err := r.Store.Orders(ctx, id, status, part.First, part.Offset)
	return &OrderPage{items, total}, err
}

func (r *resolver) user(ctx context.Context, id string) (*User, error) {
	u, err := r.Store.User(ctx, id)
	return &u, gone(err)
}

type query struct{ *resolver }

func (q query) Me(ctx context.Context) (*User, error) {
	id, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	return q.user(ctx, id)
}

func (q query) Orders(ctx context.Context, first, offset int, status *string) (*OrderPage, error) {
	var of string
	if status != nil {
		of = *status
	}
	return q.orders(ctx, of, slice{first, offset})
}

// Order answers null for another's order, as for none: whether it exists is the owner's business.
func (q query) Order(ctx context.Context, id string) (*Order, error) {
	owner, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	o, err := q.Store.Order(ctx, owner, id)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	return &o, err
}

type mutation struct{ *resolver }

func (m mutation) CreateOrder(ctx context.Context, item string, quantity int) (*Order, error) {
	owner, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	in, err := judge(ctx, m.NewOrder, NewOrder{item, quantity})
	if err != nil {
		return nil, err
	}
	o := Order{ID: rand.Text(), Item: in.Item, Quantity: in.Quantity, Status: Pending, UserID: owner}
	return &o, gone(m.Store.AddOrder(ctx, o))
}

type userFields struct{ *resolver }

// Orders needs no owner: the only user that the schema shows is the caller.
func (f userFields) Orders(ctx context.Context, _ *User, first int) ([]*Order, error) {
	page, err := f.orders(ctx, "", slice{First: first})
	if err != nil {
		return nil, err
	}
	all := make([]*Order, len(page.Items))
	for i := range page.Items {
		all[i] = &page.Items[i]
	}
	return all, nil
}

type orderFields struct{ *resolver }

func (f orderFields) User(ctx context.Context, o *Order) (*User, error) { return f.user(ctx, o.UserID) }
