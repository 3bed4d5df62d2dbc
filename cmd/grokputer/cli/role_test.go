package cli_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/kittest"
)

// publishRole has a version of a role on record.
func publishRole(t *testing.T, b *bus.Bus, file contracts.Blob, role contracts.Role, version string) {
	t.Helper()
	publish(t, b, contracts.SubjectAdapter(contracts.AdapterVerbPublished, role, version), contracts.AdapterPublished{
		Role: role, Version: version, SHA256: file.SHA256, Time: time.Now(), Files: []contracts.AdapterFile{{Name: "weights", Blob: file}},
	})
}

// A role's versions are listed, shown, promoted and taken back apart from the planner's.
func TestAdaptersOfARole(t *testing.T) {
	t.Parallel()
	b, flags := comparing(t)
	adapters := func(args ...string) []string { return append(append([]string{"adapters"}, args...), flags...) }
	recovery := func(args ...string) []string { return append(adapters(args...), "--role", "recovery") }
	if out := ok(t, recovery()...); !strings.Contains(out, "no version of the role recovery yet") || !strings.Contains(out, "have the planner's adapter") {
		t.Errorf("without a version it lists\n%s", out)
	}
	before := ok(t, adapters("--json")...)
	file := decode[contracts.AdapterList](t, before).Adapters[0].Files[0].Blob // any will do
	publishRole(t, b, file, contracts.RoleRecovery, "lora-v1")
	kittest.Await(t, "the recovery's champion", func() bool { return strings.Contains(ok(t, recovery()...), "lora-v1  champion") })
	publishRole(t, b, file, contracts.RoleRecovery, "lora-v2")
	kittest.Await(t, "the recovery's challenger", func() bool { return strings.Contains(ok(t, recovery()...), "lora-v2  challenger") })
	if out := ok(t, recovery("promote", "lora-v2")...); !strings.Contains(out, "of the role recovery have lora-v2") || !strings.Contains(out, "goes back to lora-v1") {
		t.Errorf("it says\n%s", out)
	}
	if list := decode[contracts.ExperimentList](t, ok(t, append(flags, "experiments", "--role", "recovery", "--json")...)); len(list.Experiments) != 1 || list.Experiments[0].Role != contracts.RoleRecovery {
		t.Errorf("%+v", list)
	}
	if a := decode[contracts.Adapter](t, ok(t, recovery("show", "lora-v2", "--json")...)); a.Role != contracts.RoleRecovery || a.State != contracts.AdapterChampion {
		t.Errorf("%+v", a)
	}
	if out := ok(t, recovery("diff", "lora-v1", "lora-v2")...); !strings.Contains(out, "lora-v2") {
		t.Errorf("they differ in\n%s", out)
	}
	if out := ok(t, recovery("protect", "lora-v1")...); !strings.Contains(out, "`grokputer adapters gc --role recovery` keeps it") {
		t.Errorf("it says\n%s", out)
	}
	ok(t, recovery("unprotect", "lora-v1")...)
	ok(t, recovery("rollback")...)
	if out := ok(t, recovery("rollback")...); !strings.Contains(out, "of the role recovery have the planner's adapter") {
		t.Errorf("it says\n%s", out)
	}
	fails(t, 1, "adapters promote VERSION --role recovery", recovery("rollback")...)
	fails(t, 1, "`grokputer adapters --role recovery` lists", recovery("promote", "lora-v9")...)
	if got := decode[contracts.Collection](t, ok(t, recovery("gc", "--keep", "0", "--dry-run", "--json")...)); len(got.Versions) != 2 {
		t.Errorf("%+v", got)
	}
	if after := ok(t, adapters("--json")...); after != before {
		t.Errorf("the planner's versions are\n%s\nand were\n%s", after, before)
	}
}

func TestRolesWithoutAdapters(t *testing.T) {
	t.Parallel()
	_, flags := comparing(t)
	for role, want := range map[string]string{"reader": "it is no language model", "cook": "none of the roles [planner recovery action]"} {
		for _, command := range [][]string{{"adapters"}, {"adapters", "rollback"}, {"adapters", "gc"}, {"experiments"}} {
			fails(t, 1, want, append(append(command, "--role", role), flags...)...)
		}
	}
}

func TestAStackThatIsNone(t *testing.T) {
	t.Parallel()
	fails(t, 1, "the weight \"x\" of lora-v3", "run", "--data", filepath.Join(t.TempDir(), "data"), "--lora-version", "lora-v3*x", "do")
	fails(t, 1, "the reader, which is no language model", "run", "--data", filepath.Join(t.TempDir(), "data"), "--lora-version", "reader:lora-v3", "do")
}
