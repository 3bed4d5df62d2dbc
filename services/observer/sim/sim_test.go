package sim_test

import (
	"image"
	"testing"

	"github.com/grokputer/grokputer/services/observer"
	"github.com/grokputer/grokputer/services/observer/observertest"
	"github.com/grokputer/grokputer/services/observer/sim"
)

func TestReader(t *testing.T) {
	t.Parallel()
	observertest.Reader(t, sim.Reader{})
}

func TestReaderKnowsEveryCharacter(t *testing.T) {
	t.Parallel()
	for r := '!'; r <= '~'; r++ {
		canvas := sim.NewCanvas(3*sim.CellWidth, 3*sim.CellHeight, sim.Paper)
		canvas.Text(8, 8, string(r), sim.Ink)
		words, err := sim.Reader{}.Read(t.Context(), canvas.Gray())
		if err != nil || len(words) != 1 || words[0].Text != string(r) {
			t.Errorf("read %v, %v for %q", words, err, r)
		}
	}
}

func TestDesktop(t *testing.T) {
	t.Parallel()
	frame := image.Rect(10, 10, 100, 100)
	d := sim.NewDesktop(sim.NewCanvas(200, 150, sim.Pane).RGBA,
		observer.Window{Title: "front", Role: observer.RoleNormal, Frame: frame, Content: frame.Inset(2), Focused: true})
	observertest.Capturer(t, d)
	observertest.Desk(t, d, "front")
}
