package blame

import (
	"slices"
	"strings"

	"github.com/grokputer/grokputer/contracts"
)

// shared is the weight of a verdict when the person also blames another part.
const shared = 0.5

// boxes are the issues that the person ticked, as faults.
type boxes struct {
	plan   bool
	others []Fault // without Plan, in the order of Faults
}

// boxesOf reads the issues. IssueOther blames nobody in particular.
func boxesOf(issues []contracts.Issue) boxes {
	blamed := map[Fault]bool{}
	for _, issue := range issues {
		switch issue {
		case contracts.IssueWrongAction:
			blamed[Plan] = true
		case contracts.IssueOCR:
			blamed[Eyes] = true
		case contracts.IssueCoordination:
			blamed[Handoff] = true
		case contracts.IssueTimeout:
			blamed[Waiting] = true
		case contracts.IssueOther:
		}
	}
	b := boxes{plan: blamed[Plan]}
	for _, f := range Faults() {
		if f != Plan && blamed[f] {
			b.others = append(b.others, f)
		}
	}
	return b
}

func (b boxes) ticked(f Fault) bool { return f == Plan && b.plan || slices.Contains(b.others, f) }

// named lists the parts beside the plan that are blamed.
func (b boxes) named() string {
	names := make([]string, 0, len(b.others))
	for _, f := range b.others {
		names = append(names, "the "+string(f))
	}
	return strings.Join(names, " and ")
}

// wrong is the verdict of a wrong step. The fault is what was ticked: the plan if that
// was, or if nothing was; the weight is halved where several parts share the blame.
func (b boxes) wrong(weight float64, basis Basis, reason string) Verdict {
	v := Verdict{Judgement: Wrong, Fault: Plan, Weight: weight, Basis: basis, Reason: reason}
	switch {
	case len(b.others) == 0:
		return v
	case b.plan || len(b.others) > 1:
		v.Weight *= shared
	}
	v.Reason += ", and the person blames " + b.named()
	if b.plan {
		v.Reason += " as well as the plan"
		return v
	}
	v.Fault = b.others[0]
	return v
}
