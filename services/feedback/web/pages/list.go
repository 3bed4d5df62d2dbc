package pages

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/grokputer/grokputer/services/feedback"
)

// listLimit is how many sessions the first page shows at once.
const listLimit = 100

// listPage is the sessions and how the agent does.
type listPage struct {
	Tabs     []tab
	Rows     []row
	More     string // the address that shows older ones; empty when all are shown
	Empty    string // why there is no row
	Standing standing
	Waiting  []*approval // the newest session first
}

// tab is a link that selects sessions.
type tab struct {
	Name    string
	Link    string
	Current bool
}

// row is one session in the list.
type row struct {
	Link    string
	Task    string
	Outcome badge
	Note    string // the answer, or why there is none
	Stars   int    // 0 for not rated
	Steps   string
	Adapter string
	When    moment
	CanRate bool
}

// list is GET /: show=failed or show=unrated selects, last=n says how many.
func (p *pages) list(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	show := query.Get("show")
	limit := listLimit
	if n, err := strconv.Atoi(query.Get("last")); err == nil && n > 0 {
		limit = n
	}
	// One more than is shown tells whether there are older ones.
	found, err := p.desk.List(r.Context(), feedback.Filter{Failed: show == "failed", Unrated: show == "unrated", Last: limit + 1})
	if err != nil {
		p.fail(w, r, err)
		return
	}
	page := listPage{Tabs: tabs(show), Empty: empty(show)}
	if len(found) > limit {
		found = found[:limit]
		page.More = address(show, limit+listLimit)
	}
	f := frame{Title: "Sessions"}
	if page.Waiting, err = p.waiting(r); err != nil {
		p.fail(w, r, err)
		return
	}
	for _, s := range found {
		page.Rows = append(page.Rows, p.row(s))
		if s.Outcome == "" {
			f.Refresh = refreshSeconds
		}
	}
	stats, err := p.desk.Stats(r.Context())
	if err != nil {
		p.options.Log.WarnContext(r.Context(), "the sums of the ratings cannot be had", "error", err)
		page.Standing = standing{Missing: "The sums of the ratings cannot be had for the moment."}
	} else {
		page.Standing = p.standing(stats)
	}
	if page.Standing.Training.Running {
		f.Refresh = refreshSeconds
	}
	f.Page = page
	p.render(w, r, http.StatusOK, "list.html", f)
}

func tabs(show string) []tab {
	return []tab{
		{Name: "All", Link: "/", Current: show != "failed" && show != "unrated"},
		{Name: "Failed", Link: address("failed", 0), Current: show == "failed"},
		{Name: "Unrated", Link: address("unrated", 0), Current: show == "unrated"},
	}
}

// address is the list with a filter; last is 0 for the usual number.
func address(show string, last int) string {
	query := url.Values{}
	if show != "" {
		query.Set("show", show)
	}
	if last > 0 {
		query.Set("last", strconv.Itoa(last))
	}
	return "/?" + query.Encode()
}

func empty(show string) string {
	switch show {
	case "failed":
		return "No session failed, and none is rated 3 stars or less."
	case "unrated":
		return "Every session that has ended is rated."
	default:
		return "There is no session yet. Give the agent a task: grokputer run \"open the editor and type hello\""
	}
}

// row is a session as the list shows it.
func (p *pages) row(s feedback.Summary) row {
	line := row{
		Link:    sessionLink(s.SessionID),
		Task:    s.Task,
		Outcome: outcomeBadge(s.Outcome),
		Note:    s.Reason,
		Steps:   count(s.StepCount, "step", "steps"),
		Adapter: adapterName(s.Adapter),
		When:    p.moment(s.Started),
		CanRate: s.Outcome != "",
	}
	if s.Answer != "" {
		line.Note = s.Answer
	}
	if s.Rating != nil {
		line.Stars = s.Rating.Stars
	}
	return line
}

// sessionLink is the address of a session's page.
func sessionLink(id string) string { return "/sessions/" + url.PathEscape(id) }

// adapterName says with what was planned; nothing means the base model alone.
func adapterName(version string) string {
	if version == "" {
		return "base model"
	}
	return version
}
