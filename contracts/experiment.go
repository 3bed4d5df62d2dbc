package contracts

import "time"

// Experiment is a comparison of two versions, as the registry knows it.
// Bucket: experiments, key <role>.<id>
type Experiment struct {
	ID         string `json:"id"`
	Role       Role   `json:"role"`
	Champion   string `json:"champion"`   // version
	Challenger string `json:"challenger"` // version
	// Share is the challenger's share of the tasks that are assigned now, 0 to 1.
	Share   float64   `json:"share"`
	Started time.Time `json:"started"`
	// Decision is nil while it runs.
	Decision *ExperimentDecision `json:"decision,omitempty"`
}

// ExperimentDecision is how an experiment ended.
type ExperimentDecision struct {
	// Outcome is promote, rollback or ended; hold while nothing is decided.
	Outcome string    `json:"outcome"`
	By      string    `json:"by"` // auto, or who asked
	Why     string    `json:"why"`
	Time    time.Time `json:"time"`
}

// ExperimentArm counts the sessions of one side.
type ExperimentArm struct {
	Version   string  `json:"version"`
	Sessions  int     `json:"sessions"` // of which something is known
	Rated     int     `json:"rated"`
	MeanStars float64 `json:"mean_stars"` // of those rated
	Judged    int     `json:"judged"`     // whose success is known
	Succeeded int     `json:"succeeded"`
}

// Interval holds a difference with a confidence that stays whenever one looks.
type Interval struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// ExperimentLook is what was known after something became known of a session: the
// challenger's gain in stars, -4 to 4, and in the share of successes, -1 to 1.
type ExperimentLook struct {
	Time     time.Time `json:"time"`
	Task     string    `json:"task"`
	Sessions int       `json:"sessions"`
	Stars    Interval  `json:"stars"`
	Success  Interval  `json:"success"`
}

// ExperimentStanding is the registry's answer to how an experiment stands.
type ExperimentStanding struct {
	Experiment Experiment         `json:"experiment"`
	Decision   ExperimentDecision `json:"decision"` // by the data, or by a person
	Champion   ExperimentArm      `json:"champion"`
	Challenger ExperimentArm      `json:"challenger"`
	Looks      []ExperimentLook   `json:"looks"`
}

// ExperimentQuery asks the registry about an experiment.
type ExperimentQuery struct {
	// Role is RolePlanner when empty.
	Role Role `json:"role,omitempty"`
	// ID is an experiment, or empty for the newest.
	ID string `json:"id,omitempty"`
}

// ExperimentList is the registry's answer to which experiments there are.
type ExperimentList struct {
	Experiments []Experiment `json:"experiments"` // oldest first
}
