package trainer_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts"
)

// untilRated waits until the trainer knows so many ratings since the last training.
func (w *world) untilRated(n int) contracts.TrainingStatus {
	w.t.Helper()
	for {
		if s := w.status(); s.Rated == n {
			return s
		}
	}
}

// A training whose version the gate could only reject is not due, and the status says why.
func TestNothingCouldBeShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.config.Rules.Volume = 5
	f := &fake{}
	w.run(f)
	for i := range 5 {
		w.rate(fmt.Sprint("good", i), 5, false)
	}
	s := w.untilRated(5)
	want := "5 sessions were rated since the last training, but none of them says what would have been right: no version could be shown to be better"
	if s.Due || s.Why != want || s.Held != "" {
		t.Errorf("%+v", s)
	}
	w.rate("bad", 1, false)
	if s := w.untilRated(6); s.Due || !strings.HasSuffix(s.Why, "; say what would have been right in session_bad (grokputer rate SESSION)") {
		t.Errorf("%+v", s)
	}
	w.rate("bad", 1, true)
	w.untilVersion("lora-v1")

	// What is corrected, but not known to the version in use, may still be shown.
	for i := range 5 {
		w.rate(fmt.Sprint("more", i), 5, false)
	}
	w.untilVersion("lora-v2")

	// What it knows it says already.
	w.champion.Store(&contracts.Adapter{AdapterPublished: contracts.AdapterPublished{Version: "lora-v2", Sessions: []string{"session_bad"}}})
	for i := range 5 {
		w.rate(fmt.Sprint("most", i), 5, false)
	}
	if s := w.untilRated(5); s.Due || !strings.Contains(s.Why, "but none of them says what would have been right") || f.runs.Load() != 2 {
		t.Errorf("after %d trainings: %+v", f.runs.Load(), s)
	}
}
