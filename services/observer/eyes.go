package observer

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/grokputer/grokputer/contracts/screen"
)

// rememberedLines is how many lines Eyes keep in memory: some hundred bytes each.
const rememberedLines = 4096

// maxLines is how many lines of one screen are read, the first in reading
// order: a photograph can look like thousands.
const maxLines = 400

// Eyes look at a desktop. They are safe for concurrent use.
type Eyes struct {
	capturer Capturer
	desk     Desk
	finder   Finder
	reader   Reader
	memory   *memory

	mu   sync.Mutex
	last understood
}

// understood is a capture that was read: the same one again is not.
type understood struct {
	picture *image.RGBA
	windows []Window
	screen  screen.Screen
}

// NewEyes joins the ports.
func NewEyes(c Capturer, d Desk, f Finder, r Reader) *Eyes {
	return &Eyes{capturer: c, desk: d, finder: f, reader: r, memory: newMemory(rememberedLines)}
}

// Look captures the desktop and reads it.
func (e *Eyes) Look(ctx context.Context) (Capture, screen.Screen, error) {
	c, windows, err := e.See(ctx)
	if err != nil {
		return Capture{}, screen.Screen{}, err
	}
	s, err := e.Understand(ctx, c, windows)
	if err != nil {
		return Capture{}, screen.Screen{}, err
	}
	return c, s, nil
}

// See captures the desktop: a picture, and the windows on it in the picture's
// pixels.
func (e *Eyes) See(ctx context.Context) (Capture, []Window, error) {
	windows, err := e.desk.Windows(ctx)
	if err != nil {
		return Capture{}, nil, fmt.Errorf("list the windows: %w", err)
	}
	c, err := e.capturer.Capture(ctx)
	if err != nil {
		return Capture{}, nil, fmt.Errorf("capture the screen: %w", err)
	}
	geometry := c.Geometry()
	for i := range windows {
		windows[i].Frame = geometry.Picture(windows[i].Frame)
		windows[i].Content = geometry.Picture(windows[i].Content)
	}
	return c, windows, nil
}

// Understand reads a capture. Windows are in its pixels, the topmost first.
func (e *Eyes) Understand(ctx context.Context, c Capture, windows []Window) (screen.Screen, error) {
	if s, ok := e.recall(c.Image, windows); ok {
		return s, nil
	}
	s, err := e.understand(ctx, c, windows)
	if err != nil {
		return screen.Screen{}, err
	}
	e.mu.Lock()
	e.last = understood{c.Image, windows, s}
	e.mu.Unlock()
	s.Elements = slices.Clone(s.Elements)
	return s, nil
}

// recall returns the last screen when nothing at all has changed.
func (e *Eyes) recall(picture *image.RGBA, windows []Window) (screen.Screen, bool) {
	e.mu.Lock()
	last := e.last
	e.mu.Unlock()
	if last.picture == nil || last.picture.Rect != picture.Rect ||
		!bytes.Equal(last.picture.Pix, picture.Pix) || !slices.Equal(last.windows, windows) {
		return screen.Screen{}, false
	}
	s := last.screen
	s.Elements = slices.Clone(s.Elements)
	return s, true
}

func (e *Eyes) understand(ctx context.Context, c Capture, windows []Window) (screen.Screen, error) {
	regions, err := e.finder.Find(ctx, c.Image, windows)
	if err != nil {
		return screen.Screen{}, fmt.Errorf("find the elements: %w", err)
	}
	regions = firstLines(regions)
	read := make([][]reading, len(regions))
	group, within := errgroup.WithContext(ctx)
	for i, r := range regions {
		if r.Symbol != "" {
			regions[i].Lines = nil
			continue
		}
		read[i] = make([]reading, len(r.Lines))
		for k, l := range r.Lines {
			group.Go(func() error {
				var err error
				read[i][k], err = e.readLine(within, l)
				return err
			})
		}
	}
	if err := group.Wait(); err != nil {
		return screen.Screen{}, fmt.Errorf("read the screen: %w", err)
	}
	s := screen.Screen{Title: Focused(windows), Elements: make([]screen.Element, 0, len(regions))}
	names := make(map[int]Region) // of the elements that are called by their pictures
	usual := usualHeight(regions)
	for i, r := range regions {
		for k, l := range r.Lines {
			read[i][k].text = oneLetter(read[i][k].text, l, usual)
		}
		if el, ok := element(r, read[i]); ok {
			if drawn(el, r) {
				names[len(s.Elements)] = r
				el.Text = ""
			}
			s.Elements = append(s.Elements, el)
		}
	}
	captions(s.Elements)
	belongings(s.Elements)
	// Last: what a row is about is said of its icons whether they have names or not.
	for i, r := range names {
		s.Elements[i].Text, s.Elements[i].Confidence, s.Elements[i].Pictured = r.Name, r.Sure, true
	}
	return s, nil
}

// firstLines cuts regions off after maxLines lines.
func firstLines(regions []Region) []Region {
	n := 0
	for i, r := range regions {
		if n += len(r.Lines); n > maxLines {
			return regions[:i]
		}
	}
	return regions
}

// reading is the text of one line.
type reading struct {
	text       string
	confidence float64
}

func (e *Eyes) readLine(ctx context.Context, l Line) (reading, error) {
	key := keyOf(l.Picture)
	words, ok := e.memory.get(key)
	if !ok {
		var err error
		if words, err = e.reader.Read(ctx, l.Picture); err != nil {
			return reading{}, fmt.Errorf("read a line: %w", err)
		}
		e.memory.put(key, words)
	}
	var r reading
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = w.Text
		r.confidence += w.Confidence / float64(len(words))
	}
	r.text = strings.Join(texts, " ")
	return r, nil
}

// element joins a region with what was read of it. Ink without any letter is
// no element unless something is around it.
func element(r Region, read []reading) (screen.Element, bool) {
	el := screen.Element{Kind: r.Kind, Box: boxOf(r.Box), Confidence: 1, Checked: r.Checked, Focused: r.Focused}
	var b strings.Builder
	for i, line := range read {
		el.Confidence = min(el.Confidence, line.confidence)
		if i > 0 {
			b.WriteString(separator(r, i))
		}
		b.WriteString(line.text)
	}
	el.Text = b.String() + r.Symbol
	loose := r.Kind == screen.Text || r.Kind == screen.Menu || r.Kind == screen.Link
	return el, el.Text != "" || !loose
}

// separator is what goes before line i: a field's lines are its content, any
// other element's are one caption that was wrapped.
func separator(r Region, i int) string {
	if r.Kind != screen.Field {
		return " "
	}
	return strings.Repeat("\n", 1+r.Lines[i].Blank)
}

func boxOf(r image.Rectangle) screen.Box {
	return screen.Box{X: r.Min.X, Y: r.Min.Y, W: r.Dx(), H: r.Dy()}
}
