package cli

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/feedback"
)

// describeRating says what was stored.
func describeRating(f contracts.Feedback) string {
	var text strings.Builder
	text.WriteString("stored: " + counted(f.Rating, "star") + " for " + f.SessionID)
	if f.Comment != "" {
		text.WriteString(", with your comment")
	}
	if len(f.Issues) > 0 {
		names := make([]string, len(f.Issues))
		for i, issue := range f.Issues {
			names[i] = string(issue)
		}
		text.WriteString("; went wrong: " + strings.Join(names, ", "))
	}
	for _, step := range f.Steps {
		text.WriteString("\n  step " + strconv.Itoa(step.Step) + " was wrong")
		if step.Corrected != nil {
			text.WriteString("; right: " + step.Corrected.String())
		}
	}
	return text.String()
}

// sayStats says how the agent does, and whether it is about to learn.
func sayStats(c *call, s feedback.Stats) error {
	if s.Window > 0 {
		if err := c.say("average of the last %s: %.2f stars, %d of them with %d or less",
			counted(s.Window, "rated session"), s.Average, s.Failures, contracts.LowRating); err != nil {
			return err
		}
	}
	switch {
	case s.Training != nil:
		return sayDue(c, *s.Training)
	case s.TrainingError != "":
		return c.say("training: not known (%s)", screen.Line(s.TrainingError))
	default:
		return nil
	}
}

// sayDue says whether a training is due, why, and what could be corrected.
func sayDue(c *call, s contracts.TrainingStatus) error {
	due := "not due"
	switch {
	case s.Job != nil && !s.Job.Phase.Ends():
		due = "runs"
	case s.Due:
		due = "due"
	case s.Held != "":
		due = "due, but waits"
	}
	err := c.say("training: %s: %s", due, screen.Line(s.Why))
	if s.Held != "" {
		err = errors.Join(err, c.say("it waits: %s", screen.Line(s.Held)))
	}
	if s.Failed != "" {
		err = errors.Join(err, c.say("%s", screen.Line(s.Failed)))
	}
	if len(s.Uncorrected) > 0 {
		err = errors.Join(err, c.say("to correct, so that there is something to learn: %s (grokputer rate SESSION)",
			strings.Join(s.Uncorrected, ", ")))
	}
	return err
}

// counted is a number with its noun, in the plural unless it is one.
func counted(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}
