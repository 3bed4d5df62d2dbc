package feedback

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
)

// maxReason is the longest reason of an answer, in bytes.
const maxReason = 1000

// Waiting implements Desk.
func (s *Service) Waiting(ctx context.Context) ([]Summary, error) {
	s.fresh(ctx)
	list, err := s.store.List(ctx, Filter{Waiting: true})
	if err != nil {
		return nil, err
	}
	now := time.Now()
	return slices.DeleteFunc(list, func(s Summary) bool { return !s.Waiting.Waits(now) }), nil
}

// Answer implements Desk.
func (s *Service) Answer(ctx context.Context, a Answer) (contracts.TaskApproval, error) {
	if len(a.Reason) > maxReason || !utf8.ValidString(a.Reason) {
		return contracts.TaskApproval{}, &InvalidError{Field: "reason", Why: fmt.Sprintf("it has to be text of at most %d bytes", maxReason)}
	}
	s.fresh(ctx)
	r, _, err := s.find(ctx, a.ID)
	if err != nil {
		return contracts.TaskApproval{}, err
	}
	asked := r.Waiting
	switch {
	case asked == nil || !asked.Waits(time.Now()):
		return contracts.TaskApproval{}, fmt.Errorf("%w: the session %s does not wait for an answer", ErrConflict, r.SessionID)
	case a.Step != asked.Step || a.Action != "" && a.Action != asked.Action:
		return contracts.TaskApproval{}, fmt.Errorf("%w: the session %s waits with step %d by now: %s", ErrConflict, r.SessionID, asked.Step, asked.Action)
	}
	answer := *asked
	answer.State, answer.Reason, answer.By = contracts.ApprovalDenied, strings.TrimSpace(a.Reason), a.By
	if a.Allow {
		answer.State = contracts.ApprovalGranted
	}
	ctx, cancel := context.WithTimeout(withTrace(ctx, r.TraceParent), s.options.Patience)
	defer cancel()
	err = s.bus.Publish(ctx, contracts.SubjectTask(contracts.VerbApproval, r.TaskID), answer,
		bus.WithID(answer.AnswerID()), bus.WithTask(r.TaskID))
	if err != nil {
		return contracts.TaskApproval{}, s.unavailable(ctx, err)
	}
	return answer, nil
}
