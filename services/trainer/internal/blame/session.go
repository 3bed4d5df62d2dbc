package blame

import (
	"fmt"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
)

// How sure a verdict is that the session alone gives, or that the person gave of the
// whole of it. They order the evidence; none of them was measured.
const (
	fiveStars  = 0.9 // a step that worked in a session with 5 stars
	fourStars  = 0.7 // or with 4
	refused    = 0.9 // the person was asked, and said no
	impossible = 0.7 // it could not be done
	forbidden  = 0.6 // the policy let no input go there
	again      = 0.8 // the same action on the same screen
	noEffect   = 0.6 // nothing changed
	inVain     = 0.6 // waiting changed nothing
	claimed    = 0.4 // done or answer, and the person disagrees: any step before may be why
	halted     = 0.5 // the last step before the person stopped it
	lastOne    = 0.4 // the last step before a failure
	lastButOne = 0.2 // and the one before it
)

// Session judges the steps of a rated session, in their order.
func Session(b contracts.Bundle) []Verdict {
	s := session{Bundle: b, boxes: boxesOf(b.Issues), seen: map[string]int{}}
	verdicts := make([]Verdict, 0, len(b.Steps))
	for i, step := range b.Steps {
		v := s.judge(i, step)
		v.Step = step.Step
		if v.Judgement == "" {
			v.Judgement = Unjudged
		}
		verdicts = append(verdicts, v)
		s.seen[place(step)] = step.Step
	}
	return verdicts
}

// session is a session that is being judged.
type session struct {
	contracts.Bundle

	boxes boxes
	seen  map[string]int // the last step that did this on this screen
}

// judge gives the verdict of the step at i, without its number.
func (s session) judge(i int, step contracts.BundleStep) Verdict {
	if v, ok := missed(step); ok {
		return v
	}
	switch {
	case step.Corrected != nil:
		return s.corrected(step)
	case step.Verdict == contracts.VerdictRight:
		return Verdict{Judgement: Right, Weight: 1, Basis: ByMark, Reason: "the person marked it right"}
	case step.Verdict == contracts.VerdictWrong:
		return s.boxes.wrong(1, ByMark, "the person marked it wrong")
	case step.Outcome == contracts.OutcomeRefused:
		return s.boxes.wrong(refused, ByApproval, "the person was asked and said no")
	case s.Rating >= contracts.GoodRating:
		return s.good(step)
	}
	if v := s.shown(step); v.Judgement != "" {
		return v
	}
	return s.late(len(s.Steps)-1-i, step)
}

// corrected judges a step of which the person said what would have been right. That
// action was checked to be possible on what the planner was told, so the plan could
// have been it, unless it says what only the person can read.
func (s session) corrected(step contracts.BundleStep) Verdict {
	v := Verdict{Judgement: Wrong, Fault: Plan, Weight: 1, Basis: ByCorrection, Reason: "the person said that another action would have been right"}
	switch {
	case s.boxes.plan || len(s.boxes.others) == 0:
	case s.boxes.ticked(Eyes) && !readable(step):
		v.Fault, v.Reason = Eyes, v.Reason+", with words that were not read, and blames the reading"
	default:
		v.Weight, v.Reason = shared, v.Reason+", but blames "+s.boxes.named()
	}
	return v
}

// good judges a step of a session that was rated well.
func (s session) good(step contracts.BundleStep) Verdict {
	worked := step.Outcome == contracts.OutcomeChanged || step.Outcome == contracts.OutcomeResult
	// Who stops a task and rates it well has what they wanted.
	had := s.Outcome == contracts.VerbCompleted || s.Outcome == contracts.VerbCancelled && s.Code == contracts.ReasonStopped
	if !had || !worked {
		return Verdict{}
	}
	weight := fourStars
	if s.Rating == contracts.MaxRating {
		weight = fiveStars
	}
	return Verdict{Judgement: Right, Weight: weight, Basis: ByStars, Reason: fmt.Sprintf("it worked, and the session has %d stars", s.Rating)}
}

