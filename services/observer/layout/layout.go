// Package layout finds the elements of a rendered screen without reading it.
//
// A program's window is drawn in flat colours: a background, lighter boxes for
// what can be edited, framed boxes for what can be pressed, and ink on them.
// So the picture is taken apart into surfaces (large areas of one colour or of
// a gentle gradient) and ink (all else). A surface inside another is a control
// or a pane; ink that lies on a surface is gathered to glyphs, words and lines,
// and each line is cut out dark on white for a reader.
package layout

import (
	"context"
	"fmt"
	"image"

	"github.com/grokputer/grokputer/services/observer"
)

// Finder is an observer.Finder for programs drawn by a toolkit (GTK, Xaw and
// the like). It keeps no state and is safe for concurrent use.
type Finder struct{}

// New returns a Finder.
func New() Finder { return Finder{} }

// Find implements observer.Finder. The only error is the context's.
func (Finder) Find(ctx context.Context, picture *image.RGBA, windows []observer.Window) ([]observer.Region, error) {
	p := newPage(picture, windows)
	for _, stage := range p.stages() {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("find the elements: %w", err)
		}
		stage()
	}
	return p.regions(), nil
}

// stages take the picture apart, each with what the ones before have found.
func (p *page) stages() []func() {
	return []func(){p.label, p.findSurfaces, p.findRules, p.findCarets, p.findBlobs, p.findTouching, p.contrasts, p.findPictures, p.findScrolls, p.findMarks, p.findRims, p.findArrows, p.findLines}
}
