package observer_test

import (
	"context"
	"image"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/services/observer"
	"github.com/grokputer/grokputer/services/observer/layout"
	"github.com/grokputer/grokputer/services/observer/sim"
	"github.com/grokputer/grokputer/services/observer/tesseract"
)

// The frame that is measured on: a window of 1280x800 with 60 lines of text in two
// columns, and some controls.
const (
	frameWidth, frameHeight = 1280, 800
	textLines               = 60
	// laterLines change from one frame to the next: 5 %.
	laterLines = 3
)

// sheet draws frames.
type sheet struct {
	random *rand.Rand
	lines  [textLines]string
}

func newSheet() *sheet {
	s := &sheet{random: rand.New(rand.NewPCG(1, 2))}
	for i := range s.lines {
		s.lines[i] = s.line()
	}
	return s
}

// line is a line of words that was never there before.
func (s *sheet) line() string {
	var b strings.Builder
	for b.Len() < 70 {
		word := make([]byte, 2+s.random.IntN(8))
		for i := range word {
			word[i] = byte('a' + s.random.IntN(26))
		}
		b.Write(word)
		b.WriteByte(' ')
	}
	return strings.TrimSpace(b.String())[:60]
}

// change writes some lines anew.
func (s *sheet) change(n int) {
	for _, i := range s.random.Perm(textLines)[:n] {
		s.lines[i] = s.line()
	}
}

func (s *sheet) draw() *image.RGBA {
	c := sim.NewCanvas(frameWidth, frameHeight, sim.Pane)
	for i, caption := range []string{"Open", "Save", "Close"} {
		c.Button(image.Rect(10+100*i, 8, 100+100*i, 40), caption)
	}
	const perColumn, pitch = textLines / 2, 24
	for column := range 2 {
		c.Box(image.Rect(10+640*column, 50, 630+640*column, 790), sim.Paper, sim.Edge)
		for row := range perColumn {
			c.Text(24+640*column, 60+pitch*row, s.lines[column*perColumn+row], sim.Ink)
		}
	}
	return c.RGBA
}

// readers are those that frames are read with.
func readers(b *testing.B) map[string]observer.Reader {
	b.Helper()
	tess, err := tesseract.New(tesseract.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(tess.Close)
	return map[string]observer.Reader{"tesseract": tess, "none": blind{}}
}

// understand reads a frame and fails unless it has all lines.
func understand(b *testing.B, eyes *observer.Eyes, picture *image.RGBA) {
	b.Helper()
	windows := []observer.Window{{Title: "sheet", Role: observer.RoleNormal, Frame: picture.Rect, Content: picture.Rect, Focused: true}}
	if _, err := eyes.Understand(b.Context(), observer.Capture{Image: picture, Scale: 1}, windows); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkFirstFrame is a frame of which nothing was seen before.
func BenchmarkFirstFrame(b *testing.B) {
	for name, reader := range readers(b) {
		b.Run(name, func(b *testing.B) {
			s := newSheet()
			for b.Loop() {
				b.StopTimer()
				eyes := observer.NewEyes(nil, nil, layout.New(), reader)
				s.change(textLines)
				picture := s.draw()
				b.StartTimer()
				understand(b, eyes, picture)
			}
		})
	}
}

// BenchmarkLaterFrame is the frame after it, in which 5 % of the lines are others.
func BenchmarkLaterFrame(b *testing.B) {
	for name, reader := range readers(b) {
		b.Run(name, func(b *testing.B) {
			s := newSheet()
			eyes := observer.NewEyes(nil, nil, layout.New(), reader)
			understand(b, eyes, s.draw())
			for b.Loop() {
				b.StopTimer()
				s.change(laterLines)
				picture := s.draw()
				b.StartTimer()
				understand(b, eyes, picture)
			}
		})
	}
}

// BenchmarkStoreFrame is what it takes to store a frame that has changed.
func BenchmarkStoreFrame(b *testing.B) {
	s := newSheet()
	frames := observer.NewFrames(&objects{}, 1e12, slog.New(slog.DiscardHandler))
	for b.Loop() {
		b.StopTimer()
		s.change(laterLines)
		picture := s.draw()
		b.StartTimer()
		if _, err := frames.Put(b.Context(), picture); err != nil {
			b.Fatal(err)
		}
	}
}

// blind reads nothing: what is left is what finding the lines takes.
type blind struct{}

func (blind) Read(context.Context, *image.Gray) ([]observer.Word, error) { return nil, nil }
