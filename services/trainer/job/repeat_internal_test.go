package job

import (
	"testing"

	"github.com/grokputer/grokputer/services/trainer"
)

func TestRepeats(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		share                float64
		lessons, good, total int
	}{
		"not":                     {0, 158, 63, 63},
		"as many as of the other": {0.5, 158, 63, 158},
		"a part":                  {0.4, 158, 63, 105},
		"enough already":          {0.5, 20, 63, 63},
		"not too often":           {0.5, 158, 10, 40},
		"none":                    {0.5, 158, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := []trainer.Example{{Kind: trainer.KindGood, HeldOut: true}, {Kind: trainer.KindLesson, HeldOut: true}, {Kind: "press"}}
			for range c.lessons {
				all = append(all, trainer.Example{Kind: trainer.KindLesson})
			}
			for range c.good {
				all = append(all, trainer.Example{Kind: trainer.KindGood})
			}
			p, total, least, most := repeatsOf(c.share, all), 0, mostRepeats, 0
			for _, e := range all {
				switch n := p.of(e); {
				case e.Kind == trainer.KindGood && !e.HeldOut:
					total, least, most = total+n, min(least, n), max(most, n)
				case n != 1:
					t.Fatalf("%+v is trained on %d times", e, n)
				}
			}
			if total != c.total || most > least+1 {
				t.Errorf("%d in all, want %d; each %d to %d times", total, c.total, least, most)
			}
		})
	}
}
