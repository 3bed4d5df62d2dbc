package registry

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
)

// promote makes a version the champion. Doing so again changes nothing.
func (s *service) promote(ctx context.Context, q contracts.AdapterQuery) (contracts.Aliases, error) {
	return s.promoteUnless(ctx, q, func(contracts.Aliases) error { return nil })
}

// promoteUnless makes a version the champion unless something speaks against it in the
// aliases as they are when they are written: another registry may decide meanwhile.
func (s *service) promoteUnless(
	ctx context.Context, q contracts.AdapterQuery, objection func(contracts.Aliases) error,
) (contracts.Aliases, error) {
	role := roleOf(q)
	a, err := s.get(ctx, q)
	if err != nil {
		return contracts.Aliases{}, err
	}
	return s.changeAlone(ctx, role, a.Version, q, func(current contracts.Aliases) (contracts.Aliases, error) {
		if err := s.usable(ctx, role, a.Version); err != nil {
			return current, err
		}
		if current.Champion == a.Version {
			return current, nil
		}
		if err := objection(current); err != nil {
			return current, err
		}
		return contracts.Aliases{
			Role: role, Champion: a.Version, Previous: current.Champion, Experiment: of(current),
			Verb: contracts.AdapterVerbPromoted, Version: a.Version, By: orPerson(q.By), Why: q.Why,
		}, nil
	})
}

// rollback makes the previous champion the champion again, or ends the comparison with the
// challenger that it names.
func (s *service) rollback(ctx context.Context, q contracts.AdapterQuery) (contracts.Aliases, error) {
	role := roleOf(q)
	return s.changeAlone(ctx, role, q.Version, q, func(current contracts.Aliases) (contracts.Aliases, error) {
		if q.Version != "" && q.Version == current.Challenger {
			return withdrawn(current, contracts.AdapterVerbRolledBack, orPerson(q.By), q.Why), nil
		}
		// Without a version before it a role goes back to the planner's adapter.
		if current.Previous == "" && (role == contracts.RolePlanner || current.Champion == "") {
			return current, fmt.Errorf("%w: there is no version to go back to; promote one by name with: %s",
				ErrRefused, promoteIt(role, "VERSION"))
		}
		if q.Version != "" && q.Version != current.Champion {
			return current, fmt.Errorf("%w: %s is not the champion, %s is", ErrRefused, q.Version, current.Champion)
		}
		return contracts.Aliases{
			Role: role, Champion: current.Previous,
			Verb: contracts.AdapterVerbRolledBack, Version: current.Champion, By: orPerson(q.By), Why: q.Why,
		}, nil
	})
}

func orPerson(by string) string {
	if by == "" {
		return "person"
	}
	return by
}

// change writes new aliases, whoever else does so meanwhile, and then what follows
// from them.
func (s *service) change(
	ctx context.Context, role contracts.Role, decide func(contracts.Aliases) (contracts.Aliases, error),
) (contracts.Aliases, error) {
	for {
		current, revision, err := s.aliases.get(ctx, role)
		if err != nil {
			return current, err
		}
		// What was decided beside the aliases is in the records before anything else is decided.
		if _, err := s.settleBeside(ctx, current); err != nil {
			return current, err
		}
		next, err := decide(current)
		if err != nil {
			return current, err
		}
		if next != current {
			// The decision before this one has to be told of before it is replaced.
			if err := s.tell(ctx, current, revision); err != nil {
				return current, err
			}
			// One that moves no alias does not say again what that one did.
			if movesNone(next.Verb) && current.Verb != "" {
				if err := s.record(ctx, current); err != nil {
					return current, err
				}
			}
			next.Updated = time.Now().UTC()
			stored, ok, err := s.aliases.put(ctx, next, revision)
			if err != nil {
				return current, err
			}
			if !ok {
				continue
			}
			if err := s.markFormer(ctx, current, next); err != nil {
				return next, err
			}
			revision = stored
			if err := s.options.Hook.at(AfterAliases, next.Version); err != nil {
				return next, err
			}
		}
		return next, s.settle(ctx, next, revision)
	}
}

// markFormer brings the state of a version up to date that the aliases no longer name.
func (s *service) markFormer(ctx context.Context, before, after contracts.Aliases) error {
	if before.Previous == "" || before.Previous == after.Champion || before.Previous == after.Previous {
		return nil
	}
	return s.unlessUnknown(s.versions.mark(ctx, before.Role, before.Previous, contracts.AdapterPublishedState, "it was in use before"))
}

