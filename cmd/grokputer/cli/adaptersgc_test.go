package cli_test

import (
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts"
)

func TestUnusedVersionsAreRemoved(t *testing.T) {
	t.Parallel()
	_, flags := comparing(t)
	adapters := func(args ...string) []string { return append(append([]string{"adapters"}, args...), flags...) }
	if out := ok(t, adapters("gc", "--keep", "0", "--yes")...); !strings.Contains(out, "it is the champion") || !strings.Contains(out, "there is nothing to remove\n") {
		t.Errorf("with nothing to remove:\n%s", out)
	}
	// What was taken back is not used any more.
	for _, version := range []string{"lora-v2", "lora-v1"} {
		ok(t, adapters("promote", version)...)
	}
	ok(t, adapters("rollback")...)
	if got := decode[contracts.Collection](t, ok(t, adapters("gc", "--keep", "0", "--json")...)); got.Removed || len(got.Versions) != 1 || got.Versions[0].Version != "lora-v1" {
		t.Fatalf("%+v", got)
	}
	if out := ok(t, adapters("protect", "lora-v1", "--why", "it knows my mail")...); !strings.Contains(out, "lora-v1 is protected") {
		t.Errorf("it says\n%s", out)
	}
	if out := ok(t, adapters()...); !strings.Contains(out, "lora-v1  rolledback, protected") {
		t.Errorf("the list is\n%s", out)
	}
	if out := ok(t, adapters("show", "lora-v1")...); !strings.Contains(out, "protected   by the command line since ") || !strings.Contains(out, "it knows my mail") {
		t.Errorf("it is shown as\n%s", out)
	}
	if out := ok(t, adapters("gc", "--keep", "0", "--dry-run")...); !strings.Contains(out, "it is protected by the command line") || strings.Contains(out, "in all") {
		t.Errorf("what is protected:\n%s", out)
	}
	if got := decode[contracts.Adapter](t, ok(t, adapters("unprotect", "lora-v1", "--json")...)); got.Version != "lora-v1" || got.Protected != nil {
		t.Errorf("%+v", got)
	}
	out := ok(t, adapters("gc", "--keep", "0", "--dry-run")...)
	t.Logf("\n%s", out)
	if !strings.Contains(out, "remove  lora-v1  rolledback  1      7 bytes  nothing uses it\n") || !strings.HasSuffix(out, "7 bytes in all\n") {
		t.Errorf("it would remove\n%s", out)
	}
	fails(t, 1, "add --yes if you are sure", adapters("gc", "--keep", "0")...)
	if got := ok(t, adapters("gc", "--keep", "1")...); !strings.Contains(got, "one of the newest") {
		t.Errorf("with one more to keep:\n%s", got)
	}
	if out := ok(t, adapters("gc", "--keep", "0", "--yes", "--why", "no space")...); !strings.Contains(out, "removed the files of 1 version, 7 bytes") {
		t.Errorf("it says\n%s", out)
	}
	if out := ok(t, adapters()...); !strings.Contains(out, "lora-v1  removed ") {
		t.Errorf("the list is\n%s", out)
	}
	if out := ok(t, adapters("show", "lora-v1")...); !strings.Contains(out, "removed: no space\n") || !strings.Contains(out, "weights, 7 bytes, removed\n") {
		t.Errorf("it is shown as\n%s", out)
	}
	fails(t, 1, "its files were removed: no space", adapters("download", "lora-v1", "-o", t.TempDir()+"/x")...)
	fails(t, 1, "`grokputer adapters` lists", adapters("protect", "lora-v9")...)
	fails(t, 1, "keep: -1", adapters("gc", "--keep=-1")...)
}

// A version that came into use while the person was asked stays.
func TestAVersionComesIntoUseMeanwhile(t *testing.T) {
	t.Parallel()
	b, flags := server(t)
	asked := 0
	serve(t, b, contracts.SubjectRegistryCollect, func(contracts.AdapterQuery) (any, string) {
		if asked++; asked == 1 {
			return contracts.Collection{Versions: []contracts.Collected{{Version: "lora-v1", Files: 1, Bytes: 3 << 20}}, Bytes: 3 << 20}, ""
		}
		return "nothing was removed: lora-v1 stays: it is the champion", contracts.MicroConflict
	})
	fails(t, 1, "it is the champion; `grokputer adapters gc` says", append(flags, "adapters", "gc", "--yes")...)
}
