package pages

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/grokputer/grokputer/services/feedback"
)

// Options are what the pages need besides the desk. The zero value works.
type Options struct {
	// CSRF returns the token that a form sends back in its field csrf; nil leaves the
	// field out. Checking it is for what stands before the pages.
	CSRF func(*http.Request) string
	// Location is the time zone of all times, time.Local when nil.
	Location *time.Location
	// Now is the clock, time.Now when nil.
	Now func() time.Time
	// Log takes what a person cannot mend; slog.Default() when nil.
	Log *slog.Logger
}

// pages answers with what the desk says.
type pages struct {
	desk      feedback.Desk
	options   Options
	templates templates
	assets    assets
}

// New returns the handler of all pages. It takes no care of who asks: Host, Origin, CSRF and
// token are checked before it.
func New(desk feedback.Desk, o Options) http.Handler {
	if o.CSRF == nil {
		o.CSRF = func(*http.Request) string { return "" }
	}
	if o.Location == nil {
		o.Location = time.Local //nolint:gosmopolitan // the person's own time is meant
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	p := &pages{desk: desk, options: o, assets: newAssets()}
	p.templates = newTemplates(p.assets)

	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", p.list)
	mux.HandleFunc("GET /sessions/{id}", p.session)
	mux.HandleFunc("GET /sessions/{id}/rating", p.back) // the address of a form that was sent back
	mux.HandleFunc("POST /sessions/{id}/rating", p.rate)
	mux.HandleFunc("GET /sessions/{id}/approval", p.back)
	mux.HandleFunc("POST /sessions/{id}/approval", p.answer)
	mux.HandleFunc("GET /stop", p.home)
	mux.HandleFunc("POST /stop", p.stop)
	mux.HandleFunc("GET /sessions/{id}/delete", p.confirm)
	mux.HandleFunc("POST /sessions/{id}/delete", p.remove)
	mux.Handle("GET /static/", http.StripPrefix("/static/", p.assets))
	mux.HandleFunc("GET /", p.missing)
	return headers(mux)
}

// headers keeps browsers from loading, framing or guessing anything. The referrer stays within the
// origin, and not away altogether: without one a browser sends Origin: null with a form.
func headers(next http.Handler) http.Handler {
	const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	})
}
