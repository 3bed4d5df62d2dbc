package registry

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/registry/experiment"
)

// maxLooks bounds an answer, which has to fit into one message.
const maxLooks = 1000

// experimentQuestion reads a request: nothing, an id as plain text, or JSON.
func experimentQuestion(body []byte) (contracts.ExperimentQuery, error) {
	text := strings.TrimSpace(string(body))
	var q contracts.ExperimentQuery
	switch {
	case text == "":
	case text[0] != '{':
		q.ID = text
	default:
		if err := json.Unmarshal([]byte(text), &q); err != nil {
			return q, fmt.Errorf("%w: %w", errQuestion, err)
		}
	}
	if q.ID != "" && !contracts.ValidToken(q.ID) {
		return q, fmt.Errorf("%w: an experiment is of letters, digits, - and _", errQuestion)
	}
	var err error
	q.Role, err = readRole(q.Role)
	return q, err
}

// listExperiments returns every experiment of a role.
func (s *service) listExperiments(ctx context.Context, q contracts.ExperimentQuery) (contracts.ExperimentList, error) {
	list, err := s.experiments.list(ctx, q.Role)
	return contracts.ExperimentList{Experiments: list}, err
}

// showExperiment returns how an experiment stands, the newest when none is named.
func (s *service) showExperiment(ctx context.Context, q contracts.ExperimentQuery) (contracts.ExperimentStanding, error) {
	var answer contracts.ExperimentStanding
	if q.ID == "" {
		list, err := s.experiments.list(ctx, q.Role)
		if err != nil {
			return answer, err
		}
		if len(list) == 0 {
			return answer, fmt.Errorf("%w: no version was compared with another yet", ErrNoExperiment)
		}
		q.ID = list[len(list)-1].ID
	}
	c, _, err := s.experiments.get(ctx, q.Role, q.ID)
	if err != nil {
		return answer, err
	}
	standing, err := s.standing(ctx, c)
	if err != nil {
		return answer, err
	}
	decision := c.Decision
	if decision == nil { // what became known after a decision does not change what was decided
		d := standing.Decision
		decision = &contracts.ExperimentDecision{Outcome: string(d.Outcome), By: d.By, Why: d.Why, Time: d.Time}
	}
	return contracts.ExperimentStanding{
		Experiment: c.Experiment, Decision: *decision,
		Champion: arm(c.Champion, standing.Champion), Challenger: arm(c.Challenger, standing.Challenger),
		Looks: looks(standing.Looks),
	}, nil
}

func arm(version string, t experiment.Tally) contracts.ExperimentArm {
	return contracts.ExperimentArm{
		Version: version, Sessions: t.Sessions, Rated: t.Rated, MeanStars: t.MeanStars, Judged: t.Judged, Succeeded: t.Succeeded,
	}
}

// looks are all looks, or evenly chosen ones with the last among them.
func looks(all []experiment.Look) []contracts.ExperimentLook {
	chosen := []contracts.ExperimentLook{}
	every := 1 + len(all)/maxLooks
	for i, l := range all {
		if (len(all)-1-i)%every != 0 {
			continue
		}
		chosen = append(chosen, contracts.ExperimentLook{
			Time: l.Time, Task: l.Session, Sessions: l.Sessions,
			Stars:   contracts.Interval{Low: l.Stars.Low, High: l.Stars.High},
			Success: contracts.Interval{Low: l.Success.Low, High: l.Success.High},
		})
	}
	return chosen
}
