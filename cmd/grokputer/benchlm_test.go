package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/golden"
)

// The program starts itself anew for each measurement, and prints one JSON object
// for all.
func TestBenchLM(t *testing.T) {
	t.Parallel()
	h := newHome(t, "http://127.0.0.1:1")
	p := h.start("bench", "lm", "--quick", "--rounds", "1", "--only", "first,prefill", "--json", "--model", golden.ModelPath(t))
	said := p.wait(0, "round 1  first", "round 1  prefill")
	var got map[string]any
	if err := json.Unmarshal([]byte(said[strings.Index(said, "{"):strings.LastIndex(said, "}")+1]), &got); err != nil {
		t.Fatalf("%v in\n%s", err, said)
	}
	for _, name := range []string{"first_token_ms", "load_ms", "prefill_tok_s", "threads"} {
		if v, ok := got[name].(float64); !ok || v <= 0 {
			t.Errorf("%s is %v", name, got[name])
		}
	}
	if _, ok := got["train_tok_s"]; ok {
		t.Error("it tells of a training that was not asked for")
	}
}
