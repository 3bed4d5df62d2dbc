package cli_test

import (
	"strings"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts"
)

func TestAudit(t *testing.T) {
	t.Parallel()
	b, flags := server(t)
	audit := func(args ...string) []string { return append(append([]string{"audit"}, args...), flags...) }
	if got := decode[[]contracts.AuditEntry](t, ok(t, audit("--json")...)); len(got) != 0 {
		t.Errorf("decisions before there are any: %+v", got)
	}
	for _, e := range []contracts.AuditEntry{
		{TaskID: "t1", Step: 1, Action: `click button "Send"`, Class: "send", Rule: "sending caption", Words: "send", Verdict: contracts.PolicyWaiting, By: contracts.ByPolicy},
		{TaskID: "t1", Step: 1, Action: `click button "Send"`, Class: "send", Rule: "sending caption", Words: "send", Verdict: contracts.PolicyDenied, By: contracts.ByPage, Reason: "not today"},
		{TaskID: "t2", Step: 1, Action: "done", Class: "read", Rule: "looks", Verdict: contracts.PolicyAllowed, By: contracts.ByPolicy},
	} {
		e.Time = time.Now()
		publish(t, b, contracts.SubjectAudit(e.TaskID), e)
	}
	out := ok(t, audit()...)
	for _, want := range []string{`click button "Send"`, "sending caption: send", "denied", "page", "not today", "t2"} {
		if !strings.Contains(out, want) {
			t.Errorf("audit lacks %q:\n%s", want, out)
		}
	}
	if got := decode[[]contracts.AuditEntry](t, ok(t, audit("t1", "--json")...)); len(got) != 2 || got[1].Reason != "not today" {
		t.Errorf("audit t1 --json: %+v", got)
	}
	fails(t, 1, "is not the id of a task", audit("audit.>")...)
}
