package job

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/services/trainer/gate"
)

// Plots are well-formed and say what they show, also of little.
func TestPlots(t *testing.T) {
	t.Parallel()
	curve := []gate.Point{{Step: 1, Loss: 2}, {Step: 15, Loss: 0.5, HeldOut: 0.7}, {Step: 30, Loss: 0.2, HeldOut: 0.6}}
	sets := []gate.Set{{Name: gate.Corrections, Both: 10, Gained: 15, Lost: 1, Neither: 10}, {Name: gate.Replay, Both: 190, Gained: 2, Lost: 2, Neither: 6}}
	for name, c := range map[string]struct {
		plot func(io.Writer) error
		want []string
	}{
		"losses":          {func(w io.Writer) error { return plotLoss(w, curve) }, []string{"held out", "trained on", "step"}},
		"one loss":        {func(w io.Writer) error { return plotLoss(w, curve[:1]) }, []string{"trained on"}},
		"no loss at all":  {func(w io.Writer) error { return plotLoss(w, nil) }, []string{"step"}},
		"sets":            {func(w io.Writer) error { return plotSets(w, sets) }, []string{"corrections (36)", "replay (200)", "champion", "candidate"}},
		"no sets at all":  {func(w io.Writer) error { return plotSets(w, nil) }, []string{"right steps"}},
		"a set of no one": {func(w io.Writer) error { return plotSets(w, []gate.Set{{Name: "replay"}}) }, []string{"replay (0)"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			if err := c.plot(&b); err != nil {
				t.Fatal(err)
			}
			for _, want := range c.want {
				if !strings.Contains(b.String(), want) {
					t.Errorf("%q is not in the picture", want)
				}
			}
			for d := xml.NewDecoder(&b); ; {
				if _, err := d.Token(); errors.Is(err, io.EOF) {
					return
				} else if err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}
