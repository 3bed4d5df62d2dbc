package guard_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"go.uber.org/goleak"

	"github.com/grokputer/grokputer/services/feedback/web/guard"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// request makes a request as it reaches a server on the loopback interface.
func request(method, url string, change func(*http.Request)) *http.Request {
	r := httptest.NewRequest(method, url, http.NoBody)
	r.RemoteAddr = "127.0.0.1:5000"
	if change != nil {
		change(r)
	}
	return r
}

func status(o guard.Options, r *http.Request) (int, http.Header) {
	w := httptest.NewRecorder()
	guard.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }), o).ServeHTTP(w, r)
	return w.Code, w.Header()
}

func TestGuard(t *testing.T) {
	t.Parallel()
	local := guard.Options{Loopback: true, Token: "secret"}
	open := guard.Options{Token: "secret", Hosts: []string{"desk.example"}}
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	for name, c := range map[string]struct {
		o    guard.Options
		r    *http.Request
		want int
	}{
		"this machine":                     {local, request("GET", "http://127.0.0.1:8420/", nil), http.StatusTeapot},
		"localhost":                        {local, request("GET", "http://localhost/", nil), http.StatusTeapot},
		"IPv6":                             {local, request("GET", "http://[::1]:8420/", nil), http.StatusTeapot},
		"a name that points here":          {local, request("GET", "http://evil.example:8420/", nil), http.StatusMisdirectedRequest},
		"a name with a dot":                {local, request("GET", "http://localhost./", nil), http.StatusTeapot},
		"from elsewhere":                   {local, request("GET", "http://127.0.0.1/", func(r *http.Request) { r.RemoteAddr = "192.0.2.1:5000" }), http.StatusUnauthorized},
		"a post without an origin":         {local, request("POST", "http://127.0.0.1:8420/", nil), http.StatusTeapot},
		"a post from its own page":         {local, request("POST", "http://127.0.0.1:8420/", header("Origin", "http://127.0.0.1:8420")), http.StatusTeapot},
		"a post from another page":         {local, request("POST", "http://127.0.0.1:8420/", header("Origin", "https://evil.example")), http.StatusForbidden},
		"a post from another port":         {local, request("POST", "http://127.0.0.1:8420/", header("Origin", "http://127.0.0.1:9999")), http.StatusForbidden},
		"a cross-site post":                {local, request("POST", "http://127.0.0.1:8420/", header("Sec-Fetch-Site", "cross-site")), http.StatusForbidden},
		"no token":                         {open, request("GET", "http://desk.example/", nil), http.StatusUnauthorized},
		"a wrong token":                    {open, request("GET", "http://desk.example/", header("Authorization", "Bearer x")), http.StatusUnauthorized},
		"the token":                        {open, request("GET", "http://desk.example/", header("Authorization", "Bearer secret")), http.StatusTeapot},
		"the token, another name":          {open, request("GET", "http://other.example/", header("Authorization", "Bearer secret")), http.StatusMisdirectedRequest},
		"the token as a cookie":            {open, request("GET", "http://desk.example/", header("Cookie", "grokputer_token=secret")), http.StatusTeapot},
		"an empty token where none is set": {guard.Options{}, request("GET", "http://localhost/", header("Authorization", "Bearer ")), http.StatusUnauthorized},
	} {
		got, h := status(c.o, c.r)
		if got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
		if h.Get("Content-Security-Policy") == "" || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: the headers are %v", name, h)
		}
	}
}

// A browser presents the token once, in the address, from where it vanishes.
func TestTheTokenLeavesTheAddress(t *testing.T) {
	t.Parallel()
	o := guard.Options{Token: "secret", Hosts: []string{"desk.example"}}
	for url, want := range map[string]string{
		"http://desk.example/sessions/a?token=secret&x=1": "/sessions/a?x=1",
		"http://desk.example//evil.example/?token=secret": "/evil.example/",
	} {
		code, h := status(o, request("GET", url, nil))
		if code != http.StatusSeeOther || h.Get("Location") != want {
			t.Errorf("%s: %d to %q, want %q", url, code, h.Get("Location"), want)
		}
		cookie, err := http.ParseSetCookie(h.Get("Set-Cookie"))
		if err != nil || cookie.Value != "secret" || !cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode {
			t.Errorf("the cookie is %+v, %v", cookie, err)
		}
	}
}

func TestAnotherUser(t *testing.T) {
	t.Parallel()
	for same, want := range map[bool]int{true: http.StatusTeapot, false: http.StatusUnauthorized} {
		handler := guard.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }), guard.Options{
			Loopback: true, SameUser: func(_, _ netip.AddrPort) bool { return same },
		})
		server := httptest.NewServer(handler)
		response, err := server.Client().Get(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
		server.Close()
		if response.StatusCode != want {
			t.Errorf("same user %t: %d, want %d", same, response.StatusCode, want)
		}
	}
}

// The kernel's table says that a connection of this process is its user's own.
func TestSameUser(t *testing.T) {
	t.Parallel()
	for _, network := range []string{"127.0.0.1:0", "[::1]:0"} {
		listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", network)
		if err != nil {
			continue // no IPv6 here
		}
		client, err := new(net.Dialer).DialContext(t.Context(), "tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		local, remote := netip.MustParseAddrPort(listener.Addr().String()), netip.MustParseAddrPort(client.LocalAddr().String())
		if !guard.SameUser(local, remote) {
			t.Errorf("%s: its own connection counts as another's", network)
		}
		if guard.SameUser(local, netip.AddrPortFrom(remote.Addr(), 1)) {
			t.Errorf("%s: a connection that is not there counts as its own", network)
		}
		_, _ = client.Close(), listener.Close()
	}
}
