package registry

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/services/registry/figures"
)

// ledger knows what became of every task and when the champion changed. It is what the streams
// say and nothing else: after a restart it is read again, and a session whose user deleted it
// is not in it, since the tombstone is kept for ever. Each question first reads what is new.
type ledger struct {
	mu        sync.Mutex
	after     map[string]uint64 // the last sequence that was read of each stream
	tasks     map[string]*entry
	champions map[contracts.Role][]contracts.ChampionSince
}

// entry is what is known of a task.
type entry struct {
	figures.Session

	// asked are the versions that were asked in it; the planner's is Version.
	asked   []contracts.RoleVersion
	ended   bool
	deleted bool
}

func newLedger() *ledger {
	return &ledger{after: map[string]uint64{}, tasks: map[string]*entry{}, champions: map[contracts.Role][]contracts.ChampionSince{}}
}

// catchUp reads what is stored now and was not read.
func (l *ledger) catchUp(ctx context.Context, b *bus.Bus) error {
	for _, stream := range []struct {
		name  string
		verbs []string
		apply func(bus.Message) error
	}{
		{contracts.StreamTasks, []string{
			contracts.SubjectTaskVerb(contracts.VerbStarted), contracts.SubjectTaskVerb(contracts.VerbCompleted),
			contracts.SubjectTaskVerb(contracts.VerbFailed), contracts.SubjectTaskVerb(contracts.VerbCancelled),
		}, l.task},
		{contracts.StreamFeedback, []string{contracts.SubjectFeedbackSubmitted("*"), contracts.SubjectFeedbackDeleted("*")}, l.feedback},
		{contracts.StreamAdapters, []string{
			contracts.SubjectAdapterVerb(contracts.AdapterVerbPromoted), contracts.SubjectAdapterVerb(contracts.AdapterVerbRolledBack),
		}, l.decision},
	} {
		err := b.Read(ctx, stream.name, stream.verbs, bus.FromAfter(l.after[stream.name]), func(m bus.Message) error {
			l.after[stream.name] = m.Sequence
			_ = stream.apply(m) // one that cannot be read never could be
			return nil
		})
		if err != nil {
			return fmt.Errorf("what became of the sessions is not known: %w", err)
		}
	}
	return nil
}

func (l *ledger) of(task string) *entry {
	e := l.tasks[task]
	if e == nil {
		e = &entry{}
		l.tasks[task] = e
	}
	return e
}

// task applies an event of a task.
func (l *ledger) task(m bus.Message) error {
	verb, id, _ := contracts.ParseTaskSubject(m.Subject)
	e := l.of(id)
	if !e.ended {
		e.Time = m.Time
	}
	if verb != contracts.VerbStarted {
		e.end(verb)
		ended, err := bus.Decode[contracts.TaskEnded](m)
		if err == nil && len(ended.Adapters) > 0 {
			e.asked = ended.Adapters
		}
		return err
	}
	started, err := bus.Decode[contracts.TaskStarted](m)
	if err == nil {
		e.Version = started.Adapter
	}
	return err
}

// end notes how a task ended. A person's end of it says nothing about the version.
func (e *entry) end(verb contracts.Verb) {
	e.ended = true
	if verb == contracts.VerbCompleted || verb == contracts.VerbFailed {
		ok := verb == contracts.VerbCompleted
		e.Success = &ok
	}
}

// feedback applies a rating, of which the last one counts, or a tombstone. A rating also tells
// what the events of its task did, for these are gone some day.
func (l *ledger) feedback(m bus.Message) error {
	if contracts.MatchSubject(contracts.SubjectFeedbackDeleted("*"), m.Subject) {
		deleted, err := bus.Decode[contracts.FeedbackDeleted](m)
		if err == nil {
			l.tasks[deleted.TaskID] = &entry{deleted: true}
		}
		return err
	}
	rated, err := bus.Decode[contracts.FeedbackSubmitted](m)
	if err != nil {
		return err
	}
	if rated.Rating < contracts.MinRating || rated.Rating > contracts.MaxRating {
		return fmt.Errorf("it has %d stars", rated.Rating)
	}
	e := l.of(rated.TaskID)
	e.Stars = rated.Rating
	if e.Version == "" {
		e.Version = rated.Adapter
	}
	if len(e.asked) == 0 {
		e.asked = rated.Adapters
	}
	if !e.ended {
		e.Time = m.Time
		e.end(rated.Outcome)
	}
	return nil
}

// decision notes that a version came into use.
func (l *ledger) decision(m bus.Message) error {
	d, err := bus.Decode[contracts.AdapterDecided](m)
	if err != nil {
		return err
	}
	current, known := "", l.champions[d.Role]
	if n := len(known); n > 0 {
		current = known[n-1].Version
	}
	if d.Champion == current { // a challenger was taken back
		return nil
	}
	verb := contracts.AdapterVerbPromoted
	if d.Champion != d.Version {
		verb = contracts.AdapterVerbRolledBack
	}
	l.champions[d.Role] = append(known, contracts.ChampionSince{Version: d.Champion, Verb: verb, Time: m.Time})
	return nil
}

// sessions are those of a role that count, each with the role's version: a session in which no version
// of the role was asked says nothing about it. Of an unrated one nothing is stored any more once its events
// are too old, so that it does not count from then on, with or without a restart.
func (l *ledger) sessions(role contracts.Role, now time.Time) []figures.Session {
	var all []figures.Session
	for id, e := range l.tasks {
		switch {
		case e.Stars == 0 && !e.deleted && e.Time.Before(now.Add(-contracts.TasksKept)):
			delete(l.tasks, id)
		case e.deleted:
		case role == contracts.RolePlanner:
			all = append(all, e.Session)
		case contracts.Own(e.asked, role) != "":
			of := e.Session
			of.Version = contracts.Own(e.asked, role)
			all = append(all, of)
		}
	}
	return all
}

// figures answers how a role's versions do.
func (s *service) figures(ctx context.Context, q contracts.AdapterQuery) (contracts.Figures, error) {
	var answer contracts.Figures
	adapters, err := s.versions.list(ctx, roleOf(q))
	if err != nil {
		return answer, err
	}
	s.ledger.mu.Lock()
	defer s.ledger.mu.Unlock()
	if err := s.ledger.catchUp(ctx, s.bus); err != nil {
		return answer, err
	}
	sessions := s.ledger.sessions(roleOf(q), time.Now())
	answer.Versions = figures.Versions(adapters, sessions)
	answer.Weeks = figures.Weeks(sessions, s.ledger.champions[roleOf(q)])
	return answer, nil
}
