package tests

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/kit/bus"
)

// drive does what the person, the actor and the feedback service do: sessions are rated, and a
// version comes of it, which is compared, promoted, taken back and removed; then a second
// one is asked for, whose comparison goes on. It returns when nothing is left to do.
func (l *loop) drive() error {
	for i := range 5 {
		if err := l.rateLesson(i); err != nil {
			return err
		}
	}
	version := contracts.Version(1)
	if err := l.untilDecided(contracts.AdapterVerbCanaried, version); err != nil {
		return err
	}
	if err := l.compare(); err != nil {
		return err
	}
	if err := l.untilDecided(contracts.AdapterVerbPromoted, version); err != nil {
		return err
	}
	if err := l.takeBack(version); err != nil {
		return err
	}
	if err := l.remove(version); err != nil {
		return err
	}
	if given, err := l.resolve("after"); err != nil || given != contracts.VersionStarter {
		return fmt.Errorf("after the removal a task is planned with %q, %w", given, err)
	}
	err := l.bus.Publish(l.ctx, contracts.SubjectTrainingRequested(), contracts.TrainingRequested{ID: "again"}, bus.WithID("again"))
	if err != nil {
		return err
	}
	if err := l.untilDecided(contracts.AdapterVerbCanaried, contracts.Version(2)); err != nil {
		return err
	}
	return l.untilIdle()
}

// ratedAt is when all sessions of all loops were rated, so that all learn from the same.
func ratedAt() time.Time { return time.Date(2026, time.November, 1, 12, 0, 0, 0, time.UTC) }

// rateLesson stores a session with one star and the action that would have been right.
func (l *loop) rateLesson(i int) error {
	task := fmt.Sprintf("lesson-%d", i)
	said := action.Action{Verb: action.Click, Target: screen.Target{Kind: screen.Button, Text: "A"}}
	right := action.Action{Verb: action.Click, Target: screen.Target{Kind: screen.Button, Text: "B"}}
	event := contracts.FeedbackSubmitted{
		ID: "rating-" + task, TaskID: task, SessionID: "session_" + task, Rating: 1, Steps: 1, Corrected: 1,
		Outcome: contracts.VerbCompleted, Time: ratedAt(),
	}
	body, err := json.Marshal(contracts.Bundle{
		TaskID: task, SessionID: event.SessionID, Task: "get " + task, Rating: 1, FeedbackID: event.ID, Rated: ratedAt(), Outcome: contracts.VerbCompleted,
		Steps: []contracts.BundleStep{{
			Step: 1, Action: said, Outcome: contracts.OutcomeChanged, Corrected: &right, Verdict: contracts.VerdictWrong,
			State: prompt.State{Task: "get " + task, Screen: screen.Screen{Title: "P", Elements: []screen.Element{
				{Kind: screen.Button, Text: "A"}, {Kind: screen.Button, Text: "B"},
			}}},
		}},
	})
	if err != nil {
		return err
	}
	if event.Bundle, err = l.blobs.Put(l.ctx, "bundles/"+task+".json", body, "application/json"); err != nil {
		return err
	}
	return l.bus.Publish(l.ctx, contracts.SubjectFeedbackSubmitted(task), event, bus.WithID(event.ID))
}

// compare has sessions done with either version until the experiment is decided: the challenger
// pleases, the champion does not.
func (l *loop) compare() error {
	const most = 300
	for n := range most {
		task := fmt.Sprintf("try-%d", n)
		given, err := l.resolve(task)
		if err != nil {
			return err
		}
		again, err := l.resolve(task)
		if err != nil {
			return err
		}
		stars := map[string]int{contracts.VersionStarter: 1, contracts.Version(1): 5}[given]
		err = l.bus.Publish(l.ctx, contracts.SubjectTask(contracts.VerbCompleted, task), contracts.TaskEnded{TaskID: task}, bus.WithID(task+".completed"))
		if err == nil {
			err = l.bus.Publish(l.ctx, contracts.SubjectFeedbackSubmitted(task), contracts.FeedbackSubmitted{
				ID: task, TaskID: task, SessionID: task, Rating: stars, Outcome: contracts.VerbCompleted, Time: ratedAt(),
			}, bus.WithID(task))
		}
		if err != nil {
			return err
		}
		decided, err := l.untilKnown(task)
		switch {
		case err != nil:
			return err
		case decided:
			return nil
		case given != again:
			return fmt.Errorf("the task %s got %s, and %s when it asked again", task, given, again)
		}
	}
	return fmt.Errorf("the experiment is not decided after %d sessions", most)
}

// untilKnown waits until the end and the rating of a task are on record, or its experiment
// is decided.
func (l *loop) untilKnown(task string) (decided bool, err error) {
	err = l.watch(contracts.BucketExperiments, string(contracts.RolePlanner)+".>", func(key string, body []byte) bool {
		var record struct {
			Decision *contracts.ExperimentDecision `json:"decision"`
			Known    []json.RawMessage             `json:"known"`
		}
		if json.Unmarshal(body, &record) != nil {
			return false
		}
		decided = record.Decision != nil
		return decided || strings.HasSuffix(key, "."+task) && len(record.Known) == 2
	})
	return decided, err
}

