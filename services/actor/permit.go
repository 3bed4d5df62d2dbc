package actor

import (
	"context"
	"errors"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
)

// Results of steps of a dry run.
const (
	dryRun        = "dry run: it was not done"
	dryRunWaiting = dryRun + ", and would have waited for approval"
)

// permit asks the policy, and where that says so a person, whether a planned
// action may be done. ok is false when not, and what says why.
func (t *task) permit(ctx context.Context, entry contracts.JournalEntry) (what outcome, ok bool, err error) {
	var class Class
	if err := class.UnmarshalText([]byte(entry.Class)); err != nil {
		return outcome{}, false, err
	}
	if err := t.barred(ctx, entry); errors.Is(err, ErrForbidden) {
		return outcome{what: contracts.OutcomeForbidden, result: err.Error()}, false, nil
	} else if err != nil {
		return outcome{}, false, err
	}
	policy := t.config.Policy
	if (policy.DryRun || t.state.DryRun) && leavesTraces(entry.Action) {
		result := dryRun
		if policy.NeedsApproval(class) {
			result = dryRunWaiting
		}
		return outcome{what: contracts.OutcomeDry, result: result}, false, t.audit(ctx, entry, contracts.PolicyDry, contracts.ByPolicy, result)
	}
	if !policy.NeedsApproval(class) {
		return outcome{}, true, t.audit(ctx, entry, contracts.PolicyAllowed, contracts.ByPolicy, "")
	}
	no, err := t.approve(ctx, entry, "")
	if err != nil || no != "" {
		return outcome{what: contracts.OutcomeRefused, result: no}, false, err
	}
	return outcome{}, true, nil
}

// barred returns an ErrForbidden for an action that is not even to be asked about.
func (t *task) barred(ctx context.Context, entry contracts.JournalEntry) error {
	if !entry.Action.Input() {
		return nil
	}
	before := t.at
	in, err := t.aim(entry)
	t.at = before // nothing has moved yet
	if err != nil {
		return nil //nolint:nilerr // it is said when the action is tried
	}
	return t.forbidden(ctx, entry, in)
}

// leavesTraces reports whether an action does more than to look, to wait or to end.
func leavesTraces(a action.Action) bool {
	return a.Input() || a.Verb == action.Open || a.Verb == action.Screenshot
}
