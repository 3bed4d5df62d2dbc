package experiment

import (
	"fmt"
	"time"
)

// Evaluate returns how the experiment stands at a time, from all observations until then in
// any order and any number of times; those of other experiments are passed over. What it returns
// depends on nothing else: it is computed anew from the events whenever it is needed.
func (e Experiment) Evaluate(observations []Observation, now time.Time) (Standing, error) {
	if err := e.Validate(); err != nil {
		return Standing{}, err
	}
	var ours []Observation
	for _, o := range observations {
		if o.Experiment != e.ID || o.Time.After(now) {
			continue
		}
		if err := o.Validate(); err != nil {
			return Standing{}, fmt.Errorf("experiment %s: %w", e.ID, err)
		}
		ours = append(ours, o)
	}
	end := e.Started.Add(e.Plan.MaxTime)
	override := e.Override
	if override != nil && override.Time.After(end) {
		override = nil
	}
	if override != nil {
		end = override.Time
	}
	until := now
	if until.After(end) {
		until = end
	}
	w := newWalk(e.Plan)
	for _, r := range readings(sessions(ours, e.Plan.Settle), e.Plan.Settle, until) {
		if w.take(r); w.decision.Outcome != Hold {
			break
		}
	}
	switch {
	case w.decision.Outcome != Hold || end.After(now):
	case override != nil:
		w.decision = *override
	default:
		w.expire(fmt.Sprintf("nothing was shown within %s", days(e.Plan.MaxTime)), end)
	}
	return w.standing(), nil
}

// days is a time as a person counts it.
func days(d time.Duration) string {
	if d < 48*time.Hour {
		return d.String()
	}
	return fmt.Sprintf("%.0f days", d.Hours()/24)
}
