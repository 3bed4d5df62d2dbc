package pages

import (
	"errors"
	"net/http"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/feedback"
)

// stoppedPage says what has stopped.
type stoppedPage struct {
	Stopped []contracts.StopAck
}

// stop is POST /stop: it ends all input on every desktop.
func (p *pages) stop(w http.ResponseWriter, r *http.Request) {
	acks, err := p.desk.Stop(r.Context(), "stopped on the page")
	switch {
	case errors.Is(err, feedback.ErrUnavailable):
		p.problem(w, r, http.StatusServiceUnavailable, problemPage{
			Heading: "Nobody says that it has stopped",
			Why:     "No actor answered. If input goes on, end it with Ctrl-C where grokputer up runs.",
		})
	case err != nil:
		p.fail(w, r, err)
	default:
		p.render(w, r, http.StatusOK, "stopped.html", frame{Title: "Stopped", Page: stoppedPage{acks}})
	}
}

// home leads from an address that only takes forms to the first page.
func (p *pages) home(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, "/", http.StatusSeeOther)
}