// resolve is the version that a task is planned with.
func (l *loop) resolve(task string) (string, error) {
	answer, err := request[contracts.AdapterResolved](l, contracts.SubjectRegistryResolve, contracts.AdapterQuery{TaskID: task})
	if err != nil {
		return "", err
	}
	if answer.Adapter == nil {
		return "", fmt.Errorf("the task %s has no version: %+v", task, answer)
	}
	for _, a := range append(answer.Fallback, *answer.Adapter) {
		if a.State == contracts.AdapterRemoved {
			return "", fmt.Errorf("the task %s may load %s, which is removed", task, a.Version)
		}
	}
	return answer.Adapter.Version, nil
}

// takeBack makes the version before this one the champion again. An answer may be lost with
// who gives it: then it is refused the next time.
func (l *loop) takeBack(version string) error {
	aliases, err := request[contracts.Aliases](l, contracts.SubjectRegistryRollback, contracts.AdapterQuery{Version: version, By: "test", Why: "to see it go"})
	if err != nil && !strings.HasPrefix(err.Error(), contracts.MicroConflict) {
		return err
	}
	if err == nil && aliases.Champion != contracts.VersionStarter {
		return fmt.Errorf("after the rollback %+v", aliases)
	}
	return l.untilDecided(contracts.AdapterVerbRolledBack, version)
}

// remove removes a version's files once its training has ended.
func (l *loop) remove(version string) error {
	err := l.watch(contracts.BucketJobs, ">", func(_ string, body []byte) bool {
		var job contracts.JobState
		return json.Unmarshal(body, &job) == nil && job.Version == version && job.Phase.Ends()
	})
	if err != nil {
		return err
	}
	none := 0
	_, err = request[contracts.Collection](l, contracts.SubjectRegistryCollect, contracts.CollectQuery{Keep: &none, Remove: []string{version}, By: "test"})
	if err != nil && !strings.HasPrefix(err.Error(), contracts.MicroNotFound) { // done before the answer was lost
		return err
	}
	return l.untilDecided(contracts.AdapterVerbRemoved, version)
}

// untilDecided waits until the event of a decision is stored, and the decision on record.
func (l *loop) untilDecided(verb contracts.AdapterVerb, version string) error {
	subject := contracts.SubjectAdapter(verb, contracts.RolePlanner, version)
	err := l.bus.Watch(l.ctx, contracts.StreamAdapters, []string{subject}, bus.FromStart(), func(bus.Message) error { return bus.ErrStop })
	if err != nil {
		return fmt.Errorf("wait for %s: %w", subject, errors.Join(err, context.Cause(l.ctx)))
	}
	state := map[contracts.AdapterVerb]contracts.AdapterState{
		contracts.AdapterVerbCanaried: contracts.AdapterChallenger, contracts.AdapterVerbPromoted: contracts.AdapterChampion,
		contracts.AdapterVerbRolledBack: contracts.AdapterRolledBack, contracts.AdapterVerbRemoved: contracts.AdapterRemoved,
	}[verb]
	return l.watch(contracts.BucketAdapters, string(contracts.RolePlanner)+"."+version, func(_ string, body []byte) bool {
		var a contracts.Adapter
		return json.Unmarshal(body, &a) == nil && a.State == state
	})
}

// untilIdle waits until both services are there, have handled all that is stored, and no job runs.
func (l *loop) untilIdle() error {
	tick := time.NewTicker(20 * time.Millisecond) // nobody tells of an acknowledgement
	defer tick.Stop()
	for {
		idle, err := l.idle()
		if idle || err != nil {
			return err
		}
		select {
		case <-l.ctx.Done():
			return fmt.Errorf("wait until nothing is left to do: %w", context.Cause(l.ctx))
		case <-tick.C:
		}
	}
}

func (l *loop) idle() (bool, error) {
	status, err := request[contracts.TrainingStatus](l, contracts.SubjectTrainerStatus, nil)
	if err != nil || status.Job == nil || !status.Job.Phase.Ends() {
		return false, err
	}
	if _, err := request[contracts.AdapterList](l, contracts.SubjectRegistryList, nil); err != nil {
		return false, err
	}
	for _, c := range contracts.Consumers() {
		if !(&prey{units: loopUnits()}).reads(c) {
			continue
		}
		consumer, err := l.bus.JetStream().Consumer(l.ctx, c.Stream, c.Durable)
		if err != nil {
			return false, err
		}
		if info := consumer.CachedInfo(); info.NumPending > 0 || info.NumAckPending > 0 {
			return false, nil
		}
	}
	return true, nil
}

// loopUnits are those that are killed.
func loopUnits() []string { return []string{"trainer", "registry"} }
