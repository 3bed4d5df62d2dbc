package reading

import (
	"slices"
	"strings"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/trainer/internal/blame"
	"github.com/grokputer/grokputer/services/trainer/internal/private"
)

// Misread is an element that was, or may have been, misread.
type Misread struct {
	Kind screen.Kind `json:"kind"`
	// Read is what the reader made of it, and Confidence how sure it was, 0 to 1.
	Read       string  `json:"read"`
	Confidence float64 `json:"confidence"`
	// Text is what stands there, as a correction tells; empty where nobody said.
	Text string `json:"text,omitempty"`
	// Why is what tells that it was misread.
	Why string     `json:"why"`
	Box screen.Box `json:"box"` // in the pixels of the picture

	SessionID  string `json:"session_id"`
	TaskID     string `json:"task_id"`
	Step       int    `json:"step"`
	FeedbackID string `json:"feedback_id,omitempty"`
	// Frame is the picture of the whole screen.
	Frame contracts.Frame `json:"frame"`
}

// Of returns what a rated session shows to be misread: only of a session whose rater blamed the
// reading (contracts.IssueOCR). A corrected text tells which element it stands for and what is right;
// of another wrong step that is the reading's fault the elements that it named are returned without
// one. What says something private is left out, for nobody can take it out of a picture.
func Of(b contracts.Bundle) []Misread {
	if !slices.Contains(b.Issues, contracts.IssueOCR) {
		return nil
	}
	var all []Misread
	for i, v := range blame.Session(b) {
		step := b.Steps[i]
		if step.Frame.Image.Key == "" {
			continue // the picture was gone before it was rated
		}
		for _, m := range misread(step, v) {
			if isPrivate(b.Task, m.Read) || isPrivate(b.Task, m.Text) {
				continue
			}
			m.SessionID, m.TaskID, m.Step, m.FeedbackID, m.Frame = b.SessionID, b.TaskID, step.Step, b.FeedbackID, step.Frame
			all = append(all, m)
		}
	}
	return all
}

// misread is what one step shows.
func misread(step contracts.BundleStep, v blame.Verdict) []Misread {
	if step.Corrected != nil {
		if m, ok := corrected(step.State.Screen.Elements, step.Action, *step.Corrected); ok {
			return []Misread{m}
		}
	}
	if v.Judgement != blame.Wrong || v.Fault != blame.Eyes {
		return nil
	}
	var all []Misread
	for _, target := range step.Action.Targets() {
		if e, err := step.State.Visible().Find(target); err == nil {
			all = append(all, of(e, "", v.Reason))
		}
	}
	return all
}

// corrected finds the element that was misread where the person says another text than the agent
// said: the one that has what was said, or else the one that reads most like what is right. ok is
// false when there is none, and when more than one has it.
func corrected(elements []screen.Element, said, right action.Action) (m Misread, ok bool) {
	if right.Text == "" || said.Verb != right.Verb || said.Text == right.Text {
		return m, false
	}
	const why = "the person corrected what was said of it"
	found := 0
	for _, e := range elements {
		if said.Text != "" && !e.Pictured && strings.Contains(e.Text, said.Text) {
			found++
			m = of(e, strings.Replace(e.Text, said.Text, right.Text, 1), why)
		}
	}
	if found > 0 {
		return m, found == 1
	}
	least := len([]rune(right.Text))/alike + 1
	for _, e := range elements {
		if e.Pictured || e.Text == "" {
			continue
		}
		switch d := distance(e.Text, right.Text); {
		case d < least && d > 0:
			m, least, ok = of(e, right.Text, why), d, true
		case d == 0:
			return Misread{}, false // it was read right
		case d == least:
			ok = false // two are as near
		}
	}
	return m, ok
}

// alike is of how many characters one may be another where two texts are taken for the same.
const alike = 3

func of(e screen.Element, text, why string) Misread {
	return Misread{Kind: e.Kind, Read: e.Text, Confidence: e.Confidence, Text: text, Why: why, Box: e.Box}
}

// isPrivate reports whether a text says what is nobody's business.
func isPrivate(task, text string) bool {
	return len(private.Find(text)) > 0 ||
		slices.ContainsFunc(private.Passwords(task), func(password string) bool { return strings.Contains(text, password) })
}

// distance is how many characters have to be put in, taken out or exchanged to make one text of
// the other (Levenshtein 1966).
func distance(a, b string) int {
	left, right := []rune(a), []rune(b)
	row := make([]int, len(right)+1)
	for j := range row {
		row[j] = j
	}
	for i, l := range left {
		diagonal := row[0]
		row[0] = i + 1
		for j, r := range right {
			above := row[j+1]
			step := diagonal
			if l != r {
				step++
			}
			row[j+1], diagonal = min(step, above+1, row[j]+1), above
		}
	}
	return row[len(right)]
}
