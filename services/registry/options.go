package registry

import (
	"errors"
	"time"

	"github.com/grokputer/grokputer/services/registry/experiment"
)

// Options are the settings of the registry. DefaultOptions is a complete set.
type Options struct {
	// AutoPromote makes a new version the champion by itself, unless it does worse
	// than its parent on what neither was trained on.
	AutoPromote bool
	// Plan is how a new version that would be promoted by itself is first compared with
	// the champion; nil promotes it at once.
	Plan *experiment.Plan
	// Look is how often a comparison is looked at when nothing becomes known: time alone
	// can end it.
	Look time.Duration
	// Starter is a folder with the adapter that the agent starts with; empty for none.
	Starter string
	// Version is told to who asks the micro service; a semantic version.
	Version string
	// Hook is called between two writes that belong together; nil outside of tests.
	Hook Hook
}

// DefaultOptions returns the settings that the documentation gives.
func DefaultOptions() Options {
	return Options{AutoPromote: true, Look: time.Minute, Version: "0.0.0"}
}

// Moment is a point at which a test may end the registry.
type Moment string

// The moments, in the order in which a promotion passes them.
const (
	AfterRecord  Moment = "record"  // the version is on record
	AfterAliases Moment = "aliases" // the aliases name it, its event is not stored
	AfterEvent   Moment = "event"   // the event is stored, the states are not brought up to date
)

// The moments of what comes with a decision or leads to one.
const (
	AfterStarter    Moment = "starter"    // the starter's event is stored, the version is not on record
	AfterSeat       Moment = "seat"       // a task's arm is on record, nobody was told
	AfterKnown      Moment = "known"      // what became known of a task is on record, its event may come again
	AfterExperiment Moment = "experiment" // the experiment's record has the decision, the versions' have not
	AfterState      Moment = "state"      // the record of one version has it, the next one's may not
	AfterFile       Moment = "file"       // one of a removed version's files is gone
)

// Hook is told of the moments of each version. An error is returned by what is under way.
type Hook func(m Moment, version string) error

func (h Hook) at(m Moment, version string) error {
	if h == nil {
		return nil
	}
	return h(m, version)
}

// The errors of the registry; each comes in a sentence that says what to do.
var (
	// ErrUnknown means that no such version is on record.
	ErrUnknown = errors.New("there is no such adapter")
	// ErrRefused means that the version is in no state for what was asked.
	ErrRefused = errors.New("that cannot be done with this adapter")
	// ErrNoExperiment means that no such experiment is on record.
	ErrNoExperiment = errors.New("there is no such experiment")
)
