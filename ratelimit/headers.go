package ratelimit

import (
	"net/http"
	"strconv"
	"time"
)

// policyHeader renders RateLimit-Policy: a list of quoted names with quota and window in seconds.
func policyHeader(policies []Policy) string {
	var b []byte
	for i, p := range policies {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = append(append(append(b, '"'), p.Name...), `";q=`...)
		b = strconv.AppendInt(b, p.Limit, 10)
		b = append(b, ";w="...)
		b = strconv.AppendInt(b, seconds(p.Window), 10)
	}
	return string(b)
}

// setHeaders tells the client about the decision. A member is appended to what an outer limiter said: the client obeys both.
func (l *Limiter) setHeaders(h http.Header, p *plan, t *taken, wk *work) {
	d := &t.decision
	if l.headers == HeadersNone || d.Policy.Name == "" { // nothing is known
		return
	}
	if l.headers != HeadersLegacy {
		b := wk.identity[:0] // the identity was hashed and is needed no more
		for i, q := range p.policies {
			if i > 0 {
				b = append(b, ", "...)
			}
			b = append(append(append(b, '"'), q.Name...), `";r=`...)
			b = strconv.AppendInt(b, wk.states[i].Remaining, 10)
			b = append(b, ";t="...)
			b = strconv.AppendInt(b, seconds(wk.states[i].wait()), 10)
		}
		wk.identity = b
		t.headers = [...]string{p.header, string(b)} // from here on the handler's, who may change them
		add(h, "Ratelimit-Policy", t.headers[0:1:1])
		add(h, "Ratelimit", t.headers[1:2:2])
	}
	if l.headers != HeadersIETF {
		h.Set("X-Ratelimit-Limit", strconv.FormatInt(d.Policy.Limit, 10))
		h.Set("X-Ratelimit-Remaining", strconv.FormatInt(d.Remaining, 10))
		h.Set("X-Ratelimit-Reset", strconv.FormatInt(seconds(State{ResetAfter: d.ResetAfter, RetryAfter: d.RetryAfter}.wait()), 10))
	}
}

// wait is when more can be had: where a policy refuses, not later than Retry-After says, so that the two never disagree.
func (s State) wait() time.Duration {
	if s.RetryAfter > 0 {
		return s.RetryAfter
	}
	return s.ResetAfter
}

// add appends a member to a list header, in one line.
func add(h http.Header, name string, member []string) {
	if have := h[name]; len(have) > 0 {
		member[0] = have[0] + ", " + member[0]
	}
	h[name] = member
}

// seconds rounds up, so that whoever waits that long has waited long enough.
func seconds(d time.Duration) int64 { return int64((d + time.Second - 1) / time.Second) }
