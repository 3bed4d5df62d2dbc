package cli_test

import (
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/trainer/gate"
)

func TestAVersionIsShownWithItsLineageAndItsReport(t *testing.T) {
	t.Parallel()
	_, flags := registry(t)
	show := func(args ...string) []string { return append(append([]string{"adapters", "show"}, args...), flags...) }
	out := ok(t, show("lora-v1")...)
	t.Logf("\n%s", out)
	for _, want := range []string{
		"lora-v1 from starter from the base model alone\n", "children    lora-v2\n", "job         auto-5\n", "dataset     datasets/d, ",
		"3 sessions, 4.50 (2.00 to 5.00) stars in the mean of 2; against starter +0.25 (-1.00 to +1.50) stars",
		"gate, against starter: passed\n", "corrections  20     55.0        80.0     6       1     +25.0 (", "- on 20 corrected steps it is better\n",
		"- in a search for its settings, 1 of 2 settings were compared",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	got := decode[struct {
		contracts.Adapter

		Lineage contracts.AdapterLineage `json:"lineage"`
		Figures contracts.AdapterFigures `json:"figures"`
		Report  gate.Report              `json:"report"`
	}](t, ok(t, show("lora-v1", "--json")...))
	if got.Version != "lora-v1" || len(got.Lineage.Steps) != 2 || got.Figures.Sessions != 3 || len(got.Report.Sets) != 1 || got.Report.Sets[0].Gained != 6 {
		t.Errorf("%+v", got)
	}
	// A report that is not what was published does not hide the rest.
	if out := ok(t, show("torn")...); !strings.Contains(out, "version     torn\n") || !strings.Contains(out, "its gate's report cannot be read: ") {
		t.Errorf("a damaged report:\n%s", out)
	}
	if out := ok(t, show("starter")...); strings.Contains(out, "gate") {
		t.Errorf("without a report:\n%s", out)
	}
}
