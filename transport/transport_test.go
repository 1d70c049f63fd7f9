package transport_test

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gopalisade/palisade/internal/conf"
	"github.com/gopalisade/palisade/internal/racing"
	"github.com/gopalisade/palisade/transport"
)

func newResolver(t testing.TB, header transport.Header) *transport.Resolver {
	t.Helper()
	res, err := transport.New(transport.Config{
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8:f::/48")},
		Header:         header,
	})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// request comes from a socket address with header lines in pairs.
func request(socket string, lines ...string) *http.Request {
	r := httptest.NewRequest("GET", "http://api.example.com/", nil)
	r.RemoteAddr = socket
	for i := 0; i < len(lines); i += 2 {
		r.Header.Add(lines[i], lines[i+1])
	}
	return r
}

const xff, fwd = "X-Forwarded-For", "Forwarded"

func TestXForwardedFor(t *testing.T) {
	res := newResolver(t, transport.XForwardedFor)
	for _, tc := range []struct {
		name   string
		socket string
		lines  []string
		want   string
	}{
		{"no header", "192.0.2.1:5", nil, "192.0.2.1"},
		{"IP-1 stranger with a header", "192.0.2.1:5", []string{xff, "203.0.113.9"}, "192.0.2.1"},
		{"one proxy", "10.0.0.1:5", []string{xff, "203.0.113.9"}, "203.0.113.9"},
		{"two proxies", "10.0.0.1:5", []string{xff, "203.0.113.9, 10.0.0.2"}, "203.0.113.9"},
		{"forged on the left", "10.0.0.1:5", []string{xff, "1.1.1.1, 203.0.113.9, 10.0.0.2"}, "203.0.113.9"},
		{"IP-2 two lines", "10.0.0.1:5", []string{xff, "1.1.1.1", xff, "203.0.113.9"}, "203.0.113.9"},
		{"two lines, last one trusted", "10.0.0.1:5", []string{xff, "203.0.113.9", xff, "10.0.0.2"}, "203.0.113.9"},
		{"IP-3 junk in the middle", "10.0.0.1:5", []string{xff, "203.0.113.9, junk, 10.0.0.2"}, "10.0.0.2"},
		{"junk at once", "10.0.0.1:5", []string{xff, "junk"}, "10.0.0.1"},
		{"empty header", "10.0.0.1:5", []string{xff, ""}, "10.0.0.1"},
		{"empty elements", "10.0.0.1:5", []string{xff, ", 203.0.113.9 ,, "}, "203.0.113.9"},
		{"only proxies", "10.0.0.1:5", []string{xff, "10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		{"IP-4 mapped client", "10.0.0.1:5", []string{xff, "::ffff:203.0.113.9"}, "203.0.113.9"},
		{"IP-4 mapped proxy", "[::ffff:10.0.0.1]:5", []string{xff, "203.0.113.9"}, "203.0.113.9"},
		{"IP-4 mapped hop", "10.0.0.1:5", []string{xff, "203.0.113.9, ::ffff:10.9.9.9"}, "203.0.113.9"},
		{"IP-4 zone", "10.0.0.1:5", []string{xff, "fe80::1%eth0"}, "fe80::1"},
		{"IPv6 proxy with a zone", "[2001:db8:f::1%eth0]:5", []string{xff, "203.0.113.9"}, "203.0.113.9"},
		{"with a port", "10.0.0.1:5", []string{xff, "203.0.113.9:1234"}, "203.0.113.9"},
		{"IPv6 with a port", "10.0.0.1:5", []string{xff, "[2001:db8::1]:1234"}, "2001:db8::1"},
		{"IPv6 in brackets", "10.0.0.1:5", []string{xff, "[2001:db8::1]"}, "2001:db8::1"},
		{"IPv4 in brackets", "10.0.0.1:5", []string{xff, "[203.0.113.9]"}, "10.0.0.1"},
		{"port that is none", "10.0.0.1:5", []string{xff, "203.0.113.9:http"}, "10.0.0.1"},
		{"port too long", "10.0.0.1:5", []string{xff, "203.0.113.9:123456"}, "10.0.0.1"},
		{"leading zeros", "10.0.0.1:5", []string{xff, "203.0.113.009"}, "10.0.0.1"},
		{"unspecified", "10.0.0.1:5", []string{xff, "0.0.0.0"}, "10.0.0.1"},
		{"unclosed bracket", "10.0.0.1:5", []string{xff, "[2001:db8::1"}, "10.0.0.1"},
		{"the other header is ignored", "10.0.0.1:5", []string{fwd, "for=1.1.1.1"}, "10.0.0.1"},
		{"33 hops", "10.0.0.1:5", []string{xff, "203.0.113.9" + strings.Repeat(", 10.0.0.2", 33)}, "10.0.0.2"},
		{"a megabyte", "10.0.0.1:5", []string{xff, strings.Repeat("1.1.1.1,", 1<<17)}, "1.1.1.1"},
		{"a megabyte without commas", "10.0.0.1:5", []string{xff, strings.Repeat("1", 1<<20)}, "10.0.0.1"},
		{"IP-9 unix socket", "@", []string{xff, "203.0.113.9"}, "invalid IP"},
		{"IP-9 no address", "", nil, "invalid IP"},
		{"IP-9 no port", "192.0.2.1", nil, "192.0.2.1"},
		{"IP-9 IPv6 without brackets", "2001:db8::1", nil, "2001:db8::1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := request(tc.socket, tc.lines...)
			var got transport.Peer
			res.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = transport.PeerOf(r) })).ServeHTTP(nil, r)
			if got.Addr.String() != tc.want || got.Scheme != "http" || got.Host != "api.example.com" {
				t.Errorf("got %+v, want %s", got, tc.want)
			}
			if r.RemoteAddr != tc.socket {
				t.Errorf("RemoteAddr became %s", r.RemoteAddr)
			}
		})
	}
}

