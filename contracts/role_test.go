package contracts_test

import (
	"slices"
	"testing"

	"github.com/grokputer/grokputer/contracts"
)

func TestRoles(t *testing.T) {
	t.Parallel()
	if got := stringConstants(t, "role.go")["Role"]; len(got) != len(contracts.Roles()) {
		t.Errorf("Roles are %v, of the constants %v", contracts.Roles(), got)
	}
	for _, r := range contracts.Roles() {
		if !r.Valid() || !contracts.ValidToken(string(r)) {
			t.Errorf("%q is no role that can stand in a subject", r)
		}
		if r.Plans() != (r != contracts.RoleReader) {
			t.Errorf("%s has versions: %t", r, r.Plans())
		}
	}
	if contracts.Role("").Valid() || contracts.Role("cook").Valid() {
		t.Error("what is no role is valid")
	}
}

func TestWhatFollowsAStepInVainIsTheRecoverys(t *testing.T) {
	t.Parallel()
	recovers := []contracts.Outcome{contracts.OutcomeUnchanged, contracts.OutcomeError, contracts.OutcomeForbidden}
	for _, o := range append(stringConstants(t, "task.go")["Outcome"], "") {
		want := contracts.RolePlanner
		if slices.Contains(recovers, contracts.Outcome(o)) {
			want = contracts.RoleRecovery
		}
		if got := contracts.RoleAfter(contracts.Outcome(o)); got != want {
			t.Errorf("after %q comes the %s, want the %s", o, got, want)
		}
	}
}

func TestARoleVersionIsNamed(t *testing.T) {
	t.Parallel()
	for want, a := range map[string]contracts.RoleVersion{
		"lora-v3":                   {Role: contracts.RolePlanner, Version: "lora-v3"},
		"recovery:lora-v2":          {Role: contracts.RoleRecovery, Version: "lora-v2"},
		"lora-v3, for the recovery": {Role: contracts.RoleRecovery, Version: "lora-v3", Of: contracts.RolePlanner},
	} {
		if a.String() != want {
			t.Errorf("%+v is named %s", a, a)
		}
	}
}

func TestUnsure(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		named, elements int
		confidence      float64
		want            bool
	}{
		{1, 2, 0.5, true}, {2, 9, 0.1, true}, {1, 2, contracts.Sure, false}, {1, 1, 0.5, false}, {0, 9, 0.5, false}, {1, 2, 0, false},
	} {
		if got := contracts.Unsure(c.named, c.elements, c.confidence); got != c.want {
			t.Errorf("%+v: %t", c, got)
		}
	}
}
