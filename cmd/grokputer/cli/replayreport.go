package cli

import (
	"errors"
	"fmt"

	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/trainer/gate"
	"github.com/grokputer/grokputer/services/trainer/shadow"
)

// maxChanges is how many steps are listed for a person.
const maxChanges = 20

// say writes what a version was scored.
func (r replayed) say(c *call) error {
	against := r.Against
	if against == shadow.Recorded {
		against = "what was done then"
	}
	err := c.say("%s against %s: %d of %d judged steps, of %s since %s",
		r.Candidate, against, r.Measured, r.Report.Steps, counted(r.Sessions, "rated session"), local(r.Since))
	err = errors.Join(err, r.sayScores(c, "all steps", r.All),
		r.sayScores(c, "steps of sessions that neither was trained on, which are what counts", r.New))
	if r.Against == shadow.Recorded {
		err = errors.Join(err, c.say("what was done then is right at each right step and at no wrong one: "+
			"a version is compared on even terms with another one (--against champion)"))
	}
	if len(r.Changes) > 0 {
		err = errors.Join(err, c.say("where only one of them does well:"))
	}
	for i, change := range r.Changes {
		if i == maxChanges {
			err = errors.Join(err, c.say("  and %s more: --json lists them", counted(len(r.Changes)-i, "step")))
			break
		}
		who, seen := against, ""
		if change.Gained {
			who = r.Candidate
		}
		if change.Seen {
			seen = ", trained on"
		}
		err = errors.Join(err, c.say("  step %d of %s (%s%s): %s", change.Step, screen.Line(change.SessionID), change.Set, seen, who))
	}
	for _, left := range []struct {
		n   int
		why string
	}{
		{r.Unjudged, "nothing sure is known of them"},
		{r.Others, "they were wrong, and not for the plan"},
		{r.Untold, "what the planner was told was not kept"},
		{r.Repeated, "the same action on the same screen counts once"},
		{r.TooLong, "their screen is longer than the model's context"},
	} {
		if left.n > 0 {
			err = errors.Join(err, c.say("left out: %s, %s", counted(left.n, "step"), left.why))
		}
	}
	if r.Unreadable > 0 {
		err = errors.Join(err, c.say("left out: %s that cannot be read any more", counted(r.Unreadable, "session")))
	}
	return err
}

// sayScores writes the scores on the sets that have steps.
func (r replayed) sayScores(c *call, title string, scores []shadow.Score) error {
	var rows [][]string
	for _, s := range scores {
		if s.N() == 0 {
			continue
		}
		rows = append(rows, []string{
			doesWell(s.Name),
			fmt.Sprint(s.N()), fmt.Sprintf("%.0f %%", 100*s.Candidate), fmt.Sprintf("%.0f %%", 100*s.Against),
			fmt.Sprintf("%+.0f points (90 %%: %+.0f to %+.0f)", 100*s.Difference, 100*s.Low, 100*s.High),
		})
	}
	if len(rows) == 0 {
		return c.say("\n%s: none", title)
	}
	return errors.Join(c.say("\n%s:", title), c.table([]string{"IT", "STEPS", r.Candidate, screen.Line(r.Against), "DIFFERENCE"}, rows))
}

// doesWell says what a version does at a step at which it does well.
func doesWell(name gate.Name) string {
	switch name {
	case shadow.Right:
		return "does the same as what was right"
	case shadow.Wrong:
		return "does something else than what was wrong"
	default:
		return "does what would have been right"
	}
}
