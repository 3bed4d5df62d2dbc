package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/cmd/grokputer/bench/learning"
	"github.com/grokputer/grokputer/cmd/grokputer/bench/miniwob"
	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/lmtest"
	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/safetensors"
)

// untaught is the folder of an adapter for a model that has learned nothing.
func untaught(t *testing.T, model string) string {
	t.Helper()
	engine, err := lm.Open(t.Context(), model, lm.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	adapter, err := engine.NewAdapter(lora.DefaultConfig(), 1)
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "starter")
	if _, err := engine.SaveAdapter(folder, adapter, safetensors.BF16, lora.Metadata{}); err != nil {
		t.Fatal(err)
	}
	return folder
}

// linesOf are the values in a file, one a line.
func linesOf[T any](t *testing.T, path string) []T {
	t.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var list []T
	for line := range strings.Lines(string(body)) {
		var v T
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		list = append(list, v)
	}
	return list
}

// A curve of one round of three sessions, with a model that knows nothing. It is killed after
// the second session, and the same command goes on.
func TestBenchLearning(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a browser, a screen and all services, six times, take a minute")
	}
	pages, err := filepath.Abs("../../.cache/miniwob/html")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(pages, "core", "core.js")); err != nil {
		t.Skip("the pages of MiniWoB++ are not there: `make miniwob` fetches them")
	}
	h := newHome(t, "")
	h.env = []string{"GROKPUTER_MINIWOB_PAGES=" + pages}
	results, figures := filepath.Join(h.dir, "results"), filepath.Join(h.dir, "figures.json")
	model := lmtest.TinyModel(t, 48)
	starter := untaught(t, model)
	bench := func(more ...string) []string {
		return append([]string{
			"bench", "learning", "--tasks", "click-test-2", "--sessions", "3", "--rounds", "1", "--evaluation-seeds", "1", "--final-seeds", "1",
			"--others", "1", "--other-seeds", "1", "--rollout", "direct", "--max-steps", "1", "--model", model, "--registry-starter", starter,
			"--train-min-steps", "2", "--train-max-steps", "2", "--train-variants", "1", "--train-held-out", "1", "--train-leave-out", "0",
			"--train-guards", "1", "--train-min-replay", "1", "--results", results, "--json", figures,
		}, more...)
	}

	first := h.start(bench()...)
	first.until("round 1, session  2 of 3")
	if err := first.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-first.ended
	ratings, sessions, evaluations := filepath.Join(results, "ratings.jsonl"), filepath.Join(results, "sessions", "episodes.jsonl"), filepath.Join(results, "evaluations", "episodes.jsonl")
	before := linesOf[learning.Rating](t, ratings)
	if len(before) != 2 {
		t.Errorf("when it was killed there were %d ratings", len(before))
	}
	if said := h.start(bench()...).wait(0, "round 1, session  3 of 3", "training lora-v1: 3 sessions"); strings.Contains(said, "session  2 of 3") {
		t.Errorf("a rated session is played again:\n%s", said)
	}
	after := linesOf[learning.Rating](t, ratings)
	if len(after) != 3 || !slices.Equal(after[:2], before) {
		t.Errorf("the ratings are %+v, and were %+v", after, before)
	}
	checkApart(t, h.start("sessions", "list", "--json", "--data", filepath.Join(results, "house", "data")).wait(0), after, linesOf[miniwob.Episode](t, evaluations))

	body, err := os.ReadFile(figures)
	if err != nil {
		t.Fatal(err)
	}
	var report learning.Report
	if err := json.Unmarshal(body, &report); err != nil {
		t.Fatal(err)
	}
	if n := len(report.Rounds); n != 2 || report.Rounds[0].Evaluated != "starter" || report.Rounds[1].Rated.N != 3 || report.Rounds[1].Training == nil ||
		report.Rounds[1].Score == nil || report.Last == nil || report.After == nil || report.After.N != 1 {
		t.Errorf("the figures are %s", body)
	}

	// All is in the logs: once more they stay as they are.
	kept := read(t, ratings, sessions, evaluations)
	if said := h.start(bench()...).wait(0, "95 % INTERVAL"); strings.Contains(said, ", session ") || strings.Contains(said, "evaluation of") {
		t.Errorf("it plays again:\n%s", said)
	}
	if again := read(t, ratings, sessions, evaluations); again != kept {
		t.Errorf("the logs were\n%s\nand are\n%s", kept, again)
	}
	h.start(bench("--sessions", "4", "--train-learning-rate", "0.5")...).
		wait(1, "sessions was 3 and is 4", "recipe.learning_rate was 0.0002 and is 0.5", "--results")
}

// checkApart: of the sessions in the house that learns, those that were rated have their
// stars, and none is an evaluation's.
func checkApart(t *testing.T, list string, ratings []learning.Rating, evaluations []miniwob.Episode) {
	t.Helper()
	var sessions []struct {
		ID     string `json:"session_id"`
		Rating *int   `json:"user_rating"`
	}
	if err := json.Unmarshal([]byte(list), &sessions); err != nil {
		t.Fatalf("%v:\n%s", err, list)
	}
	stored := map[string]int{}
	for _, s := range sessions {
		if s.Rating != nil {
			stored[s.ID] = *s.Rating
		}
	}
	if len(stored) != len(ratings) {
		t.Errorf("%d sessions are rated, want %d:\n%s", len(stored), len(ratings), list)
	}
	for _, r := range ratings {
		if stored[r.Session] != r.Stars {
			t.Errorf("%s has %d stars, want %d", r.Session, stored[r.Session], r.Stars)
		}
	}
	if len(evaluations) == 0 {
		t.Error("nothing was evaluated")
	}
	for _, e := range evaluations {
		if e.Session == "" || strings.Contains(list, e.Session) {
			t.Errorf("the evaluation's session %q is in the house that learns", e.Session)
		}
	}
}

// read is what files hold, together.
func read(t *testing.T, files ...string) string {
	t.Helper()
	var all strings.Builder
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(body)
	}
	return all.String()
}
