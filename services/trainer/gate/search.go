package gate

import (
	"fmt"
	"strings"
	"time"
)

// Search is how the settings of a training were looked for: which were tried, and what they
// came to on steps of the search's own, which the gate does not measure with.
type Search struct {
	BudgetSeconds float64 `json:"budget_seconds"`
	Seconds       float64 `json:"seconds"` // that the comparing took
	// Lessons and Replayed are how many steps were kept from the training to compare by: variants
	// of corrected steps, and others.
	Lessons  int `json:"lessons"`
	Replayed int `json:"replayed"`
	// Trials are the settings, the set ones first. Chosen is the index of those that went on.
	Trials []Trial `json:"trials"`
	Chosen int     `json:"chosen"`
	// Ended is why the comparing ended before one was left; empty if it did not.
	Ended string `json:"ended,omitempty"`
}

// Trial is one choice of settings.
type Trial struct {
	LearningRate float64 `json:"learning_rate"`
	// Rank is 0 when it is that of the version that the training began from.
	Rank int `json:"rank,omitempty"`
	// Rounds are its measurements, the last of which counts.
	Rounds []Round `json:"rounds,omitempty"`
	// Out is why it was given up; empty if it was not.
	Out string `json:"out,omitempty"`
}

// Round is a measurement of a trial.
type Round struct {
	Step int `json:"step"`
	// HeldOut is the mean loss per label token on the search's own steps, in nats.
	HeldOut float64 `json:"held_out"`
	// Replay is how many of its replayed steps are still right.
	Replay Set `json:"replay"`
}

// Last is the measurement that counts; zero before the first.
func (t Trial) Last() Round {
	if len(t.Rounds) == 0 {
		return Round{}
	}
	return t.Rounds[len(t.Rounds)-1]
}

// Forgets reports whether a trial has lost more replayed steps than the gate would let pass
// of a hundred, about half of the margin. The interval, which the gate goes by, says nothing yet
// of as few steps as a search has.
func (r Rules) Forgets(s Set) bool { return s.Difference() < -r.Margin/2 }

// Sentence says what was tried and chosen.
func (s Search) Sentence() string {
	if len(s.Trials) == 0 {
		return "no settings were compared: " + s.Ended
	}
	chosen, set := s.Trials[s.Chosen], s.Trials[0]
	text := fmt.Sprintf("%d of %d settings were compared in %s: %s went on",
		s.compared(), len(s.Trials), time.Duration(s.Seconds*float64(time.Second)).Round(time.Second), chosen)
	if last := chosen.Last(); last.Step > 0 {
		text += fmt.Sprintf(", with a loss of %.4f after %d steps", last.HeldOut, last.Step)
	}
	if n := len(set.Rounds); s.Chosen != 0 && n > 0 && n <= len(chosen.Rounds) {
		last, beside := set.Last(), chosen.Rounds[n-1]
		text += fmt.Sprintf("; what is set, %s, came to %.4f after %d, where that had %.4f", set, last.HeldOut, last.Step, beside.HeldOut)
	}
	if s.Ended != "" {
		text += "; " + s.Ended
	}
	return text
}

// String names the settings.
func (t Trial) String() string {
	text := fmt.Sprintf("learning rate %g", t.LearningRate)
	if t.Rank > 0 {
		text += fmt.Sprintf(", rank %d", t.Rank)
	}
	return text
}

// compared is how many trials were measured.
func (s Search) compared() int {
	n := 0
	for _, t := range s.Trials {
		if len(t.Rounds) > 0 {
			n++
		}
	}
	return n
}

// markdown is the search's part of a report.
func (s Search) markdown() string {
	var b strings.Builder
	b.WriteString("\n## Settings\n\nIn a search, " + s.Sentence() + ".\n")
	if len(s.Trials) == 0 {
		return b.String()
	}
	b.WriteString("\n| settings | steps | held-out loss | replayed steps lost | gained | |\n|---|---|---|---|---|---|\n")
	for i, t := range s.Trials {
		last, note := t.Last(), t.Out
		if i == s.Chosen {
			note = "chosen"
		}
		if last.Step == 0 {
			fmt.Fprintf(&b, "| %s | - | - | - | - | %s |\n", t, note)
			continue
		}
		fmt.Fprintf(&b, "| %s | %d | %.4f | %d of %d | %d | %s |\n",
			t, last.Step, last.HeldOut, last.Replay.Lost, last.Replay.N(), last.Replay.Gained, note)
	}
	fmt.Fprintf(&b, "\nThey were compared on %d variants of corrected steps and %d other steps that were kept from the training for that. "+
		"The least loss of several looks better than it is, the more so of few steps, and a variant is close to the step that it was made of: "+
		"these figures choose, and prove nothing. What the version is worth is what the sets above say, which the search has not seen.\n", s.Lessons, s.Replayed)
	return b.String()
}
