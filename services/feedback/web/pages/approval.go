package pages

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/feedback"
)

// approval is an action that waits for the person.
type approval struct {
	ID      string // of its session
	Link    string
	Task    string
	Step    int
	Action  string
	Why     []string // sentences
	Denied  moment   // when it is denied by itself
	Picture *picture // the screen, with what it would act on
}

// approval is nil when the session waits for nothing.
func (p *pages) approval(s feedback.Summary) *approval {
	w := s.Waiting
	if w == nil || !w.Waits(p.options.Now()) {
		return nil
	}
	view := &approval{ID: s.SessionID, Link: sessionLink(s.SessionID), Task: s.Task, Step: w.Step, Action: w.Action, Denied: p.moment(w.Expires), Why: whyItWaits(*w)}
	if w.Frame != nil {
		if view.Picture = newPicture(view.Link, w.Step, *w.Frame, "The screen as it is, with what the action names"); view.Picture != nil {
			view.Picture.Marks = w.Boxes
		}
	}
	return view
}

// whyItWaits says by which rule an action waits, and why it is asked again.
func whyItWaits(w contracts.TaskApproval) []string {
	why := []string{fmt.Sprintf("Its class is %s.", w.Class)}
	switch {
	case w.Rule != "" && w.Words != "":
		why = []string{fmt.Sprintf("Its class is %s, by the rule “%s”, for %s.", w.Class, w.Rule, screen.Quote(w.Words))}
	case w.Rule != "":
		why = []string{fmt.Sprintf("Its class is %s, by the rule “%s”.", w.Class, w.Rule)}
	}
	if w.Reason != "" {
		why = append(why, capital(w.Reason))
	}
	return why
}

// answer is POST /sessions/{id}/approval. The form names the step and the action
// that the person has seen.
func (p *pages) answer(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		p.unreadable(w, r, err)
		return
	}
	step, err := strconv.Atoi(r.PostForm.Get("step"))
	said := r.PostForm.Get("answer")
	if err != nil || said != "allow" && said != "deny" {
		p.problem(w, r, http.StatusUnprocessableEntity, problemPage{
			Heading: "Nothing was decided", Why: "The form says neither allow nor deny, or not of which step.",
		})
		return
	}
	_, err = p.desk.Answer(r.Context(), feedback.Answer{
		ID: r.PathValue("id"), Step: step, Action: lines(r.PostForm.Get("action")), Allow: said == "allow",
		Reason: lines(r.PostForm.Get("reason")), By: contracts.ByPage,
	})
	if err != nil {
		p.fail(w, r, err)
		return
	}
	p.back(w, r)
}

// waiting is what waits in any session.
func (p *pages) waiting(r *http.Request) ([]*approval, error) {
	list, err := p.desk.Waiting(r.Context())
	if err != nil {
		return nil, err
	}
	var waiting []*approval
	for _, s := range list {
		if a := p.approval(s); a != nil {
			waiting = append(waiting, a)
		}
	}
	return waiting, nil
}
