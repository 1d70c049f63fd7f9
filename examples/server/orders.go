package main

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/monitor/event"
	"github.com/gopalisade/palisade/problem"
)

var statuses = []string{"pending", "processing", "shipped", "delivered", "cancelled"}

// orderQuery is all that a list of orders can be asked for.
type orderQuery struct {
	limit, offset int
	status        string
}

// parseOrderQuery refuses what it does not know: a filter that is silently ignored shows more than was asked for.
func parseOrderQuery(raw string) (orderQuery, error) {
	q := orderQuery{limit: 20}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return q, &problem.Problem{Status: http.StatusBadRequest, Code: "invalid_query"}
	}
	var bad []problem.Field
	check := func(ok bool, name, code string) {
		if !ok {
			bad = append(bad, problem.Field{In: "query", Name: name, Code: code})
		}
	}
	for name, given := range values {
		check(len(given) == 1, name, "duplicate")
		value := given[0]
		switch name {
		case "limit":
			q.limit, err = strconv.Atoi(value)
			check(err == nil && q.limit >= 1 && q.limit <= 100, name, "range")
		case "offset":
			q.offset, err = strconv.Atoi(value)
			check(err == nil && q.offset >= 0 && q.offset <= 1<<31, name, "range")
		case "status":
			q.status = value
			check(slices.Contains(statuses, value), name, "oneof")
		default:
			bad = append(bad, problem.Field{In: "query", Code: "unknown"}) // the name is the client's text: it stays out
		}
	}
	if len(bad) > 0 {
		return q, &problem.Problem{Status: http.StatusBadRequest, Code: "invalid_query", Errors: bad[:min(len(bad), 32)], Truncated: len(bad) > 32}
	}
	return q, nil
}

func (a *app) listOrders(w http.ResponseWriter, r *http.Request) error {
	q, err := parseOrderQuery(r.URL.RawQuery)
	if err != nil {
		event.Emit(r.Context(), event.Event{Code: event.InputValidationFail, Principal: principalID(r)})
		return err
	}
	items, total, err := a.store.orders(r.Context(), principalID(r), q.status, q.limit, q.offset)
	if err != nil {
		return err
	}
	w.Header().Set("X-Total-Count", strconv.Itoa(total))
	return writeJSON(w, http.StatusOK, page[order]{Items: items, Total: total})
}

func (a *app) createOrder(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Item     string `json:"item"`
		Quantity int    `json:"quantity"`
	}
	if err := readJSON(w, r, &in); err != nil {
		return err
	}
	var f faults
	f.check(in.Item != "", "item", "required")
	f.checkText("item", in.Item, 200, false)
	f.check(in.Quantity >= 1 && in.Quantity <= 1000, "quantity", "range")
	if err := f.err(); err != nil {
		event.Emit(r.Context(), event.Event{Code: event.InputValidationFail, Principal: principalID(r), Count: int64(len(f))})
		return err
	}
	o := order{ID: rand.Text(), Item: in.Item, Quantity: in.Quantity, Status: "pending", UserID: principalID(r)}
	err := a.store.addOrder(r.Context(), o)
	if errors.Is(err, errNotFound) { // deleted since the token was issued
		return &auth.Error{Kind: auth.ErrInvalid, Reason: "user_gone", Scheme: "Bearer"}
	}
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusCreated, o)
}

// getOrder answers 404 for another's order, as for none: whether it exists is the owner's business.
func (a *app) getOrder(w http.ResponseWriter, r *http.Request) error {
	o, err := a.store.order(r.Context(), r.PathValue("id"), principalID(r))
	if errors.Is(err, errNotFound) {
		return &problem.Problem{Status: http.StatusNotFound}
	}
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, o)
}
