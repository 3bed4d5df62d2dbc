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
	ring := func(r image.Rectangle) []image.Rectangle { // two pixels around it
		out := r.Inset(-2)
		return []image.Rectangle{
			{Min: out.Min, Max: image.Pt(out.Max.X, r.Min.Y)}, {Min: image.Pt(out.Min.X, r.Max.Y), Max: out.Max},
			{Min: out.Min, Max: image.Pt(r.Min.X, out.Max.Y)}, {Min: image.Pt(r.Max.X, out.Min.Y), Max: out.Max},
		}
	}
	left, right := image.Rect(20, 50, 80, 80), image.Rect(90, 50, 150, 80)
	store := frames{
		"plain":   painted(t, size),
		"cursor":  painted(t, size, image.Rect(50, 20, 52, 40)),
		"tick":    painted(t, size, image.Rect(50, 20, 60, 30)),
		"tall":    painted(t, size, image.Rect(50, 0, 52, 60)),
		"two":     painted(t, size, image.Rect(50, 20, 52, 40), image.Rect(90, 20, 92, 40)),
		"pixel":   painted(t, size, image.Rect(199, 99, 200, 100)),
		"larger":  painted(t, image.Pt(201, 100)),
		"broken":  []byte("no picture"),
		"wide":    painted(t, size, image.Rect(50, 20, 55, 40)),
		"left":    painted(t, size, ring(left)...),
		"right":   painted(t, size, append(ring(right), image.Rect(100, 56, 101, 72))...),
		"pressed": painted(t, size, append(ring(left), image.Rect(30, 60, 70, 70))...),
		"spin 1":  painted(t, size, image.Rect(160, 10, 166, 16)),
		"spin 2":  painted(t, size, image.Rect(170, 20, 176, 26)),
		"spin 3":  painted(t, size, image.Rect(170, 20, 176, 26), image.Rect(50, 20, 60, 30)),
		"spin 4":  painted(t, size, image.Rect(170, 20, 176, 26), image.Rect(50, 20, 52, 40)),
	}
	box := func(x int) screen.Screen {
		return screen.Screen{Title: "a", Elements: []screen.Element{{Kind: screen.Check, Text: "b", Box: screen.Box{X: x, Y: 5, W: 9, H: 9}, Confidence: 0.9}}}
	}
	with := func(change func(*screen.Screen)) screen.Screen {
		s := box(10)
		change(&s)
		return s
	}
	element := func(change func(*screen.Element)) screen.Screen {
		return with(func(s *screen.Screen) { change(&s.Elements[0]) })
	}
	fields := func(focus int) screen.Screen {
		s := screen.Screen{Title: "a"}
		for i, r := range []image.Rectangle{left, right} {
			s.Elements = append(s.Elements, screen.Element{Kind: screen.Field, Box: screen.Box{X: r.Min.X, Y: r.Min.Y, W: r.Dx(), H: r.Dy()}, Focused: i == focus})
		}
		return s
	}
	view := func(picture string, s screen.Screen) View {
		return View{Frame: contracts.Frame{Image: contracts.Blob{SHA256: picture}, Width: 200, Height: 100, Scale: 1}, Screen: s}
	}
	scaled := func(v View) View { v.Frame.Scale = 2; return v }
	windows := func(v View, n int) View { v.Windows = n; return v }
	spinning := func(v View) View { v.Moving = []screen.Box{{X: 156, Y: 6, W: 24, H: 24}}; return v }
	nothing, focus, window := effect{what: contracts.EffectNothing}, effect{what: contracts.EffectFocus}, effect{what: contracts.EffectWindow}
	region := func(x0, y0, x1, y1 int) effect { return effect{contracts.EffectRegion, image.Rect(x0, y0, x1, y1)} }
	tick := region(50, 20, 60, 30)
	written := map[string]bool{ // a thin letter looks like a caret
		"another text": true, "another caption": true, "it is checked": true, "one more": true, "it moved": true,
	}
	for name, tt := range map[string]struct {
		before, after View
		want          effect
	}{
		"same picture":                      {view("plain", box(10)), view("plain", box(10)), nothing},
		"same picture, misread":             {view("plain", box(10)), view("plain", element(func(e *screen.Element) { e.Text = "d" })), nothing},
		"a cursor":                          {view("plain", box(10)), view("cursor", box(10)), nothing},
		"a cursor goes":                     {view("cursor", box(10)), view("plain", box(12)), nothing},
		"a cursor, read as one":             {view("plain", box(10)), view("cursor", element(func(e *screen.Element) { e.Text = "b|" })), nothing},
		"a tick":                            {view("plain", box(10)), view("tick", box(10)), tick},
		"a tall line":                       {view("plain", box(10)), view("tall", box(10)), region(50, 0, 52, 60)},
		"the cursor moves":                  {view("plain", box(10)), view("two", box(10)), focus},
		"the last pixel":                    {view("plain", box(10)), view("pixel", box(10)), nothing},
		"a wide cursor":                     {view("plain", box(10)), view("wide", box(10)), region(50, 20, 55, 40)},
		"a wide cursor, scaled":             {scaled(view("plain", box(10))), scaled(view("wide", box(10))), nothing},
		"other size":                        {view("plain", box(10)), view("larger", box(10)), window},
		"another title":                     {view("plain", box(10)), view("cursor", with(func(s *screen.Screen) { s.Title = "c" })), window},
		"a title, marked":                   {view("plain", box(10)), view("tick", with(func(s *screen.Screen) { s.Title = "*a" })), tick},
		"a dialog":                          {windows(view("plain", box(10)), 1), windows(view("tick", box(10)), 2), window},
		"nobody counted":                    {windows(view("plain", box(10)), 1), view("tick", box(10)), tick},
		"a cursor, for a letter":            {view("plain", box(10)), view("cursor", element(func(e *screen.Element) { e.Text = "bl" })), nothing},
		"a tick, and a cursor for a letter": {view("plain", box(10)), view("tick", element(func(e *screen.Element) { e.Text = "bl" })), tick},
		"a tick, read": {view("plain", box(10)), view("tick", with(func(s *screen.Screen) {
			s.Elements = append(s.Elements, screen.Element{Box: screen.Box{X: 45, Y: 15, W: 30, H: 20}})
		})), region(45, 15, 75, 35)},
		"another text":     {view("plain", box(10)), view("cursor", element(func(e *screen.Element) { e.Text = "d" })), region(10, 5, 19, 14)},
		"another caption":  {view("plain", box(10)), view("cursor", element(func(e *screen.Element) { e.Caption = "d" })), region(10, 5, 19, 14)},
		"it is checked":    {view("plain", box(10)), view("cursor", element(func(e *screen.Element) { e.Checked = true })), region(10, 5, 19, 14)},
		"it has the focus": {view("plain", box(10)), view("cursor", element(func(e *screen.Element) { e.Focused = true })), focus},
		"one more": {view("plain", box(10)), view("cursor", with(func(s *screen.Screen) {
			s.Elements = append(s.Elements, screen.Element{Box: screen.Box{X: 1, Y: 2, W: 3, H: 4}})
		})), region(1, 2, 4, 6)},
		"it moved":              {view("plain", box(10)), view("cursor", box(20)), region(10, 5, 29, 14)},
		"a ring":                {view("plain", fields(-1)), view("left", fields(-1)), focus},
		"a ring goes elsewhere": {view("left", fields(0)), view("right", fields(1)), focus},
		"a ring and more":       {view("plain", fields(-1)), view("pressed", fields(0)), region(18, 48, 82, 82)},
		"a ring of nothing":     {view("plain", box(10)), view("left", box(10)), region(18, 48, 82, 82)},
		"a spinner":             {spinning(view("spin 1", box(10))), spinning(view("spin 2", box(10))), nothing},
		"a spinner and a tick":  {spinning(view("spin 1", box(10))), spinning(view("spin 3", box(10))), tick},
		"a spinner and a caret": {spinning(view("spin 1", box(10))), spinning(view("spin 4", box(10))), nothing},
		"a spinner, misread": {spinning(view("spin 1", box(10))), spinning(view("spin 2", with(func(s *screen.Screen) {
			s.Elements = append(s.Elements, screen.Element{Kind: screen.Icon, Box: screen.Box{X: 160, Y: 10, W: 12, H: 12}})
		}))), nothing},
		"a spinner begins":  {view("plain", box(10)), spinning(view("spin 2", box(10))), region(170, 20, 176, 26)},
		"a spinner ends":    {spinning(view("spin 1", box(10))), view("plain", box(10)), region(160, 10, 166, 16)},
		"not to be fetched": {view("plain", box(10)), view("gone", box(10)), region(0, 0, 200, 100)},
		"not to be read":    {view("plain", box(10)), view("broken", box(10)), region(0, 0, 200, 100)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tk := &task{service: &service{ports: Ports{Frames: store}}, log: slog.New(slog.DiscardHandler)}
			if got := tk.changed(t.Context(), tt.before, tt.after, written[name]); got != tt.want {
				t.Errorf("it changed %+v, want %+v", got, tt.want)
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
