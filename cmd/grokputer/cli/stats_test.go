package cli_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts"
)

func TestStats(t *testing.T) {
	t.Parallel()
	b, flags := server(t)
	at := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	serve(t, b, contracts.SubjectRegistryFigures, func(contracts.AdapterQuery) (any, string) {
		return contracts.Figures{Weeks: []contracts.FiguresWeek{
			{Week: "2026-W46", Champions: []contracts.ChampionSince{{Version: "starter", Verb: contracts.AdapterVerbPromoted, Time: at}}},
			{Week: "2026-W47"},
			{
				Week: "2026-W48", Stars: contracts.Estimate{N: 9, Value: 3, Low: 2, High: 4}, Success: contracts.Estimate{N: 10, Value: 0.5, Low: 0.25, High: 0.75},
				Champions: []contracts.ChampionSince{
					{Version: "lora-v1", Verb: contracts.AdapterVerbPromoted, Time: at}, {Version: "starter", Verb: contracts.AdapterVerbRolledBack, Time: at},
				},
			},
		}}, ""
	})
	desk := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/stats" {
			_, _ = w.Write([]byte(`{"window": 4, "average": 3.25, "failures": 2}`))
		}
	}))
	t.Cleanup(desk.Close)
	stats := func(args ...string) []string {
		return append(append([]string{"stats", "--http-url", desk.URL}, args...), flags...)
	}
	out := ok(t, stats()...)
	t.Logf("\n%s", out)
	for _, want := range []string{
		"2026-W46                     -                    0      -              0   starter\n",
		"2026-W48  ####========....   3.00 (2.00 to 4.00)  9      50 (25 to 75)  10  lora-v1, back to starter\n",
		"average of the last 4 rated sessions: 3.25 stars",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	if out := ok(t, stats("--weeks", "1")...); strings.Contains(out, "W47") || !strings.Contains(out, "W48") {
		t.Errorf("the last week:\n%s", out)
	}
	got := decode[struct {
		Weeks []contracts.FiguresWeek `json:"weeks"`
		Now   struct {
			Average float64 `json:"average"`
		} `json:"now"`
	}](t, ok(t, stats("--json")...))
	if len(got.Weeks) != 3 || got.Weeks[2].Stars.N != 9 || got.Now.Average != 3.25 {
		t.Errorf("%+v", got)
	}
	desk.Close()
	r := run(t.Context(), stats()...)
	if r.status != 0 || !strings.Contains(r.out, "2026-W48") || !strings.Contains(r.err, "how the agent does now is not known: ") {
		t.Errorf("without the feedback service: status %d\n%s%s", r.status, r.out, r.err)
	}
	fails(t, 1, "weeks: 0", stats("--weeks", "0")...)
}

// There is nothing to draw before a session has ended.
func TestStatsWithoutSessions(t *testing.T) {
	t.Parallel()
	b, flags := server(t)
	serve(t, b, contracts.SubjectRegistryFigures, func(contracts.AdapterQuery) (any, string) { return contracts.Figures{}, "" })
	if out := ok(t, append(flags, "stats", "--http-url", "http://127.0.0.1:1")...); out != "no session has ended yet\n" {
		t.Errorf("it says\n%s", out)
	}
}
