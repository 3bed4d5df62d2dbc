package trainer

import (
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/screen"
)

func TestWhichStepsTeachARole(t *testing.T) {
	t.Parallel()
	said := func(n int, text string, o contracts.Outcome, sure float64, right string) contracts.BundleStep {
		s := step(t, n, text, o)
		s.Confidence = sure
		if len(s.State.Screen.Elements) < 2 {
			s.State.Screen.Elements = append(s.State.Screen.Elements, screen.Element{Kind: screen.Button, Text: "C"}, screen.Element{Kind: screen.Button, Text: "D"})
		}
		if right != "" {
			a := parse(t, right)
			s.Corrected = &a
		}
		return s
	}
	all := []contracts.BundleStep{
		said(1, `click button "A"`, contracts.OutcomeUnchanged, 0.9, ""),
		said(2, `click button "A"`, contracts.OutcomeChanged, 0.9, `click button "B"`), // another element
		said(3, `click button "A"`, contracts.OutcomeError, 0.3, ""),                   // unsure
		said(4, `click button "A"`, contracts.OutcomeChanged, 0.3, `type "a"`),         // no question of the element
		said(5, `wait 3`, contracts.OutcomeForbidden, 0.3, ""),
		said(6, `click button "A"`, contracts.OutcomeChanged, 0.99, ""), // the second look was sure
	}
	all[5].Verdict = contracts.VerdictWrong
	all[5].Adapters = []contracts.RoleVersion{{Role: contracts.RoleRecovery, Version: "lora-v1"}, {Role: contracts.RoleAction, Version: "lora-v2"}}
	for role, want := range map[contracts.Role]string{
		"": "123456", contracts.RolePlanner: "123456", contracts.RoleRecovery: "246", contracts.RoleAction: "236",
	} {
		got := ""
		for i, s := range all {
			if lessonOf(role, all, i) {
				got += string(rune('0' + s.Step))
			}
		}
		if got != want {
			t.Errorf("the steps %s teach the role %q, want %s", got, role, want)
		}
	}
	var counts, others Counts
	var every, after steps
	b := bundle("a", 1, contracts.VerbCompleted, all...)
	every.add(b, 0.5, &counts)
	b.role = contracts.RoleRecovery
	after.add(b, 0.5, &others)
	if len(every.lessons) != 2 || counts.OtherRole != 0 || len(after.lessons) != 2 || others.OtherRole != 3 {
		t.Errorf("the planner has %d lessons, the recovery %d and %d steps of others", len(every.lessons), len(after.lessons), others.OtherRole)
	}
	if n := len(after.bad); n == 0 || after.bad[n-1].Source.Step != 6 || after.bad[n-1].Source.Adapter != all[5].Adapters[1] {
		t.Errorf("the last wrong step is %+v, want the sixth, by the version that had the last word", after.bad)
	}
}
