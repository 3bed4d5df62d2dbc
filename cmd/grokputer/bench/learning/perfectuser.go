package learning

import (
	"github.com/grokputer/grokputer/cmd/grokputer/bench/miniwob"
	"github.com/grokputer/grokputer/cmd/grokputer/bench/miniwob/perfect"
	"github.com/grokputer/grokputer/contracts"
)

// Opinion is what the scripted user says of a session, and whose fault a failure was.
type Opinion struct {
	contracts.Feedback

	Fault string
}

// Judge is what the scripted user says of an episode: five stars if the page gave its reward,
// or else one. Who also corrects says whose fault it was and, if that was the plan's, what
// would have been right at the first step that was wrong, which is one step a session. The
// user knows the tasks, and sees of a step what the agent's own page shows of it.
func Judge(e miniwob.Episode, steps []contracts.BundleStep, corrects bool) Opinion {
	o := Opinion{Feedback: contracts.Feedback{SessionID: e.Session, Rating: contracts.MaxRating}}
	if e.Success {
		return o
	}
	o.Rating = contracts.MinRating
	steps = steps[:min(len(steps), e.Steps)] // one that was under way when the page was over is nobody's fault
	turns := make([]perfect.Turn, 0, len(steps))
	for _, step := range steps {
		if step.State.Task == "" { // what the planner was told is not known
			break
		}
		turns = append(turns, perfect.Turn{State: step.State, Action: step.Action})
	}
	parting := perfect.Part(e.Task, turns)
	o.Fault = string(parting.Fault)
	if !corrects {
		return o
	}
	switch parting.Fault {
	case perfect.FaultPlan:
		o.Issues = []contracts.Issue{contracts.IssueWrongAction}
		o.Steps = []contracts.StepFeedback{{
			Step: steps[parting.Turn].Step, Verdict: contracts.VerdictWrong, Corrected: &parting.Right,
		}}
	case perfect.FaultEyes:
		o.Issues = []contracts.Issue{contracts.IssueOCR}
	case perfect.FaultHands:
		o.Issues = []contracts.Issue{contracts.IssueCoordination}
	}
	return o
}

// WithoutCorrection is the same opinion for a service that does not take the correction.
func (o Opinion) WithoutCorrection() Opinion {
	o.Steps = nil
	return o
}
