package pages

import (
	"errors"
	"net/http"

	"github.com/grokputer/grokputer/services/feedback"
)

// maxForm is the largest form in bytes: a comment and a correction of each of many steps.
const maxForm = 1 << 20

// rate is POST /sessions/{id}/rating. A form that cannot be taken comes back as it was
// sent, with what is wrong beside each field.
func (p *pages) rate(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		p.unreadable(w, r, err)
		return
	}
	s, err := p.desk.Session(r.Context(), r.PathValue("id"))
	if err != nil {
		p.fail(w, r, err)
		return
	}
	f, rating := sent(s, r.PostForm)
	if len(f.Mistakes()) > 0 {
		p.again(w, r, http.StatusUnprocessableEntity, s, f)
		return
	}
	// No key: the same rating sent twice is recognised as the same, and a form that is
	// changed after going back in the browser is meant to be another.
	_, err = p.desk.Rate(r.Context(), rating, "")
	var invalid *feedback.InvalidError
	switch {
	case err == nil:
		http.Redirect(w, r, sessionLink(s.SessionID)+"?stored", http.StatusSeeOther)
	case errors.As(err, &invalid):
		f.refuse(invalid)
		p.again(w, r, http.StatusUnprocessableEntity, s, f)
	case errors.Is(err, feedback.ErrInvalid):
		f.Problem = sentence(err)
		p.again(w, r, http.StatusUnprocessableEntity, s, f)
	case errors.Is(err, feedback.ErrConflict):
		f.Problem = sentence(err)
		p.again(w, r, http.StatusConflict, s, f)
	case errors.Is(err, feedback.ErrUnavailable):
		f.Problem = "NATS or the object store cannot be reached. Nothing was stored, try again."
		w.Header().Set("Retry-After", "5")
		p.again(w, r, http.StatusServiceUnavailable, s, f)
	default:
		p.fail(w, r, err)
	}
}

// again shows the session with the form as it was sent.
func (p *pages) again(w http.ResponseWriter, r *http.Request, status int, s feedback.Session, f *form) {
	page := p.sessionPage(s, f)
	page.Form = f // also when the session runs again meanwhile: what was typed is not thrown away
	for i := range page.Steps {
		page.Steps[i].Judge = f.judgement(page.Steps[i].N)
	}
	p.render(w, r, status, "session.html", frame{Title: "Not stored: " + cut(s.Task, 80), Page: page})
}

func (p *pages) unreadable(w http.ResponseWriter, r *http.Request, err error) {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		p.problem(w, r, http.StatusRequestEntityTooLarge, problemPage{
			Heading: "That is too much",
			Why:     "The form is larger than 1 MiB. Nothing was stored. Go back and shorten the comment.",
		})
		return
	}
	p.problem(w, r, http.StatusBadRequest, problemPage{
		Heading: "The form cannot be read",
		Why:     "Nothing was stored. Go back, reload the page, and try again.",
	})
}
