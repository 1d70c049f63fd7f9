package session

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gopalisade/palisade/auth"
	"github.com/gopalisade/palisade/problem"
)

// Login starts a session: POST, with the body that HandlersConfig.Login reads. The answer is that of RFC 6749 section 5.1:
// access_token, token_type, expires_in, and the refresh_token, unless it travels in the cookie. A session that the browser
// still has a cookie of is ended, so that nobody goes on in one that was planted.
func (h *Handlers) Login(w http.ResponseWriter, r *http.Request) {
	if !h.admit(w, r, http.MethodPost) {
		return
	}
	p, err := h.login(w, r)
	if err == nil && p == nil {
		err = &auth.Error{Kind: auth.ErrUnavailable, Reason: "no_principal"}
	}
	if err != nil {
		h.deny(w, r, err)
		return
	}
	if h.cookie != "" {
		if old, err := h.readCookie(r); err == nil && old != "" {
			_ = h.m.End(r.Context(), old) // it was no good, or it ends by itself; the new one does not depend on it
		}
	}
	t, err := h.m.Start(r.Context(), p, h.client(r))
	h.answer(w, r, t, err)
}

// Refresh exchanges a refresh token: POST, with {"refresh_token": "…"} or with the cookie. A refusal is 401 invalid_grant,
// and takes the cookie back.
func (h *Handlers) Refresh(w http.ResponseWriter, r *http.Request) {
	if !h.admit(w, r, http.MethodPost) {
		return
	}
	refresh, err := h.readRefresh(w, r)
	if err == nil && refresh == "" {
		err = &RefusedError{Reason: "malformed"}
	}
	if err != nil {
		h.deny(w, r, err)
		return
	}
	t, err := h.m.Refresh(r.Context(), refresh, h.client(r))
	h.answer(w, r, t, err)
}

// Logout ends the session of the request's principal, and the one of the refresh token that is sent along, if any: POST,
// 204. Mount it behind auth.Gate.Wrap, or behind Optional, so that a client can sign out by its refresh token alone when its
// access token has expired. The access token stops with its session, or by itself where it has none.
func (h *Handlers) Logout(w http.ResponseWriter, r *http.Request) {
	if !h.admit(w, r, http.MethodPost) {
		return
	}
	refresh, err := h.readRefresh(w, r)
	p, who := person(r)
	signedIn := p != nil
	if err == nil && !signedIn && (refresh == "" || who != nobody) {
		err = who
	}
	if err == nil && signedIn {
		err = h.m.Logout(r.Context(), p)
	}
	if err == nil && refresh != "" {
		err = h.m.End(r.Context(), refresh)
		if signedIn && errors.Is(err, ErrRefused) {
			err = nil // what it names is no session, or none any more: this is what was asked for (RFC 7009 section 2.2)
		}
	}
	h.done(w, r, err)
}

// LogoutAll ends every session of the request's principal, this one included: POST, 204. Mount it behind auth.Gate.Wrap.
func (h *Handlers) LogoutAll(w http.ResponseWriter, r *http.Request) {
	if !h.admit(w, r, http.MethodPost) {
		return
	}
	p, err := person(r)
	if err != nil {
		h.deny(w, r, err)
		return
	}
	_, err = h.m.RevokeAll(r.Context(), UserOf(p), "")
	if err == nil && p.SessionID == "" {
		// The token that asks is of no session. One without an ID cannot be refused, and belongs to whoever proves himself anew.
		if err = h.m.Logout(r.Context(), p); errors.Is(err, ErrNotFound) {
			err = nil
		}
	}
	h.done(w, r, err)
}

// listed is a [Session] on the wire.
type listed struct {
	ID        string    `json:"id"`
	Client    string    `json:"client,omitempty"`
	Method    string    `json:"method,omitempty"`
	CreatedAt time.Time `json:"created_at"`
	UsedAt    time.Time `json:"used_at"`
	ExpiresAt time.Time `json:"expires_at"`
	Current   bool      `json:"current"`
}

// Sessions lists the sessions of the request's principal, newest first: GET, {"items": […], "total": n}. Mount it behind
// auth.Gate.Wrap.
func (h *Handlers) Sessions(w http.ResponseWriter, r *http.Request) {
	if !h.admit(w, r, http.MethodGet, http.MethodHead) {
		return
	}
	p, err := person(r)
	if err != nil {
		h.deny(w, r, err)
		return
	}
	all, err := h.m.List(r.Context(), UserOf(p))
	if err != nil {
		h.deny(w, r, err)
		return
	}
	items := make([]listed, len(all))
	for i, s := range all {
		items[i] = listed{
			s.ID, s.Client, s.Method, s.CreatedAt.UTC(), s.UsedAt.UTC(), s.ExpiresAt.UTC(), s.ID == p.SessionID,
		}
	}
	w.Header().Set("X-Total-Count", strconv.Itoa(len(items)))
	writeJSON(w, struct {
		Items []listed `json:"items"`
		Total int      `json:"total"`
	}{items, len(items)})
}

// End ends one session of the request's principal, by the path value "id": DELETE, 204, and 404 for one that is not his.
// Mount it behind auth.Gate.Wrap, under a pattern such as "DELETE /sessions/{id}".
func (h *Handlers) End(w http.ResponseWriter, r *http.Request) {
	if !h.admit(w, r, http.MethodDelete) {
		return
	}
	p, err := person(r)
	if err != nil {
		h.deny(w, r, err)
		return
	}
	id := r.PathValue("id")
	err = h.m.Revoke(r.Context(), UserOf(p), id)
	if err != nil || id == p.SessionID {
		h.done(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// person returns who is signed in. An API key is nobody here, whatever its owner may do: it has no scope for his sessions.
func person(r *http.Request) (*auth.Principal, error) {
	p, ok := auth.From(r.Context())
	switch {
	case !ok:
		return nil, nobody
	case p.Method == auth.MethodAPIKey:
		return nil, &problem.Problem{Status: http.StatusForbidden, Code: "api_key_not_allowed"}
	}
	return p, nil
}

var nobody error = &auth.Error{Kind: auth.ErrNoCredentials, Reason: "no_principal", Scheme: "Bearer"}

// admit refuses other methods, so that a wrong pattern cannot make a GET change anything, and requests of other sites.
func (h *Handlers) admit(w http.ResponseWriter, r *http.Request, methods ...string) bool {
	w.Header().Set("Cache-Control", "no-store")
	if !slices.Contains(methods, r.Method) {
		w.Header().Set("Allow", methods[0])
		h.deny(w, r, &problem.Problem{Status: http.StatusMethodNotAllowed})
		return false
	}
	if h.origins != nil && h.origins.Check(r) != nil {
		h.deny(w, r, &problem.Problem{Status: http.StatusForbidden, Code: "cross_origin"})
		return false
	}
	return true
}
