package graphql

import (
	"net/http"
	"slices"
	"strings"
)

// unasked says whether a header may be in a request that no page had to ask for: pages may send some to another site without
// a preflight (Fetch section 2.2.2), browsers send others by themselves, and proxies add some to all that they hand on.
func unasked(name string) bool {
	name = http.CanonicalHeaderKey(name)
	for _, prefix := range []string{
		"Sec-", "Proxy-", "If-", "Accept", "Access-Control-", "Content-", "Cf-", "X-Forwarded-", "X-Amzn-", "X-Envoy-", "X-B3-",
		"X-Datadog-", "X-Cloud-", "X-Azure-",
	} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return slices.Contains(unaskedNames, name)
}

var unaskedNames = []string{
	"Age", "Alt-Used", "Authorization", "Baggage", "Cache-Control", "Cdn-Loop", "Connection", "Cookie", "Cookie2", "Date", "Dnt",
	"Device-Memory", "Downlink", "Dpr", "Early-Data", "Ect", "Expect", "Fastly-Client-Ip", "Forwarded", "From", "Host",
	"Keep-Alive", "Last-Event-Id", "Max-Forwards", "Origin", "Ping-From", "Ping-To", "Pragma", "Priority", "Purpose", "Range",
	"Referer", "Rtt", "Save-Data", "Service-Worker", "Set-Cookie", "Te", "Traceparent", "Tracestate", "Trailer",
	"Transfer-Encoding", "True-Client-Ip", "Upgrade", "Upgrade-Insecure-Requests", "User-Agent", "Via", "Viewport-Width",
	"Warning",
	"Width", "X-Client-Ip", "X-Cluster-Client-Ip", "X-Correlation-Id", "X-Original-Host", "X-Original-Url", "X-Real-Ip",
	"X-Request-Id", "X-Request-Start", "X-Scheme",
}
