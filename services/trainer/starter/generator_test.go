package starter_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grokputer/grokputer/contracts/action"
	"github.com/grokputer/grokputer/services/trainer/starter"
)

// Every right action must be sayable: it parses back, and its target stands on
// the screen that the model sees.
func TestEpisodesAreDoable(t *testing.T) {
	t.Parallel()
	g := starter.New(1)
	kinds := map[string]int{}
	for range 3000 {
		steps := g.Episode()
		for i, e := range steps {
			kinds[e.Kind]++
			parsed, err := action.Parse(e.Right.String())
			if err != nil || parsed.String() != e.Right.String() {
				t.Fatalf("%s: %s does not parse back: %v", e.Kind, e.Right, err)
			}
			for _, target := range e.Right.Targets() {
				if _, err := e.State.Visible().Find(target); err != nil {
					t.Fatalf("%s: %v\n%+v", e.Kind, err, e.State)
				}
			}
			if last := i == len(steps)-1; e.Right.Ends() != last {
				t.Fatalf("%s: %s is step %d of %d", e.Kind, e.Right, i+1, len(steps))
			}
		}
	}
	if len(kinds) != 11 {
		t.Errorf("kinds drawn: %v", kinds)
	}
}

func TestSameSeedSameEpisodes(t *testing.T) {
	t.Parallel()
	a, b := starter.New(7), starter.New(7)
	for range 50 {
		if diff := cmp.Diff(a.Episode(), b.Episode()); diff != "" {
			t.Fatal(diff)
		}
	}
}

// What came to nothing is done once more, and is not taken for done.
func TestEpisodesStumble(t *testing.T) {
	t.Parallel()
	g := starter.New(3)
	seen := 0
	for range 2000 {
		for _, s := range g.Episode() {
			n := len(s.State.Done)
			if n == 0 || s.State.Done[n-1].Result != "in doubt" {
				continue
			}
			seen++
			if s.State.Done[n-1].Action != s.Right.String() {
				t.Fatalf("after %+v, %s is right", s.State.Done[n-1], s.Right)
			}
		}
	}
	if seen == 0 {
		t.Error("nothing was ever in doubt")
	}
}