// shown judges a step by what came of it.
func (s session) shown(step contracts.BundleStep) Verdict {
	before, known := s.seen[place(step)]
	switch {
	case step.Outcome == contracts.OutcomeError && stale(step):
		return of(Handoff, impossible, "the screen had changed before it could be done")
	case step.Outcome == contracts.OutcomeError:
		return s.boxes.wrong(impossible, BySession, "it could not be done")
	case step.Outcome == contracts.OutcomeForbidden:
		return s.boxes.wrong(forbidden, BySession, "the policy forbade it")
	case known:
		return s.boxes.wrong(again, BySession, fmt.Sprintf("it repeats step %d on the same screen", before))
	case step.Outcome == contracts.OutcomeUnchanged && step.Action.Verb == action.Wait:
		return of(Waiting, inVain, "it waited, and nothing changed")
	case step.Outcome == contracts.OutcomeUnchanged:
		return s.boxes.wrong(noEffect, BySession, "it had no effect")
	default:
		return Verdict{}
	}
}

// late judges one of the last steps of a session that did not end well; left is how
// many came after it.
func (s session) late(left int, step contracts.BundleStep) Verdict {
	switch {
	case s.Outcome == contracts.VerbCompleted && left == 0 && step.Action.Ends():
		return s.boxes.wrong(claimed, BySession, fmt.Sprintf("it ended the task, which has %s", stars(s.Rating)))
	case s.Outcome == contracts.VerbCancelled && s.Code == contracts.ReasonStopped && left == 0:
		return s.boxes.wrong(halted, BySession, "the person stopped the task after it")
	case s.Outcome != contracts.VerbFailed || left > 1:
		return Verdict{}
	}
	weight := lastOne
	if left == 1 {
		weight = lastButOne
	}
	why := "the task failed right after it"
	switch fault := faultOf(s.Code); fault {
	case None:
		return Verdict{}
	case Plan:
		return s.boxes.wrong(weight, BySession, why)
	default:
		return of(fault, weight, why+" ("+string(s.Code)+")")
	}
}

func stars(n int) string {
	if n == 1 {
		return "1 star"
	}
	return fmt.Sprintf("%d stars", n)
}

// of is a verdict that the boxes have no say in.
func of(f Fault, weight float64, reason string) Verdict {
	return Verdict{Judgement: Wrong, Fault: f, Weight: weight, Basis: BySession, Reason: reason}
}

// faultOf is what a task's end says of whose fault the steps before it were; None when it
// was not for a step, such as a full disk, or a person's no to another one.
func faultOf(code contracts.Reason) Fault {
	switch code {
	case contracts.ReasonSteps, contracts.ReasonNoEffect, contracts.ReasonPlanner, contracts.ReasonGaveUp, contracts.ReasonAsked:
		return Plan
	case contracts.ReasonTime:
		return Waiting
	case contracts.ReasonObserver:
		return Eyes
	case contracts.ReasonHands:
		return Pointer
	case contracts.ReasonInDoubt, contracts.ReasonInternal:
		return Handoff
	default:
		return None
	}
}

// place identifies what was done on which screen, whatever had been done before.
func place(step contracts.BundleStep) string {
	return step.Action.String() + "\n" + prompt.Render(prompt.State{Screen: step.State.Screen})
}

// readable reports whether the planner could read what the right action says: its
// targets are on the screen, and its text stands in the task or on the screen.
func readable(step contracts.BundleStep) bool {
	told, right := step.State, step.Corrected
	if told.Check(*right) != nil {
		return false
	}
	return right.Verb != action.Type || contains(told, right.Text)
}

func contains(told prompt.State, text string) bool {
	if within(told.Task, text) {
		return true
	}
	for _, e := range told.Visible().Elements {
		if within(e.Text, text) {
			return true
		}
	}
	for _, d := range told.Done {
		if within(d.Result, screen.Line(text)) {
			return true
		}
	}
	return false
}