// finish does what a crash after the last decision left undone.
func (s *service) finish(ctx context.Context, role contracts.Role) error {
	current, revision, err := s.aliases.get(ctx, role)
	if err != nil || revision == 0 {
		return err
	}
	return s.settle(ctx, current, revision)
}

// settle tells of the decision and brings the states of the versions up to date.
func (s *service) settle(ctx context.Context, a contracts.Aliases, revision uint64) error {
	if err := s.tell(ctx, a, revision); err != nil {
		return err
	}
	if err := s.options.Hook.at(AfterEvent, a.Version); err != nil {
		return err
	}
	return s.record(ctx, a)
}

// record writes a decision into the experiment and the versions that it is about.
func (s *service) record(ctx context.Context, a contracts.Aliases) error {
	if done, err := s.settleBeside(ctx, a); err != nil || done {
		return err
	}
	if err := s.settleExperiment(ctx, a); err != nil {
		return err
	}
	if err := s.options.Hook.at(AfterExperiment, a.Version); err != nil {
		return err
	}
	why := strings.TrimSpace(a.Why)
	switch a.Verb {
	case contracts.AdapterVerbCanaried:
		return s.unlessUnknown(s.versions.mark(ctx, a.Role, a.Version, contracts.AdapterChallenger, why))
	case contracts.AdapterVerbRetired:
		return s.unlessUnknown(s.versions.mark(ctx, a.Role, a.Version, contracts.AdapterRetired, why))
	}
	if a.Verb == contracts.AdapterVerbRolledBack {
		if why == "" {
			why = "taken back"
		}
		if err := s.unlessUnknown(s.versions.mark(ctx, a.Role, a.Version, contracts.AdapterRolledBack, why)); err != nil {
			return err
		}
		if err := s.options.Hook.at(AfterState, a.Version); err != nil {
			return err
		}
		why = fmt.Sprintf("%s was taken back", a.Version)
	}
	if a.Champion == "" { // the planner's serves for the role
		return nil
	}
	if err := s.unlessUnknown(s.versions.mark(ctx, a.Role, a.Champion, contracts.AdapterChampion, why)); err != nil {
		return err
	}
	if err := s.options.Hook.at(AfterState, a.Champion); err != nil || a.Previous == "" {
		return err
	}
	return s.unlessUnknown(s.versions.mark(ctx, a.Role, a.Previous, contracts.AdapterPrevious, fmt.Sprintf("%s took its place", a.Champion)))
}

// unlessUnknown passes over versions that are not on record: an alias may be older.
func (s *service) unlessUnknown(err error) error {
	if errors.Is(err, ErrUnknown) {
		s.log.Warn("an alias names a version that is not on record", "err", err)
		return nil
	}
	return err
}

// tell stores the event of the decision that the aliases hold, unless it is stored.
func (s *service) tell(ctx context.Context, a contracts.Aliases, revision uint64) error {
	if a.Verb == "" {
		return nil
	}
	subject := contracts.SubjectAdapter(a.Verb, a.Role, a.Version)
	id := fmt.Sprintf("%s.%d", subject, revision)
	stored, err := s.lastID(ctx, subject)
	if err != nil || stored == id {
		return err
	}
	event := contracts.AdapterDecided{
		Role: a.Role, Version: a.Version, Champion: a.Champion, Previous: a.Previous, Experiment: a.Experiment,
		By: a.By, Why: a.Why, Time: a.Updated,
	}
	if movesNone(a.Verb) {
		event.Experiment = "" // the one that runs has nothing to do with it
	}
	err = s.bus.Publish(ctx, subject, event, bus.WithID(id))
	if err != nil {
		return err
	}
	s.log.Info("decided", "verb", string(a.Verb), "role", string(a.Role), "version", a.Version, "champion", a.Champion, "previous", a.Previous, "by", a.By)
	return nil
}

// lastID is the id of the newest event on a subject, empty when there is none.
func (s *service) lastID(ctx context.Context, subject string) (string, error) {
	m, err := s.last(ctx, subject)
	if err != nil || m == nil {
		return "", err
	}
	return m.Header.Get(contracts.HeaderMsgID), nil
}

// last is the newest event on a subject, nil when there is none.
func (s *service) last(ctx context.Context, subject string) (*jetstream.RawStreamMsg, error) {
	stream, err := s.bus.JetStream().Stream(ctx, contracts.StreamAdapters)
	if err != nil {
		return nil, fmt.Errorf("look at the stream of the adapters: %w", err)
	}
	m, err := stream.GetLastMsgForSubject(ctx, subject)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil, nil //nolint:nilnil // said above
	}
	if err != nil {
		return nil, fmt.Errorf("look for the event %s: %w", subject, err)
	}
	return m, nil
}
