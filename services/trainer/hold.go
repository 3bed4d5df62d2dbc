package trainer

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/grokputer/grokputer/contracts"
)

// hold is why a training that is due waits, or one that runs rests, in a sentence; empty
// for none. until is when that ends by itself, if that is known.
type hold struct {
	why   string
	until time.Time
}

// hold is what keeps a training from beginning.
func (s *service) hold(ctx context.Context, status contracts.TrainingStatus, now time.Time) hold {
	if job := status.Job; job != nil && job.Phase.Ends() {
		if end := job.Updated.Add(s.config.When.CoolDown); now.Before(end) {
			return hold{fmt.Sprintf("the last training ended at %s, and the next one begins at %s at the earliest",
				clock(job.Updated, now), clock(end, now)), end}
		}
	}
	if h := s.rest(ctx, now); h.why != "" {
		return h
	}
	return hold{why: s.stuck(ctx, status.Role)}
}

// rest is what keeps a training from going on.
func (s *service) rest(ctx context.Context, now time.Time) hold {
	w := s.config.When
	if end, quiet := w.Quiet.Until(now.Local()); quiet { //nolint:gosmopolitan // by the clock on the wall
		return hold{fmt.Sprintf("the quiet hours last until %s", clock(end, now)), end}
	}
	if w.Idle == 0 || s.config.Desk == nil {
		return hold{}
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	idle, err := s.config.Desk.Idle(ctx)
	if err != nil { // a desktop that is not there is used by nobody
		s.log.Debug("whether the desktop is in use is not known", "err", err)
		return hold{}
	}
	if idle < w.Idle {
		return hold{fmt.Sprintf("the desktop is in use: mouse and keyboard have to rest for %s", w.Idle), now.Add(w.Idle - idle)}
	}
	return hold{}
}

// enough is how many newly corrected steps are worth another try after trainings that
// brought nothing better.
const enough = 10

// stuck is why another training of a role is not worth it: the last ones brought no version that
// was promoted, and not much has been corrected since.
func (s *service) stuck(ctx context.Context, role contracts.Role) string {
	job := s.current.lastOf(role)
	if s.config.When.GiveUp == 0 || job == nil {
		return ""
	}
	ratings, _ := s.ledger.ratings()
	fresh, _ := news(ratings, job)
	corrected := 0
	for _, e := range fresh {
		corrected += e.Corrected
	}
	if corrected >= enough {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	versions, err := s.unpromoted(ctx, role)
	if err != nil {
		s.log.Warn("whether the last trainings brought anything is not known", "err", err)
		return ""
	}
	if len(versions) < s.config.When.GiveUp {
		return ""
	}
	shown := versions[0]
	if role != contracts.RolePlanner {
		shown += " --role " + string(role)
	}
	return fmt.Sprintf("the last %s brought no version that was promoted (%s): the next one begins when %d more steps are corrected, "+
		"%d are by now; what would help: corrections (grokputer rate SESSION), another base model (--model), "+
		"or a look at why they were not (grokputer adapters show %s)",
		plural(len(versions), "training"), strings.Join(versions, ", "), enough, corrected, shown)
}

// unpromoted are the versions of a role's last trainings in a row that were decided about, the
// newest first, and never served as champion. Failed and cancelled ones do not count.
func (s *service) unpromoted(ctx context.Context, role contracts.Role) ([]string, error) {
	list, err := s.jobs.list(ctx)
	if err != nil {
		return nil, err
	}
	var versions []string
	for _, job := range slices.Backward(list) {
		if job.Phase != contracts.JobCompleted || job.For() != role {
			continue
		}
		a, err := ask[contracts.Adapter](ctx, s.bus, contracts.SubjectRegistryGet,
			contracts.AdapterQuery{Role: role, Version: job.Version})
		if err != nil {
			return nil, err
		}
		if a.State == contracts.AdapterRemoved {
			a.State = a.Before
		}
		if a.State != contracts.AdapterRejected && (a.State != contracts.AdapterPublishedState || a.Why == "") {
			break // it served, or is not decided about
		}
		versions = append(versions, job.Version)
		if len(versions) == s.config.When.GiveUp {
			break
		}
	}
	return versions, nil
}
