package layout

import (
	"image"
	"slices"

	"github.com/grokputer/grokputer/contracts/screen"
)

// tabs makes tabs of buttons beside each other that stand on the lower edge
// of the bar around them, with what they switch below it. White ones look like
// fields with their text in the middle.
func (b *builder) tabs() {
	var tabs []int
	for i, s := range b.surfaces {
		if !b.pressed(i) || s.parent < 0 || !b.stands(s) {
			continue
		}
		for j, t := range b.surfaces {
			if j != i && b.pressed(j) && t.parent == s.parent && b.stands(t) && sameRow(s.box, t.box) {
				tabs = append(tabs, i)
				break
			}
		}
	}
	for _, i := range tabs {
		b.kind[i] = screen.Tab
	}
	// The one that is open may reach over the edge.
	for i, s := range b.surfaces {
		if b.pressed(i) && slices.ContainsFunc(tabs, func(k int) bool { return besideTab(s.box, b.surfaces[k].box) }) {
			b.kind[i] = screen.Tab
		}
	}
}

// pressed reports whether a surface may be one that is pressed: a button, or what
// would be a field if its caption did not stand in the middle.
func (b *builder) pressed(i int) bool {
	s := b.surfaces[i]
	return b.kind[i] == screen.Button || b.kind[i] == screen.Field && b.centred(s) && b.caption(s) && b.padded(s)
}

// besideTab reports whether a button is one of a row with a tab.
func besideTab(s, tab image.Rectangle) bool {
	const edge = 4
	gap := max(s.Min.X-tab.Max.X, tab.Min.X-s.Max.X)
	return gap >= 0 && gap <= tab.Dy()/2 && max(s.Min.Y-tab.Min.Y, tab.Min.Y-s.Min.Y) <= edge && sameRow(s, tab)
}

// stands reports whether a button stands on the lower edge of its bar, and the
// bar on more than it is high.
func (b *builder) stands(s surface) bool {
	const edge = 3
	bar := b.surfaces[s.parent].box
	below := bar.Max.Y - s.box.Max.Y
	bottom := b.h
	if int(s.owner) < len(b.windows) {
		bottom = b.windows[s.owner].Content.Max.Y
	}
	return below <= edge && s.box.Min.Y-bar.Min.Y > below && bottom-bar.Max.Y > s.box.Dy()
}
