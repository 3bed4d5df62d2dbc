package pages

import (
	"context"
	"errors"
	"net/http"

	"github.com/grokputer/grokputer/services/feedback"
)

// problemPage says what happened and what to do.
type problemPage struct {
	Heading string
	Why     string
	// Retry is the address that is worth asking for again; empty for none.
	Retry string
}

// missing answers for an address that nothing is at.
func (p *pages) missing(w http.ResponseWriter, r *http.Request) {
	p.problem(w, r, http.StatusNotFound, problemPage{
		Heading: "There is no such page",
		Why:     "The address leads nowhere. All sessions are on the first page.",
	})
}

func (p *pages) problem(w http.ResponseWriter, r *http.Request, status int, page problemPage) {
	p.render(w, r, status, "problem.html", frame{Title: page.Heading, Page: page})
}

// fail answers with the page that fits an error of the desk.
func (p *pages) fail(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, feedback.ErrNotFound):
		p.problem(w, r, http.StatusNotFound, problemPage{
			Heading: "There is no such session",
			Why:     "It may have been deleted, or its address may be incomplete. All sessions are on the first page.",
		})
	case errors.Is(err, feedback.ErrConflict):
		p.problem(w, r, http.StatusConflict, problemPage{Heading: "Not now", Why: sentence(err)})
	case errors.Is(err, feedback.ErrUnavailable):
		w.Header().Set("Retry-After", "5")
		page := problemPage{
			Heading: "Not available for the moment",
			Why:     "NATS or the object store cannot be reached. Nothing was stored, try again.",
		}
		if r.Method == http.MethodGet {
			page.Why = "NATS or the object store cannot be reached. Try again in a moment."
			page.Retry = r.URL.RequestURI()
		}
		p.problem(w, r, http.StatusServiceUnavailable, page)
	case errors.Is(err, context.Canceled) && r.Context().Err() != nil:
		// Nobody waits for the answer any more.
	default:
		p.options.Log.ErrorContext(r.Context(), "a page failed", "method", r.Method, "error", err)
		p.problem(w, r, http.StatusInternalServerError, problemPage{
			Heading: "Something went wrong",
			Why:     "The service could not do this. Its log says why.",
		})
	}
}
