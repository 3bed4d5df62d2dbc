package pages

import (
	"net/http"

	"github.com/grokputer/grokputer/services/feedback"
)

// removePage asks before a session is deleted, or says what was.
type removePage struct {
	Link     string
	Task     string
	Rated    bool
	Objects  string
	Adapters []string
}

// confirm is GET /sessions/{id}/delete.
func (p *pages) confirm(w http.ResponseWriter, r *http.Request) {
	s, err := p.desk.Session(r.Context(), r.PathValue("id"))
	if err != nil {
		p.fail(w, r, err)
		return
	}
	p.ask(w, r, s)
}

func (p *pages) ask(w http.ResponseWriter, r *http.Request, s feedback.Session) {
	page := removePage{Link: sessionLink(s.SessionID), Task: s.Task, Rated: s.Rating != nil}
	p.render(w, r, http.StatusOK, "confirm.html", frame{Title: "Delete a session?", Page: page})
}

// remove is POST /sessions/{id}/delete. It deletes only what the confirmation page was asked
// about; any other form gets that page.
func (p *pages) remove(w http.ResponseWriter, r *http.Request) {
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
	if r.PostForm.Get("confirm") != "yes" {
		p.ask(w, r, s)
		return
	}
	deleted, err := p.desk.Delete(r.Context(), s.SessionID)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	p.render(w, r, http.StatusOK, "deleted.html", frame{Title: "Deleted", Page: removePage{
		Task: s.Task, Objects: count(deleted.Objects, "object", "objects"), Adapters: deleted.Adapters,
	}})
}
