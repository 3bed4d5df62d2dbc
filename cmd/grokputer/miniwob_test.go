package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/grokputer/grokputer/cmd/grokputer/bench/miniwob"
)

// The scripted planner needs one action for the first task and two for the
// second, of which it is allowed one: a success and a failure, on real pages in a
// real browser. Once more, nothing is played again.
func TestBenchMiniwob(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a browser, a screen and all services take seconds")
	}
	pages, err := filepath.Abs("../../.cache/miniwob/html")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(pages, "core", "core.js")); err != nil {
		t.Skip("the pages of MiniWoB++ are not there: `make miniwob` fetches them")
	}
	h := newHome(t, "http://127.0.0.1:1/v1")
	h.env = []string{"GROKPUTER_MINIWOB_PAGES=" + pages}
	results := filepath.Join(h.dir, "results")
	args := []string{
		"bench", "miniwob", "--planner", "scripted", "--tasks", "click-test-2,click-button-sequence", "--seeds", "1000000-1000000",
		"--max-steps", "1", "--results", results, "--json", filepath.Join(h.dir, "result.json"),
	}
	h.start(args...).wait(0, "click-test-2", "ok\n", "FAILED: failed")

	body, err := os.ReadFile(filepath.Join(h.dir, "result.json"))
	if err != nil {
		t.Fatal(err)
	}
	var result miniwob.Result
	if err := json.Unmarshal(body, &result); err != nil {
		t.Fatal(err)
	}
	good, bad := result.Tasks["click-test-2"], result.Tasks["click-button-sequence"]
	if good.N != 1 || good.Success != 1 || bad.N != 1 || bad.Success != 0 || result.Mean != 0.5 || result.Scale != 2 {
		t.Errorf("the result is %+v", result)
	}
	for _, name := range []string{"episode.json", "step-01.png"} {
		if _, err := os.Stat(filepath.Join(results, "failed", "click-button-sequence-1000000", name)); err != nil {
			t.Error(err)
		}
	}
	h.start(args...).wait(0, "ok (earlier)")
}

func TestBenchMiniwobUnknownTask(t *testing.T) {
	t.Parallel()
	h := newHome(t, "http://127.0.0.1:1/v1")
	pages := filepath.Join(h.dir, "html")
	for _, file := range []string{"core/core.js", "miniwob/click-button.html", "miniwob/click-link.html", "miniwob/use-slider.html"} {
		path := filepath.Join(pages, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h.start("bench", "miniwob", "--pages", pages, "--tasks", "clik-button").wait(1, `no task "clik-button"; near are click-button`)
	h.start("bench", "eyes", "--pages", filepath.Join(h.dir, "nowhere")).wait(1, "make miniwob")
}
