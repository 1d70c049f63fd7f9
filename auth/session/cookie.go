package session

import (
	"net/http"
	"time"

	"github.com/gopalisade/palisade/auth"
)

// setCookie hands the refresh token to the browser, where no script can read it.
func (h *Handlers) setCookie(w http.ResponseWriter, refresh string, life time.Duration) {
	http.SetCookie(w, &http.Cookie{
		Name: h.cookie, Value: refresh, MaxAge: int(life / time.Second),
		Path: "/", Secure: true, HttpOnly: true, SameSite: h.sameSite, // what the prefix __Host- demands, and more
	})
}

// dropCookie takes it back.
func (h *Handlers) dropCookie(w http.ResponseWriter) { h.setCookie(w, "", -time.Second) }

// readCookie returns the one refresh token that the browser sent, "" for none. A second cookie of the name was planted from
// beside us, and nobody can say which is ours.
func (h *Handlers) readCookie(r *http.Request) (string, error) {
	switch sent := r.CookiesNamed(h.cookie); len(sent) {
	case 0:
		return "", nil
	case 1:
		return sent[0].Value, nil
	}
	return "", &auth.Error{Kind: auth.ErrAmbiguous, Reason: "several_cookies", Scheme: "Bearer"}
}
