package rating_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/cmd/grokputer/console"
	"github.com/grokputer/grokputer/cmd/grokputer/rating"
	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/feedback"
)

// script answers in turn and keeps what was said. After the last answer the
// input has ended. An answer that begins with a Tab is completed, and what it
// can become is kept instead.
type script struct {
	answers []string
	said    []string
}

func (s *script) Say(format string, a ...any) error {
	s.said = append(s.said, fmt.Sprintf(format, a...))
	return nil
}

func (s *script) Ask(_ context.Context, prompt string, complete console.Complete) (string, error) {
	for {
		s.said = append(s.said, prompt)
		if len(s.answers) == 0 {
			return "", console.ErrEnd
		}
		answer := s.answers[0]
		s.answers = s.answers[1:]
		before, tab := strings.CutPrefix(answer, "\t")
		if !tab {
			return answer, nil
		}
		s.said = append(s.said, strings.Join(complete(before), "|"))
	}
}

func (s *script) heard(text string) bool {
	return slices.ContainsFunc(s.said, func(line string) bool { return strings.Contains(line, text) })
}

func session() feedback.Session {
	state := prompt.State{Task: `save "a"`, Screen: screen.Screen{Title: "Editor", Elements: []screen.Element{
		{Kind: screen.Button, Text: "Save"}, {Kind: screen.Button, Text: "Save as"}, {Kind: screen.Text, Text: "hello"},
	}}}
	cancel := action.Action{Verb: action.Click, Target: screen.Target{Kind: screen.Button, Text: "Save as"}}
	return feedback.Session{
		Summary: feedback.Summary{SessionID: "s1", Outcome: contracts.VerbCompleted},
		Steps: []contracts.BundleStep{
			{Step: 1, State: state, Action: action.Action{Verb: action.Wait, N: 2}, Outcome: contracts.OutcomeUnchanged},
			{Step: 2, State: state, Action: cancel, Outcome: contracts.OutcomeChanged},
		},
	}
}

func ask(t *testing.T, answers ...string) (*script, contracts.Feedback, error) {
	t.Helper()
	s := &script{answers: answers}
	f, err := rating.Ask(t.Context(), s, func(context.Context) (feedback.Session, error) { return session(), nil })
	return s, f, err
}

func TestGoodRatingTakesTwoAnswers(t *testing.T) {
	t.Parallel()
	s, f, err := ask(t, "4", "nice")
	if want := (contracts.Feedback{Rating: 4, Comment: "nice"}); err != nil || !reflect.DeepEqual(f, want) {
		t.Errorf("%+v, %v", f, err)
	}
	if want := []string{"Rate this task (1-5 stars, or press Enter to skip)", "Any feedback? (optional)"}; !slices.Equal(s.said, want) {
		t.Errorf("it said %q", s.said)
	}
}

func TestLowRatingIsCorrected(t *testing.T) {
	t.Parallel()
	s, f, err := ask(t, "x", "0", "6", "3", "", "1,9", "1, wrong_action,1",
		"7", "two", "2", "press it", `click button "Sve"`, `click button "Save as"`, `click button "Save"`, "1", "", "")
	if err != nil {
		t.Fatal(err)
	}
	right := action.Action{Verb: action.Click, Target: screen.Target{Kind: screen.Button, Text: "Save"}}
	want := contracts.Feedback{Rating: 3, Issues: []contracts.Issue{contracts.IssueOCR, contracts.IssueWrongAction}, Steps: []contracts.StepFeedback{
		{Step: 2, Verdict: contracts.VerdictWrong, Corrected: &right}, {Step: 1, Verdict: contracts.VerdictWrong},
	}}
	if !reflect.DeepEqual(f, want) {
		t.Errorf("got %+v", f)
	}
	for _, told := range []string{
		`"x" is not a number of stars`, `"0" is not`, `"6" is not`, "What went wrong? (comma-separated, such as 1,3)",
		`"9" is neither a number from 1 to 5`, "there is no step 7: they are 1 to 2", `"two" is not the number of a step`,
		`unknown verb "press"`, "on the screen of step 2", "that is what the agent did", "  5  Other",
		`  2  click button "Save as"   changed`,
	} {
		if !s.heard(told) {
			t.Errorf("it did not say %q in\n%s", told, strings.Join(s.said, "\n"))
		}
	}
}

func TestRatingIsSkipped(t *testing.T) {
	t.Parallel()
	for _, answers := range [][]string{{""}, {}, {"2"}, {"2", "bad", "1"}, {"2", "", "", "1"}} {
		if _, _, err := ask(t, answers...); !errors.Is(err, rating.ErrSkipped) {
			t.Errorf("after %q: %v", answers, err)
		}
	}
}

func TestActionsAreCompleted(t *testing.T) {
	t.Parallel()
	s, _, _ := ask(t, "1", "", "", "2", "\tdo", "\tclick", "\tclick b", "\tdrag text \"hello\" to button \"Save a", "\ttype ", "\tkey pagef", "\tnothing ")
	for _, want := range []string{
		"doubleclick |done", "click ", `click button "Save"|click button "Save as"`,
		`drag text "hello" to button "Save as"`, `type "a"|type ""`,
	} {
		if !slices.Contains(s.said, want) {
			t.Errorf("no completion is %q in\n%s", want, strings.Join(s.said, "\n"))
		}
	}
}

func TestScriptedCorrections(t *testing.T) {
	t.Parallel()
	if f, err := rating.Correct(session(), 2, `key enter`); err != nil || f.Corrected.String() != "key enter" {
		t.Errorf("%+v, %v", f, err)
	}
	for right, says := range map[string]string{`click button "None"`: "on the screen of step 2", "jump": "unknown verb"} {
		if _, err := rating.Correct(session(), 2, right); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", right, err)
		}
	}
	if _, err := rating.Correct(session(), 3, ""); err == nil || !strings.Contains(err.Error(), "there is no step 3") {
		t.Errorf("a step that is not there: %v", err)
	}
}
