package cli_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts"
)

func TestAdaptersAreListedWithTheirFigures(t *testing.T) {
	t.Parallel()
	b, flags := comparing(t)
	if out := ok(t, append(flags, "adapters")...); !strings.Contains(out, "lora-v1  champion    0         0      -") {
		t.Errorf("without a session:\n%s", out)
	}
	for i := range 12 {
		task := fmt.Sprint("t", i)
		version, verb, stars := "lora-v1", contracts.VerbFailed, 2
		if i%2 == 0 {
			version, verb, stars = "lora-v2", contracts.VerbCompleted, 4
		}
		publish(t, b, contracts.SubjectTask(contracts.VerbStarted, task), contracts.TaskStarted{TaskID: task, Planner: "local", Adapter: version})
		publish(t, b, contracts.SubjectTask(verb, task), contracts.TaskEnded{TaskID: task})
		publish(t, b, contracts.SubjectFeedbackSubmitted(task), contracts.FeedbackSubmitted{
			ID: task, TaskID: task, SessionID: task, Rating: stars, Outcome: verb, Adapter: version,
		})
	}
	out := ok(t, append(flags, "adapters")...)
	t.Logf("\n%s", out)
	for _, want := range []string{
		"lora-v1  champion    6         6      2.00 (", "  0 (0 to 39)  ", "lora-v2  challenger  6         6      4.00 (", "  100 (61 to 100)  ",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	got := decode[struct {
		contracts.AdapterList

		Figures []contracts.AdapterFigures `json:"figures"`
	}](t, ok(t, append(flags, "adapters", "list", "--json")...))
	if len(got.Adapters) != 2 || len(got.Figures) != 2 || got.Figures[1].Stars.Value != 4 || got.Figures[1].Success.N != 6 || got.Aliases.Champion != "lora-v1" {
		t.Errorf("%+v", got)
	}
}

func TestNoAdaptersAreListed(t *testing.T) {
	t.Parallel()
	b, flags := server(t)
	lines(t, b, nil, nil)
	serve(t, b, contracts.SubjectRegistryList, func(contracts.AdapterQuery) (any, string) { return contracts.AdapterList{}, "" })
	serve(t, b, contracts.SubjectRegistryCollect, func(contracts.AdapterQuery) (any, string) { return contracts.Collection{}, "" })
	if out := ok(t, append(flags, "adapters")...); out != "there is no version yet\nnew tasks are planned with the base model alone\n" {
		t.Errorf("the list is\n%s", out)
	}
	if out := ok(t, append(flags, "adapters", "gc")...); out != "there is nothing to remove\n" {
		t.Errorf("it says\n%s", out)
	}
}
