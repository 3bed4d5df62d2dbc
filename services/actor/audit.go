package actor

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/kit/bus"
)

// audit adds a decision about a step's action to the stream that is only ever
// added to, and to the session's record.
func (t *task) audit(ctx context.Context, entry contracts.JournalEntry, verdict contracts.PolicyVerdict, by, reason string) error {
	noted := contracts.AuditEntry{
		TaskID: t.state.TaskID, SessionID: t.state.SessionID, Desktop: t.state.Desktop, Step: entry.Step,
		Action: withoutText(entry.Action), Class: entry.Class, Verdict: verdict, By: by, Reason: reason, Time: time.Now().UTC(),
	}
	if e := entry.Event; e != nil {
		noted.Rule, noted.Words, noted.Frame = e.Rule, e.Words, e.Frame
	}
	t.record.session.Audit = append(t.record.session.Audit, noted)
	return t.bus.Publish(ctx, contracts.SubjectAudit(t.state.TaskID), noted, bus.WithID(bus.NewID()), bus.WithTask(t.state.TaskID))
}

// withoutText is an action without what it types or says: the record outlives the
// session, which a person may delete.
func withoutText(a action.Action) string {
	switch a.Verb {
	case action.Type, action.Answer, action.Fail, action.Ask:
		return fmt.Sprintf("%s (%d characters)", a.Verb, utf8.RuneCountInString(a.Text))
	default:
		return a.String()
	}
}
