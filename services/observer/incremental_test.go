package observer_test

import (
	"image"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grokputer/grokputer/services/observer"
	"github.com/grokputer/grokputer/services/observer/layout"
	"github.com/grokputer/grokputer/services/observer/sim"
)

// Eyes that have seen the frames before see the same on the next one as eyes that
// have not, whatever changes: windows move and cover each other, texts and controls
// come, go and change.
func TestLookAgainSeesTheSame(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	d := sim.NewDesktop(nil)
	known := observer.NewEyes(d, d, layout.New(), sim.Reader{})
	p := newDesktopOf(random)
	for step := range 60 {
		p.edit()
		picture, windows := p.draw()
		d.Show(picture, windows...)
		_, got, err := known.Look(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_, want, err := observer.NewEyes(d, d, layout.New(), sim.Reader{}).Look(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("step %d: the screen differs (- seen anew, + seen again):\n%s", step, diff)
		}
	}
}

// program is a window of random content.
type program struct {
	box     image.Rectangle
	texts   [8]string
	content string
}

// desktopOf is a few programs, the topmost first.
type desktopOf struct {
	random   *rand.Rand
	programs []*program
}

func newDesktopOf(random *rand.Rand) *desktopOf {
	d := &desktopOf{random: random}
	for range 3 {
		p := &program{}
		d.programs = append(d.programs, p)
		d.place(p)
		for i := range p.texts {
			p.texts[i] = d.words()
		}
	}
	return d
}

func (d *desktopOf) words() string {
	letters := make([]byte, 3+d.random.IntN(20))
	for i := range letters {
		letters[i] = "abcdefghijklmnopqrstuvwxyz  0123456789"[d.random.IntN(38)]
	}
	letters[0] = 'T'
	return string(letters)
}

func (d *desktopOf) place(p *program) {
	x, y := d.random.IntN(300), d.random.IntN(200)
	p.box = image.Rect(x, y, x+260, y+240)
}

// edit changes one thing.
func (d *desktopOf) edit() {
	i := d.random.IntN(len(d.programs))
	p := d.programs[i]
	switch d.random.IntN(5) {
	case 0:
		d.place(p)
	case 1: // to the front
		d.programs = append([]*program{p}, append(append([]*program{}, d.programs[:i]...), d.programs[i+1:]...)...)
	case 2:
		p.content = d.words()
	case 3:
		p.texts[d.random.IntN(len(p.texts))] = ""
	default:
		p.texts[d.random.IntN(len(p.texts))] = d.words()
	}
}

func (d *desktopOf) draw() (*image.RGBA, []observer.Window) {
	c := sim.NewCanvas(600, 480, sim.Tint(0x204060))
	windows := make([]observer.Window, len(d.programs))
	for i := len(d.programs) - 1; i >= 0; i-- {
		p := d.programs[i]
		c.Fill(p.box, sim.Edge)
		inner := p.box.Inset(4)
		c.Fill(inner, sim.Pane)
		for k, text := range p.texts {
			c.Text(inner.Min.X+10, inner.Min.Y+60+20*k, text, sim.Ink)
		}
		c.Field(image.Rect(inner.Min.X+10, inner.Min.Y+10, inner.Min.X+140, inner.Min.Y+36), p.content)
		c.Button(image.Rect(inner.Min.X+150, inner.Min.Y+8, inner.Min.X+240, inner.Min.Y+38), "Save")
		windows[i] = observer.Window{Title: p.texts[0], Role: observer.RoleNormal, Frame: p.box, Content: inner, Focused: i == 0}
	}
	return c.RGBA, windows
}