func TestForwarded(t *testing.T) {
	res := newResolver(t, transport.Forwarded)
	for _, tc := range []struct {
		name  string
		lines []string
		want  string // "address scheme host"
	}{
		{"no header", nil, "10.0.0.1 http api.example.com"},
		{"plain", []string{fwd, "for=203.0.113.9"}, "203.0.113.9 http api.example.com"},
		{"all parameters", []string{fwd, "for=203.0.113.9;proto=https;host=a.example.com;by=10.0.0.1"}, "203.0.113.9 https a.example.com"},
		{"names in any case", []string{fwd, "For=203.0.113.9; PROTO=HTTPS"}, "203.0.113.9 https api.example.com"},
		{"quoted IPv6 with a port", []string{fwd, `for="[2001:db8::1]:4711"`}, "2001:db8::1 http api.example.com"},
		{"IPv6 without quotes", []string{fwd, `for=[2001:db8::1]`}, "2001:db8::1 http api.example.com"},
		{"two hops", []string{fwd, "for=203.0.113.9, for=10.0.0.2;proto=https"}, "203.0.113.9 https api.example.com"},
		{"proto of a farther hop", []string{fwd, "for=203.0.113.9;proto=https, for=10.0.0.2"}, "203.0.113.9 http api.example.com"},
		{"two lines", []string{fwd, "for=1.1.1.1", fwd, "for=203.0.113.9"}, "203.0.113.9 http api.example.com"},
		{"forged on the left", []string{fwd, "for=1.1.1.1, for=203.0.113.9"}, "203.0.113.9 http api.example.com"},
		{"IP-8 quoted comma", []string{fwd, `for=1.1.1.1, for="203.0.113.9, 10.0.0.2"`}, "10.0.0.1 http api.example.com"},
		{"IP-8 unmatched quote", []string{fwd, `for="203.0.113.9, for=10.0.0.2`}, "10.0.0.2 http api.example.com"},
		{"IP-8 unmatched quote alone", []string{fwd, `for="203.0.113.9`}, "10.0.0.1 http api.example.com"},
		{"IP-8 unknown", []string{fwd, "for=203.0.113.9, for=unknown"}, "10.0.0.1 http api.example.com"},
		{"IP-8 hidden", []string{fwd, "for=203.0.113.9, for=_hidden"}, "10.0.0.1 http api.example.com"},
		{"IP-8 hidden port", []string{fwd, `for="203.0.113.9:_p"`}, "10.0.0.1 http api.example.com"},
		{"IP-8 for twice", []string{fwd, "for=203.0.113.9;for=1.1.1.1"}, "10.0.0.1 http api.example.com"},
		{"IP-8 escape", []string{fwd, `for="203.0.113\.9"`}, "203.0.113.9 http api.example.com"},
		{"escaped quote", []string{fwd, `for="a\", for=1.1.1.1", for=203.0.113.9`}, "203.0.113.9 http api.example.com"},
		{"backslash at the end", []string{fwd, `for="203.0.113.9\`}, "10.0.0.1 http api.example.com"},
		{"empty elements", []string{fwd, ", for=203.0.113.9,"}, "203.0.113.9 http api.example.com"},
		{"no value", []string{fwd, "for"}, "10.0.0.1 http api.example.com"},
		{"empty value", []string{fwd, "for="}, "10.0.0.1 http api.example.com"},
		{"junk after a value", []string{fwd, `for="203.0.113.9"x`}, "10.0.0.1 http api.example.com"},
		{"odd name", []string{fwd, "f(r=203.0.113.9"}, "10.0.0.1 http api.example.com"},
		{"trailing semicolon", []string{fwd, "for=203.0.113.9;"}, "203.0.113.9 http api.example.com"},
		{"no for", []string{fwd, "proto=https"}, "10.0.0.1 https api.example.com"},
		{"evil proto", []string{fwd, "for=203.0.113.9;proto=javascript"}, "203.0.113.9 http api.example.com"},
		{"evil host", []string{fwd, `for=203.0.113.9;host="a/../b"`}, "203.0.113.9 http api.example.com"},
		{"the other header is ignored", []string{xff, "1.1.1.1", "X-Forwarded-Proto", "https"}, "10.0.0.1 http api.example.com"},
		{"33 hops", []string{fwd, "for=203.0.113.9" + strings.Repeat(", for=10.0.0.2", 33)}, "10.0.0.2 http api.example.com"},
		{"a megabyte", []string{fwd, strings.Repeat(`\"`, 1<<19)}, "10.0.0.1 http api.example.com"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := res.Peer(request("10.0.0.1:5", tc.lines...))
			if got := fmt.Sprint(p.Addr, " ", p.Scheme, " ", p.Host); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func TestSchemeAndHost(t *testing.T) {
	res := newResolver(t, transport.XForwardedFor)
	for _, tc := range []struct {
		name, socket string
		lines        []string
		scheme, host string
	}{
		{"from a proxy", "10.0.0.1:5", []string{"X-Forwarded-Proto", "https", "X-Forwarded-Host", "a.example.com:8443"}, "https", "a.example.com:8443"},
		{"from a stranger", "192.0.2.1:5", []string{"X-Forwarded-Proto", "https", "X-Forwarded-Host", "evil.tld"}, "http", "api.example.com"},
		{"the nearest hop's word", "10.0.0.1:5", []string{"X-Forwarded-Proto", "https, http", "X-Forwarded-Host", "evil.tld, a.example.com"}, "http", "a.example.com"},
		{"evil scheme", "10.0.0.1:5", []string{"X-Forwarded-Proto", "evil", "X-Forwarded-Host", "a b"}, "http", "api.example.com"},
		{"long host", "10.0.0.1:5", []string{"X-Forwarded-Host", strings.Repeat("a", 10_000)}, "http", "api.example.com"},
	} {
		p := res.Peer(request(tc.socket, tc.lines...))
		if p.Scheme != tc.scheme || p.Host != tc.host {
			t.Errorf("%s: got %s %s, want %s %s", tc.name, p.Scheme, p.Host, tc.scheme, tc.host)
		}
	}
	r := request("192.0.2.1:5")
	r.TLS = &tls.ConnectionState{}
	if p := transport.PeerOf(r); p.Scheme != "https" {
		t.Errorf("TLS: got %+v", p)
	}
	absolute := httptest.NewRequest("GET", "https://api.example.com/", nil)
	absolute.TLS = nil
	if p := transport.PeerOf(absolute); p.Scheme != "http" {
		t.Errorf("an absolute target counts as TLS: %+v", p)
	}
}

func TestFaults(t *testing.T) {
	net8 := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	everyone := []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}
	for _, tc := range []struct {
		name string
		cfg  transport.Config
		want int
	}{
		{"empty", transport.Config{}, 0},
		{"proxies without header", transport.Config{TrustedProxies: net8}, 1},
		{"header without proxies", transport.Config{Header: transport.Forwarded}, 1},
		{"unknown header", transport.Config{TrustedProxies: net8, Header: "X-Real-IP"}, 1},
		{"everyone", transport.Config{TrustedProxies: everyone, Header: transport.Forwarded}, 2},
		{"everyone on purpose", transport.Config{TrustedProxies: everyone, Header: transport.Forwarded, DangerouslyTrustEveryone: true}, 0},
		{"mapped everyone", transport.Config{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("::ffff:0.0.0.0/96")}, Header: transport.Forwarded}, 1},
		{"invalid", transport.Config{TrustedProxies: []netip.Prefix{{}}, Header: transport.Forwarded}, 1},
	} {
		if _, err := transport.New(tc.cfg); len(conf.All(err)) != tc.want {
			t.Errorf("%s: got %v, want %d faults", tc.name, err, tc.want)
		}
	}
	mapped, err := transport.New(transport.Config{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("::ffff:10.0.0.0/104")}, Header: transport.XForwardedFor})
	if err != nil || mapped.Peer(request("10.0.0.1:5", xff, "203.0.113.9")).Addr.String() != "203.0.113.9" {
		t.Errorf("a mapped prefix does not match: %v", err)
	}
}

func TestServerFaults(t *testing.T) {
	_, err := transport.NewServer(transport.ServerConfig{ReadTimeout: -1, WriteTimeout: -1, IdleTimeout: -1, ReadHeaderTimeout: -1, MaxHeaderBytes: 1 << 30, MaxStreams: -1})
	if got := len(conf.All(err)); got != 7 && got != 8 {
		t.Errorf("got %d faults: %v", got, err)
	}
	s, err := transport.NewServer(transport.ServerConfig{Handler: http.NotFoundHandler()})
	if err != nil || s.ReadHeaderTimeout != 5*time.Second || s.ReadTimeout != 30*time.Second || s.WriteTimeout != time.Minute ||
		s.IdleTimeout != time.Minute || s.MaxHeaderBytes != 32<<10 || s.HTTP2.MaxConcurrentStreams != 100 || !s.DisableGeneralOptionsHandler {
		t.Errorf("got %+v, %v", s, err)
	}
}

// TestSlowAndLongHeaders holds a real server to its limits.
func TestSlowAndLongHeaders(t *testing.T) {
	s, err := transport.NewServer(transport.ServerConfig{
		Handler:           http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) }),
		ReadHeaderTimeout: 200 * time.Millisecond, ReadTimeout: 400 * time.Millisecond, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = s.Serve(listener) }()
	t.Cleanup(func() { _ = s.Close() })
	for _, tc := range []struct {
		name, send string
		want       string // prefix of the answer
	}{
		{"good", "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 200"},
		{"asterisk reaches the handler", "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 200"},
		{"header never ends", "GET / HTTP/1.1\r\nHost: x\r\nX-A: ", ""},
		{"nothing is sent", "", ""},
		{"body never ends", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc", "HTTP/1.1 200"},
		{"256 KiB of header", "GET / HTTP/1.1\r\nHost: x\r\nX-A: " + strings.Repeat("a", 256<<10) + "\r\n\r\n", "HTTP/1.1 431"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			conn, err := net.Dial("tcp", listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
				t.Fatal(err)
			}
			go func() { _, _ = io.WriteString(conn, tc.send) }()
			line, err := bufio.NewReader(conn).ReadString('\n')
			if e, ok := err.(net.Error); ok && e.Timeout() {
				t.Fatal("the server still waits")
			}
			if !strings.HasPrefix(line, tc.want) {
				t.Errorf("got %q, want %q", line, tc.want)
			}
		})
	}
}

func TestPeerOfAllocatesNothing(t *testing.T) {
	if racing.Enabled {
		t.Skip("the race detector allocates")
	}
	res, r := newResolver(t, transport.XForwardedFor), request("10.0.0.1:5", xff, "203.0.113.9, 10.0.0.2")
	if got := testing.AllocsPerRun(100, func() { transport.PeerOf(r); res.Peer(r) }); got != 0 {
		t.Errorf("got %v allocations, want none", got)
	}
}
