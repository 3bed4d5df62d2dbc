package follow

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/screen"
)

// Text writes each event for a person to read. What comes from the screen or
// the model is escaped, so that no text on the screen can move the terminal's
// cursor or pass for a line of ours.
func Text(w io.Writer) func(Event) error {
	return func(e Event) error {
		line, err := text(e)
		if err != nil || line == "" {
			return err
		}
		_, err = fmt.Fprintln(w, line)
		return err
	}
}

// JSON writes each event as one line of JSON.
func JSON(w io.Writer) func(Event) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return func(e Event) error { return encoder.Encode(e) }
}

func text(e Event) (string, error) {
	switch e.Verb {
	case contracts.VerbAccepted:
		return as(e, func(a contracts.TaskAccepted) string {
			return fmt.Sprintf("task %s, %s, on the desktop %s", a.TaskID, a.SessionID, a.Desktop)
		})
	case contracts.VerbStarted:
		return as(e, started)
	case contracts.VerbStep:
		return as(e, Step)
	case contracts.VerbApproval:
		return as(e, approval)
	default:
		return as(e, func(end contracts.TaskEnded) string { return Ended(e.Verb, end.Steps, end.Reason, end.Answer) })
	}
}

// as decodes the event and writes it with its type's function.
func as[T any](e Event, write func(T) string) (string, error) {
	var v T
	if err := json.Unmarshal(e.Body, &v); err != nil {
		return "", fmt.Errorf("read the event task.%s: %w", e.Verb, err)
	}
	return write(v), nil
}

func started(s contracts.TaskStarted) string {
	return "planned by " + Planner(s.Planner, s.Model, s.Adapter)
}

// Planner says who plans.
func Planner(planner, model, adapter string) string {
	if model != "" {
		planner += ", " + screen.Line(model)
	}
	if adapter != "" {
		planner += " with the adapter " + screen.Line(adapter)
	}
	return planner
}

// Step says what was seen before a step, what was done and what came of it.
func Step(s contracts.TaskStep) string {
	window := "no window"
	if s.Title != "" {
		window = screen.Quote(s.Title)
	}
	sure := "not told how sure" // some planners cannot say
	if s.Confidence > 0 {
		sure = fmt.Sprintf("sure %.0f %%", 100*s.Confidence)
	}
	if n := len(s.Adapters); n > 0 && s.Adapters[n-1].Role != contracts.RolePlanner && s.Adapters[n-1].Of == "" {
		sure += fmt.Sprintf(", said by %s:%s", s.Adapters[n-1].Role, screen.Line(s.Adapters[n-1].Version))
	}
	line := fmt.Sprintf("%3d  saw %s, %s\n     did %s   %s, %s, %.1f s", s.Step,
		window, count(s.Elements, "element"), s.Action, sure, came(s), s.Ended.Sub(s.Started).Seconds())
	if s.Result != "" {
		line += "\n     " + screen.Line(s.Result)
	}
	return line
}

// came says what came of a step: its outcome, and what has changed.
func came(s contracts.TaskStep) string {
	switch {
	case s.Effect == contracts.EffectRegion && s.Region != nil:
		return fmt.Sprintf("%s a region (%dx%d at %d,%d)", s.Outcome, s.Region.W, s.Region.H, s.Region.X, s.Region.Y)
	case s.Effect != "" && s.Effect != contracts.EffectNothing:
		return fmt.Sprintf("%s the %s", s.Outcome, s.Effect)
	default:
		return string(s.Outcome)
	}
}

func approval(a contracts.TaskApproval) string {
	if a.State != contracts.ApprovalRequested {
		return fmt.Sprintf("     %s", a.State)
	}
	class := a.Class
	if a.Words != "" {
		class += ", for " + screen.Quote(a.Words)
	}
	line := fmt.Sprintf("     waits for your approval of %s (%s): grokputer approve %s", screen.Line(a.Action), class, a.TaskID)
	if !a.Expires.IsZero() {
		line += fmt.Sprintf("   (denied at %s)", a.Expires.Local().Format(time.TimeOnly)) //nolint:gosmopolitan // for the person at this machine
	}
	return line
}

// Ended says how a task ended.
func Ended(verb contracts.Verb, steps int, reason, answer string) string {
	line := fmt.Sprintf("%s after %s", verb, count(steps, "step"))
	if reason != "" {
		line += ": " + screen.Line(reason)
	}
	if answer != "" {
		line += "\nanswer: " + screen.Line(answer)
	}
	return line
}

// count is a number with its noun, in the plural unless it is one.
func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}
