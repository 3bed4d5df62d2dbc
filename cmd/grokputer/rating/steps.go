package rating

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/feedback"
)

// The questions about steps.
const (
	askStep    = "Which step was wrong? (its number, or press Enter for none)"
	askAnother = "Another wrong step? (its number, or press Enter for none)"
	askRight   = "Right action (Tab completes, Enter for none)"
)

// steps lists what the agent did and asks which of it was wrong.
func steps(ctx context.Context, c Console, s feedback.Session) ([]contracts.StepFeedback, error) {
	if len(s.Steps) == 0 {
		return nil, nil
	}
	for _, step := range s.Steps {
		if err := c.Say("%s", line(step)); err != nil {
			return nil, err
		}
	}
	said := said{}
	for prompt := askStep; ; prompt = askAnother {
		n, err := again(ctx, c, prompt, func(answer string) (int, error) { return parseStep(s, answer) })
		if err != nil || n == 0 {
			return said.list, err
		}
		step, _ := find(s, n)
		if err := c.Say("  On the screen: %s", seen(step)); err != nil {
			return nil, err
		}
		right, err := againWith(ctx, c, askRight, completion(step.State), func(answer string) (*action.Action, error) {
			return parseRight(step, answer)
		})
		if err != nil {
			return nil, err
		}
		said.say(contracts.StepFeedback{Step: n, Verdict: contracts.VerdictWrong, Corrected: right})
	}
}

// said is what was said of steps; what is said last of a step counts.
type said struct{ list []contracts.StepFeedback }

func (s *said) say(f contracts.StepFeedback) {
	for i := range s.list {
		if s.list[i].Step == f.Step {
			s.list[i] = f
			return
		}
	}
	s.list = append(s.list, f)
}

// line is a step in a list.
func line(s contracts.BundleStep) string {
	text := fmt.Sprintf("%3d  %s   %s", s.Step, s.Action, s.Outcome)
	if s.Result != "" {
		text += ": " + screen.Line(s.Result)
	}
	return text
}

// seen says in a line what a step's screen was.
func seen(s contracts.BundleStep) string {
	window := "no window"
	if s.State.Screen.Title != "" {
		window = screen.Quote(s.State.Screen.Title)
	}
	n := len(s.State.Visible().Elements)
	if n == 1 {
		return window + ", 1 element"
	}
	return fmt.Sprintf("%s, %d elements", window, n)
}

func find(s feedback.Session, n int) (contracts.BundleStep, bool) {
	for _, step := range s.Steps {
		if step.Step == n {
			return step, true
		}
	}
	return contracts.BundleStep{}, false
}

// parseStep reads the number of one of the session's steps; an empty answer is 0.
func parseStep(s feedback.Session, answer string) (int, error) {
	if answer == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(answer)
	if err != nil {
		return 0, fmt.Errorf("%q is not the number of a step", answer)
	}
	if _, ok := find(s, n); !ok {
		return 0, noStep(s, n)
	}
	return n, nil
}

func noStep(s feedback.Session, n int) error {
	if len(s.Steps) == 0 {
		return errors.New("the session has no steps")
	}
	return fmt.Errorf("there is no step %d: they are %d to %d", n, s.Steps[0].Step, s.Steps[len(s.Steps)-1].Step)
}

// parseRight reads the right action of a step; an empty answer is nil.
func parseRight(step contracts.BundleStep, answer string) (*action.Action, error) {
	if answer == "" {
		return nil, nil //nolint:nilnil // no action is an answer too
	}
	a, err := action.Parse(answer)
	if err != nil {
		return nil, err
	}
	if err := step.State.Check(a); err != nil {
		return nil, fmt.Errorf("on the screen of step %d: %w", step.Step, err)
	}
	if a.String() == step.Action.String() {
		return nil, errors.New("that is what the agent did")
	}
	return &a, nil
}

// Correct is one correction in words: what would have been right at a step, if
// that is said, checked as in the dialogue.
func Correct(s feedback.Session, step int, right string) (contracts.StepFeedback, error) {
	found, ok := find(s, step)
	if !ok {
		return contracts.StepFeedback{}, fmt.Errorf("step: %w", noStep(s, step))
	}
	a, err := parseRight(found, right)
	if err != nil {
		return contracts.StepFeedback{}, fmt.Errorf("action: %w", err)
	}
	return contracts.StepFeedback{Step: step, Verdict: contracts.VerdictWrong, Corrected: a}, nil
}
