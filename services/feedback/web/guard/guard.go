// Package guard decides who may come through the HTTP door: only who calls it by a
// name of its own, from a page of its own, and is the person whose desktop it is. A
// web page that the person happens to read must not be able to rate.
package guard

import (
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Options say who may come in.
type Options struct {
	// Hosts are names, besides those of the loopback interface, under which the server
	// may be called.
	Hosts []string
	// Token lets in whoever presents it.
	Token string
	// Loopback says that the server listens on the loopback interface only: a process
	// of the same user then needs no token.
	Loopback bool
	// SameUser reports whether the process at the other end of a loopback connection is
	// the server's user or the administrator. nil lets in every local process.
	SameUser func(local, remote netip.AddrPort) bool
}

// cookie holds the token in a browser that has presented it once.
const cookie = "grokputer_token"

// Wrap guards a handler.
func Wrap(next http.Handler, o Options) http.Handler {
	origin := http.NewCrossOriginProtection()
	guarded := origin.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin") // without one, a form of ours would not say where it comes from
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if !o.named(r.Host) {
			refuse(w, http.StatusMisdirectedRequest, "this server is not called "+r.Host+": use 127.0.0.1, or name it in the setting http-hosts")
			return
		}
		if !o.allowed(r) {
			h.Set("WWW-Authenticate", `Bearer realm="grokputer"`)
			refuse(w, http.StatusUnauthorized, "present the token (Authorization: Bearer TOKEN, or ?token=TOKEN once in a browser); it is in the file http-token of the data folder")
			return
		}
		if o.remember(w, r) {
			return
		}
		guarded.ServeHTTP(w, r)
	})
}

func refuse(w http.ResponseWriter, status int, why string) {
	http.Error(w, why, status)
}

// named reports whether a Host header is a name of ours: a page of another site
// whose name points to this machine sends its own.
func (o Options) named(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	name = strings.ToLower(strings.TrimSuffix(strings.Trim(name, "[]"), "."))
	if name == "localhost" || slices.ContainsFunc(o.Hosts, func(h string) bool { return strings.EqualFold(h, name) }) {
		return true
	}
	address, err := netip.ParseAddr(name)
	return err == nil && address.IsLoopback()
}

// allowed reports whether a request may come in.
func (o Options) allowed(r *http.Request) bool {
	if o.presents(r) {
		return true
	}
	if !o.Loopback {
		return false
	}
	remote, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !remote.Addr().Unmap().IsLoopback() {
		return false
	}
	if o.SameUser == nil {
		return true
	}
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return false
	}
	at, err := netip.ParseAddrPort(local.String())
	return err == nil && o.SameUser(at, remote)
}

// presents reports whether a request has the token.
func (o Options) presents(r *http.Request) bool {
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && o.is(bearer) {
		return true
	}
	if o.is(r.URL.Query().Get("token")) {
		return true
	}
	kept, err := r.Cookie(cookie)
	return err == nil && o.is(kept.Value)
}

func (o Options) is(token string) bool {
	return o.Token != "" && subtle.ConstantTimeCompare([]byte(token), []byte(o.Token)) == 1
}

// remember has a browser that presented the token in an address keep it, and
// takes it out of the address.
func (o Options) remember(w http.ResponseWriter, r *http.Request) (done bool) {
	query := r.URL.Query()
	if r.Method != http.MethodGet || !o.is(query.Get("token")) {
		return false
	}
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure where it can be: over plain HTTP it would not come back
		Name: cookie, Value: o.Token, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil,
	})
	query.Del("token")
	to := *r.URL
	to.RawQuery, to.Host, to.Scheme = query.Encode(), "", ""
	to.Path = "/" + strings.TrimLeft(to.Path, "/\\")      // never another host
	http.Redirect(w, r, to.String(), http.StatusSeeOther) //nolint:gosec // a path of this server, see above
	return true
}
