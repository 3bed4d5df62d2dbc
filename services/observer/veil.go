package observer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"slices"
	"sync"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/kit/secrets"
	"github.com/grokputer/grokputer/services/observer/internal/mask"
)

// Masked is what is told of an element that was blacked out.
const Masked = "•••"

// ErrCannotMask means that a secret may be on the screen and cannot be blacked
// out: then nothing is told of the screen.
var ErrCannotMask = errors.New("a secret that was typed cannot be kept out of the picture")

// Pictures gives the pictures that were stored; *blob.Store is one.
type Pictures interface {
	Get(ctx context.Context, b contracts.Blob) ([]byte, error)
}

// veil keeps secrets out of what is told of the screen. The zero value hides nothing.
type veil struct {
	pictures Pictures
	secrets  secrets.Store // nil for none

	mu    sync.Mutex
	names []string     // of every secret that was typed since the start
	areas []screen.Box // that the last task had hidden, for who looks on his own
}

// hides reports whether something may have to be blacked out for a request.
func (v *veil) hides(r contracts.ObservationRequested) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	own := r.TaskID == "" && len(v.areas) > 0
	return v.secrets != nil || own || len(v.names) > 0 || len(r.Secrets) > 0 || len(r.Mask) > 0 || r.MaskSince != nil
}

// draw blacks out, on the capture and among the elements, what the request says and
// what reads like a secret. It returns the areas in the pointer's coordinates.
func (v *veil) draw(ctx context.Context, c *Capture, s *screen.Screen, r contracts.ObservationRequested) ([]screen.Box, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	hidden := r.Mask
	if r.TaskID == "" {
		hidden = v.areas
	}
	var areas []image.Rectangle
	for _, b := range hidden {
		areas = append(areas, c.Geometry().Picture(rectangle(b)))
	}
	if r.MaskSince != nil {
		changed, err := v.since(ctx, *r.MaskSince, c.Image)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrCannotMask, err)
		}
		areas = append(areas, changed...)
	}
	values, err := v.values(ctx, r.Secrets)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCannotMask, err)
	}
	areas = append(areas, saying(s.Elements, values)...)
	s.Title = without(s.Title, values)
	boxes := v.cover(c, s, areas)
	if r.TaskID != "" {
		v.areas = boxes
	}
	return boxes, nil
}

// cover blacks out the areas and says nothing of the elements in them. It returns
// the areas to hide from now on: where most of the picture has changed, it shows
// another page, and what is typed there is found by how it reads.
func (*veil) cover(c *Capture, s *screen.Screen, areas []image.Rectangle) []screen.Box {
	const edge = 2 // pixels that soft letters reach beyond their box
	areas = whole(areas, s.Elements)
	if len(areas) == 0 {
		return nil
	}
	picture := image.NewRGBA(c.Image.Rect) // the old one serves to see what changes
	draw.Draw(picture, picture.Rect, c.Image, c.Image.Rect.Min, draw.Src)
	c.Image = picture
	var boxes []screen.Box
	for _, a := range areas {
		a = a.Inset(-edge).Intersect(picture.Rect)
		draw.Draw(picture, a, image.NewUniform(color.Black), image.Point{}, draw.Src)
		if 2*a.Dx()*a.Dy() > picture.Rect.Dx()*picture.Rect.Dy() {
			continue
		}
		at := c.Geometry().Desktop(a)
		boxes = append(boxes, screen.Box{X: at.Min.X, Y: at.Min.Y, W: at.Dx(), H: at.Dy()})
	}
	hidden := make(map[string]bool) // texts, which captions repeat
	for i, e := range s.Elements {
		box := rectangle(e.Box)
		if e.Text != "" && slices.ContainsFunc(areas, box.Overlaps) {
			hidden[e.Text] = true
			s.Elements[i].Text = Masked
		}
	}
	for i, e := range s.Elements {
		if hidden[e.Caption] {
			s.Elements[i].Caption = Masked
		}
	}
	return boxes
}

// whole makes areas that touch a field cover all of it: its text may move. Areas
// inside others are left out.
func whole(areas []image.Rectangle, elements []screen.Element) []image.Rectangle {
	for i, a := range areas {
		for _, e := range elements {
			// A whole text editor is a field as well: of that the lines are enough.
			if box := rectangle(e.Box); e.Kind == screen.Field && box.Dy() <= fieldHeight && box.Overlaps(a) {
				areas[i] = areas[i].Union(box)
			}
		}
	}
	var kept []image.Rectangle
	for i, a := range areas {
		inside := slices.IndexFunc(areas, func(b image.Rectangle) bool { return a.In(b) && a != b })
		if !a.Empty() && inside < 0 && slices.Index(areas, a) == i {
			kept = append(kept, a)
		}
	}
	return kept
}

// fieldHeight is how high a field of one line is at most, in pixels at scale 2.
const fieldHeight = 120

func rectangle(b screen.Box) image.Rectangle { return image.Rect(b.X, b.Y, b.X+b.W, b.Y+b.H) }

// since returns where a picture differs from an earlier one: all of it when that
// has another size.
func (v *veil) since(ctx context.Context, earlier contracts.Blob, now *image.RGBA) ([]image.Rectangle, error) {
	body, err := v.pictures.Get(ctx, earlier)
	if err != nil {
		return nil, fmt.Errorf("fetch the picture before it was typed: %w", err)
	}
	before, err := png.Decode(bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("read the picture before it was typed: %w", err)
	}
	if before.Bounds().Size() != now.Rect.Size() {
		return []image.Rectangle{now.Rect}, nil
	}
	old := image.NewRGBA(now.Rect)
	draw.Draw(old, old.Rect, before, before.Bounds().Min, draw.Src)
	return mask.Differences(old, now), nil
}

// values are the secrets that may be on the screen: those that were ever typed, and
// those that the store lists.
func (v *veil) values(ctx context.Context, typed []string) ([]string, error) {
	for _, name := range typed {
		if !slices.Contains(v.names, name) {
			v.names = append(v.names, name)
		}
	}
	if v.secrets == nil {
		if len(v.names) > 0 {
			return nil, fmt.Errorf("this observer does not know the secret %q: give it the same setting secrets as the actor", v.names[0])
		}
		return nil, nil
	}
	listed, err := v.secrets.Names(ctx)
	if err != nil && len(v.names) > 0 {
		return nil, err
	}
	var values []string
	for _, name := range append(listed, v.names...) {
		value, err := v.secrets.Get(ctx, name)
		if err != nil && slices.Contains(v.names, name) {
			return nil, err
		}
		if err == nil && !slices.Contains(values, value) {
			values = append(values, value)
		}
	}
	return values, nil
}

// saying returns the boxes of the elements that read like a secret.
func saying(elements []screen.Element, values []string) []image.Rectangle {
	var boxes []image.Rectangle
	for _, e := range elements {
		if slices.ContainsFunc(values, func(value string) bool { return mask.Resembles(e.Text, value) }) {
			boxes = append(boxes, rectangle(e.Box))
		}
	}
	return boxes
}

// without is a title without the secrets in it.
func without(title string, values []string) string {
	for _, value := range values {
		if mask.Resembles(title, value) {
			return Masked
		}
	}
	return title
}
