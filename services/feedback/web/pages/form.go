package pages

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/services/feedback"
)

// form is a rating as it stands in the page: what was typed, and what is wrong with it.
type form struct {
	Stars   []choice
	Issues  []choice
	Comment string
	Again   bool // there is a rating that this one takes the place of

	StarsError   string
	IssuesError  string
	CommentError string
	// Problem is what is wrong with the whole, such as that it could not be stored.
	Problem string

	judgements map[int]*judgement
	order      []int
}

// choice is one radio button or check box.
type choice struct {
	Value   string
	Name    string
	Checked bool
}

// judgement is what is said of one step.
type judgement struct {
	Step      int
	Verdict   contracts.Verdict
	Corrected string
	Error     string
}

// mistake is one thing to mend, with the id of its field.
type mistake struct{ Field, Text string }

// MaxComment is the most characters that a comment can have.
func (f *form) MaxComment() int { return contracts.MaxComment }

// Mistakes lists everything that is wrong, in the order of the page.
func (f *form) Mistakes() []mistake {
	var all []mistake
	add := func(field, text string) {
		if text != "" {
			all = append(all, mistake{Field: field, Text: text})
		}
	}
	for _, n := range f.order {
		if j := f.judgements[n]; j.Error != "" {
			add(fmt.Sprintf("corrected-%d", n), fmt.Sprintf("Step %d: %s", n, j.Error))
		}
	}
	add("rating-1", f.StarsError)
	add("issue-"+string(contracts.IssueOCR), f.IssuesError)
	add("comment", f.CommentError)
	return all
}

// judgement returns the one of a step, which is there for every step of the session.
func (f *form) judgement(n int) *judgement { return f.judgements[n] }

// newForm is a form with the choices made.
func newForm(numbers []int, stars string, issues []string, comment string) *form {
	f := &form{Comment: comment, judgements: map[int]*judgement{}, order: numbers}
	for n, name := range []string{"useless", "poor", "mixed", "good", "just right"} {
		value := strconv.Itoa(n + contracts.MinRating)
		f.Stars = append(f.Stars, choice{Value: value, Name: name, Checked: value == stars})
	}
	for _, issue := range contracts.Issues() {
		f.Issues = append(f.Issues, choice{
			Value: string(issue), Name: issue.Describe(), Checked: slices.Contains(issues, string(issue)),
		})
	}
	for _, n := range numbers {
		f.judgements[n] = &judgement{Step: n}
	}
	return f
}

// stored is the form with what the session was rated before.
func stored(s feedback.Session) *form {
	var stars, comment string
	var issues []string
	if s.Rating != nil {
		stars, comment = strconv.Itoa(s.Rating.Stars), s.Rating.Comment
		for _, issue := range s.Rating.Issues {
			issues = append(issues, string(issue))
		}
	}
	f := newForm(steps(s), stars, issues, comment)
	f.Again = s.Rating != nil
	for _, b := range s.Steps {
		j := f.judgements[b.Step]
		j.Verdict = b.Verdict
		if b.Corrected != nil {
			j.Corrected = b.Corrected.String()
		}
	}
	return f
}

// sent reads a form that came back, and the rating that it stands for. The rating is
// usable if the form has no mistakes.
func sent(s feedback.Session, values url.Values) (*form, contracts.Feedback) {
	rating := contracts.Feedback{SessionID: s.SessionID, Comment: strings.TrimSpace(lines(values.Get("comment")))}
	f := newForm(steps(s), values.Get("rating"), values["issue"], rating.Comment)
	f.Again = s.Rating != nil
	var err error
	if rating.Rating, err = strconv.Atoi(values.Get("rating")); err != nil {
		f.StarsError = "Choose from 1 to 5 stars."
	}
	for _, issue := range values["issue"] {
		rating.Issues = append(rating.Issues, contracts.Issue(issue))
	}
	for _, n := range f.order {
		j := f.judgements[n]
		j.Verdict = contracts.Verdict(values.Get(fmt.Sprintf("verdict-%d", n)))
		j.Corrected = strings.TrimSpace(values.Get(fmt.Sprintf("corrected-%d", n)))
		if said, ok := j.read(); ok {
			rating.Steps = append(rating.Steps, said)
		}
	}
	return f, rating
}

// read returns what is said of the step; ok is false when nothing is, or nothing that makes sense.
func (j *judgement) read() (said contracts.StepFeedback, ok bool) {
	said = contracts.StepFeedback{Step: j.Step, Verdict: j.Verdict}
	if j.Corrected == "" {
		return said, j.Verdict != contracts.VerdictNone
	}
	if j.Verdict == contracts.VerdictRight {
		j.Error = "The action is marked as right and corrected as well. Choose one."
		return said, false
	}
	a, err := action.Parse(j.Corrected)
	if err != nil {
		j.Error = sentence(err)
		return said, false
	}
	j.Verdict, said.Verdict, said.Corrected = contracts.VerdictWrong, contracts.VerdictWrong, &a
	return said, true
}

// refuse puts what the desk says beside the field that is meant.
func (f *form) refuse(e *feedback.InvalidError) {
	why := capital(e.Why)
	field, _, _ := strings.Cut(e.Field, "[")
	j := f.judgements[e.Step]
	switch {
	case field == "steps" && j != nil:
		j.Error = why
	case field == "rating":
		f.StarsError = why
	case field == "issues":
		f.IssuesError = why
	case field == "comment":
		f.CommentError = why
	default:
		f.Problem = why
	}
}
