package actor

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"log/slog"
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/screen"
)

// frames are pictures by hash.
type frames map[string][]byte

func (f frames) Get(_ context.Context, b contracts.Blob) ([]byte, error) {
	if data, ok := f[b.SHA256]; ok {
		return data, nil
	}
	return nil, errors.New("the store is away")
}

// painted is a white picture with black rectangles.
func painted(t *testing.T, size image.Point, black ...image.Rectangle) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rectangle{Max: size})
	draw.Draw(img, img.Bounds(), image.White, image.Point{}, draw.Src)
	for _, r := range black {
		draw.Draw(img, r, image.NewUniform(color.Black), image.Point{}, draw.Src)
	}
	var buf bytes.Buffer
	if err := png.Encode(&buf, img); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestChanged(t *testing.T) {
	t.Parallel()
	size := image.Pt(200, 100)
	store := frames{
		"plain":  painted(t, size),
		"cursor": painted(t, size, image.Rect(50, 20, 52, 40)),
		"tick":   painted(t, size, image.Rect(50, 20, 60, 30)),
		"tall":   painted(t, size, image.Rect(50, 0, 52, 60)),
		"two":    painted(t, size, image.Rect(50, 20, 52, 40), image.Rect(90, 20, 92, 40)),
		"pixel":  painted(t, size, image.Rect(199, 99, 200, 100)),
		"larger": painted(t, image.Pt(201, 100)),
		"broken": []byte("no picture"),
		"wide":   painted(t, size, image.Rect(50, 20, 55, 40)),
	}
	box := func(x int) screen.Screen {
		return screen.Screen{Title: "a", Elements: []screen.Element{{Kind: screen.Check, Text: "b", Box: screen.Box{X: x, Y: 5, W: 9, H: 9}, Confidence: 0.9}}}
	}
	view := func(picture string, scale float64, s screen.Screen) View {
		return View{Frame: contracts.Frame{Image: contracts.Blob{SHA256: picture}, Scale: scale}, Screen: s}
	}
	other, renamed, more := box(10), box(10), box(10)
	other.Title = "c"
	renamed.Elements[0].Text = "d"
	more.Elements = append(more.Elements, screen.Element{Kind: screen.Text})
	for name, tt := range map[string]struct {
		before, after View
		want          bool
	}{
		"same picture":          {view("plain", 1, box(10)), view("plain", 1, box(10)), false},
		"same picture, misread": {view("plain", 1, box(10)), view("plain", 1, renamed), false},
		"a cursor":              {view("plain", 1, box(10)), view("cursor", 1, box(10)), false},
		"a cursor goes":         {view("cursor", 1, box(10)), view("plain", 1, box(12)), false},
		"a tick":                {view("plain", 1, box(10)), view("tick", 1, box(10)), true},
		"a tall line":           {view("plain", 1, box(10)), view("tall", 1, box(10)), true},
		"two cursors":           {view("plain", 1, box(10)), view("two", 1, box(10)), true},
		"the last pixel":        {view("plain", 1, box(10)), view("pixel", 1, box(10)), false},
		"a wide cursor":         {view("plain", 1, box(10)), view("wide", 1, box(10)), true},
		"a wide cursor, scaled": {view("plain", 2, box(10)), view("wide", 2, box(10)), false},
		"other size":            {view("plain", 1, box(10)), view("larger", 1, box(10)), true},
		"another title":         {view("plain", 1, box(10)), view("cursor", 1, other), true},
		"another text":          {view("plain", 1, box(10)), view("cursor", 1, renamed), true},
		"one more":              {view("plain", 1, box(10)), view("cursor", 1, more), true},
		"it moved":              {view("plain", 1, box(10)), view("cursor", 1, box(20)), true},
		"not to be fetched":     {view("plain", 1, box(10)), view("gone", 1, box(10)), true},
		"not to be read":        {view("plain", 1, box(10)), view("broken", 1, box(10)), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tk := &task{service: &service{ports: Ports{Frames: store}}, log: slog.New(slog.DiscardHandler)}
			if got := tk.changed(t.Context(), tt.before, tt.after); got != tt.want {
				t.Errorf("changed is %t", got)
			}
		})
	}
}

// The middle of an element, in the frame's pixels, is a place of the pointer.
func TestPlace(t *testing.T) {
	t.Parallel()
	element := screen.Element{Box: screen.Box{X: 100, Y: 50, W: 20, H: 11}}
	for _, tt := range []struct {
		frame contracts.Frame
		want  Point
	}{
		{contracts.Frame{Scale: 1}, Point{110, 55}},
		{contracts.Frame{Scale: 2}, Point{55, 27}},
		{contracts.Frame{Scale: 1.5, OriginX: 1280, OriginY: -10}, Point{1353, 26}},
		{contracts.Frame{}, Point{110, 55}},
	} {
		if got := (View{Frame: tt.frame}).pointer(element); got != tt.want {
			t.Errorf("at scale %g from %d,%d the pointer goes to %v, want %v", tt.frame.Scale, tt.frame.OriginX, tt.frame.OriginY, got, tt.want)
		}
	}
}
