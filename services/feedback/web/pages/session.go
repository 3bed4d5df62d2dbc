package pages

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/feedback"
)

// sessionPage is one session with its steps and, when it has ended, the form that rates it.
type sessionPage struct {
	ID      string
	Link    string
	Task    string
	Outcome badge
	Reason  string
	Answer  string
	Facts   []fact
	Steps   []step
	Last    *picture // the screen as the task left it
	// Approval is what the session waits with; nil for nothing.
	Approval *approval
	Form     *form // nil while the task runs
	Stored   bool  // the rating was just stored
}

// fact is a line of a session's head.
type fact struct {
	Name string
	Text string
	ISO  string // of a time
}

// step is one step as it is shown and judged.
type step struct {
	N           int
	Action      string
	Confidence  string
	Outcome     badge
	Result      string
	Title       string // of the window
	Elements    string // how many there were
	Told        string // exactly what the planner was told
	Picture     *picture
	Suggestions []string
	Judge       *judgement // nil while the task runs
}

// picture is a screen, with the elements that an action names marked on it.
type picture struct {
	Link          string
	Alt           string
	Width, Height int
	Marks         []screen.Box
}

// session is GET /sessions/{id}.
func (p *pages) session(w http.ResponseWriter, r *http.Request) {
	s, err := p.desk.Session(r.Context(), r.PathValue("id"))
	if err != nil {
		p.fail(w, r, err)
		return
	}
	page := p.sessionPage(s, stored(s))
	page.Stored = r.URL.Query().Has("stored") && s.Rating != nil
	f := frame{Title: cut(s.Task, 80), Page: page}
	if s.Outcome == "" {
		f.Refresh = refreshSeconds
	}
	p.render(w, r, http.StatusOK, "session.html", f)
}

// back leads from the address of a form to its session.
func (p *pages) back(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, sessionLink(r.PathValue("id")), http.StatusSeeOther) //nolint:gosec // G710: the path begins with /sessions/ and the id is escaped
}

func (p *pages) sessionPage(s feedback.Session, f *form) sessionPage {
	page := sessionPage{
		ID:      s.SessionID,
		Link:    sessionLink(s.SessionID),
		Task:    s.Task,
		Outcome: outcomeBadge(s.Outcome),
		Reason:  s.Reason,
		Answer:  s.Answer,
		Facts:   p.facts(s),
	}
	page.Approval = p.approval(s.Summary)
	if s.Outcome != "" {
		page.Form = f
	}
	for _, b := range s.Steps {
		view := newStep(page.Link, b)
		if page.Form != nil {
			view.Judge = f.judgement(b.Step)
		}
		page.Steps = append(page.Steps, view)
	}
	if s.LastFrame != nil {
		page.Last = newPicture(page.Link, 0, *s.LastFrame, "The screen as the task left it")
	}
	return page
}

func (p *pages) facts(s feedback.Session) []fact {
	started := p.moment(s.Started)
	facts := []fact{{Name: "Started", Text: started.Text, ISO: started.ISO}}
	if !s.Ended.IsZero() {
		facts = append(facts, fact{Name: "Took", Text: span(s.Ended.Sub(s.Started))})
	}
	facts = append(facts, fact{Name: "Steps", Text: fmt.Sprint(s.StepCount)}, fact{Name: "Adapter", Text: adapterName(s.Adapter)})
	if others := otherRoles(s.Steps); others != "" {
		facts = append(facts, fact{Name: "Other roles", Text: others})
	}
	for _, f := range []fact{{Name: "Model", Text: s.Model}, {Name: "Planner", Text: s.Planner}, {Name: "Desktop", Text: s.Desktop}} {
		if f.Text != "" {
			facts = append(facts, f)
		}
	}
	return append(facts, fact{Name: "Session", Text: s.SessionID})
}

// otherRoles are the versions of other roles than the planner that had a part in it.
func otherRoles(steps []contracts.BundleStep) string {
	adapters := make([][]contracts.RoleVersion, len(steps))
	for i, step := range steps {
		adapters[i] = step.Adapters
	}
	asked := contracts.Asked(adapters...)
	var others []string
	for _, role := range contracts.PlanningRoles() {
		if version := contracts.Own(asked, role); version != "" && role != contracts.RolePlanner {
			others = append(others, contracts.VersionOf(contracts.RolePlanner, role, version))
		}
	}
	return strings.Join(others, ", ")
}

func newStep(link string, b contracts.BundleStep) step {
	view := step{
		N:           b.Step,
		Action:      b.Action.String(),
		Confidence:  fmt.Sprintf("%.0f %%", math.Floor(100*b.Confidence)),
		Outcome:     stepBadge(b.Outcome, b.Effect),
		Result:      b.Result,
		Title:       b.State.Screen.Title,
		Elements:    count(len(b.State.Visible().Elements), "element", "elements"),
		Told:        prompt.Render(b.State),
		Suggestions: feedback.Suggestions(b.State),
		Picture:     newPicture(link, b.Step, b.Frame, fmt.Sprintf("The screen before step %d", b.Step)),
	}
	if view.Picture != nil {
		view.Picture.Marks = marks(b.State, b.Action)
	}
	return view
}

// newPicture is nil when there is no picture any more.
func newPicture(link string, n int, f contracts.Frame, alt string) *picture {
	if f.Image.Key == "" || f.Width <= 0 || f.Height <= 0 {
		return nil
	}
	return &picture{
		Link:  fmt.Sprintf("/v1%s/steps/%d/screenshot", link, n),
		Alt:   alt,
		Width: f.Width, Height: f.Height,
	}
}

// marks are the boxes of the elements that an action names.
func marks(state prompt.State, a action.Action) []screen.Box {
	var boxes []screen.Box
	for _, t := range a.Targets() {
		if e, err := state.Visible().Find(t); err == nil {
			boxes = append(boxes, e.Box)
		}
	}
	return boxes
}

// steps are the numbers of a session's steps.
func steps(s feedback.Session) []int {
	var numbers []int
	for _, b := range s.Steps {
		numbers = append(numbers, b.Step)
	}
	slices.Sort(numbers)
	return numbers
}

// lines makes the line ends of a form those of text everywhere else.
func lines(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }
