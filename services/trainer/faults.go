package trainer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/trainer/internal/blame"
)

const (
	// faultWeeks is how far back the faults are counted.
	faultWeeks = 8 * 7 * 24 * time.Hour
	// faultPause is the wait after a store that is away.
	faultPause = 10 * time.Second
)

// faults is whose fault the wrong steps of each rating were: enough for a trend, from the
// bundles of the last weeks. It is safe for concurrent use.
type faults struct {
	mu    sync.Mutex
	known map[string]map[blame.Fault]int    // by the rating's id
	roles map[string]map[contracts.Role]int // how many corrected steps of each role but the planner, by the same
	wake  chan struct{}                     // holds one value when there may be ratings to read
}

func newFaults() *faults {
	f := &faults{known: map[string]map[blame.Fault]int{}, roles: map[string]map[contracts.Role]int{}, wake: make(chan struct{}, 1)}
	f.stir()
	return f
}

// stir has the new ratings read.
func (f *faults) stir() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// learn notes the faults of a rating, and for which roles its corrections are.
func (f *faults) learn(id string, verdicts []blame.Verdict, roles map[contracts.Role]int) {
	count := map[blame.Fault]int{}
	for _, v := range verdicts {
		count[v.Fault]++
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.known[id], f.roles[id] = count, roles
}

// rolesTaught is how many corrected steps of a session teach each role but the planner.
func rolesTaught(b contracts.Bundle, verdicts []blame.Verdict) map[contracts.Role]int {
	roles := map[contracts.Role]int{}
	for i, v := range verdicts {
		for _, role := range contracts.PlanningRoles() {
			if role != contracts.RolePlanner && b.Steps[i].Corrected != nil && v.Teaches() && lessonOf(role, b.Steps, i) {
				roles[role]++
			}
		}
	}
	return roles
}

// lessons is how many corrected steps of a role the ratings have, as far as they were read.
func (f *faults) lessons(role contracts.Role, ratings []entry) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range ratings {
		n += f.roles[e.ID][role]
	}
	return n
}

// unread are the ratings since a time that are not known.
func (f *faults) unread(ratings []entry, since time.Time) (list []entry) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range ratings {
		if f.known[e.ID] == nil && !e.Time.Before(since) {
			list = append(list, e)
		}
	}
	return list
}

// weeks sums the faults up to a time by the weeks of the ratings, the oldest first.
func (f *faults) weeks(ratings []entry, now time.Time) (list []contracts.FaultWeek, unread int) {
	since := now.Add(-faultWeeks)
	unread = len(f.unread(ratings, since))
	f.mu.Lock()
	defer f.mu.Unlock()
	at := map[string]int{}
	for _, e := range ratings { // by their sequence, so by time
		count := f.known[e.ID]
		if count == nil || e.Time.Before(since) {
			continue
		}
		year, week := e.Time.UTC().ISOWeek()
		name := fmt.Sprintf("%d-W%02d", year, week)
		if _, ok := at[name]; !ok {
			at[name] = len(list)
			list = append(list, contracts.FaultWeek{Week: name})
		}
		w := &list[at[name]]
		w.Sessions++
		w.Plan += count[blame.Plan]
		w.Eyes += count[blame.Eyes]
		w.Pointer += count[blame.Pointer]
		w.Waiting += count[blame.Waiting]
		w.Handoff += count[blame.Handoff]
	}
	return list, unread
}

// readFaults reads the bundles of ratings until ctx ends. Nothing waits for it: while
// the store is away, the counts are behind.
func (s *service) readFaults(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.faults.wake:
		}
		if err := s.readNewFaults(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("the faults are counted later", "err", err)
			select {
			case <-ctx.Done():
			case <-time.After(faultPause):
				s.faults.stir()
			}
		}
	}
}

func (s *service) readNewFaults(ctx context.Context) error {
	ratings, _ := s.ledger.ratings()
	for _, e := range s.faults.unread(ratings, time.Now().Add(-faultWeeks)) {
		b, err := s.bundle(ctx, e)
		if err != nil && !errors.Is(err, errUnreadable) {
			return err
		}
		verdicts := blame.Session(b)
		s.faults.learn(e.ID, verdicts, rolesTaught(b, verdicts)) // of one that is gone: none
	}
	return nil
}
