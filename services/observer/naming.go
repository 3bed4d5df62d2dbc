package observer

import (
	"context"
	"image"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/grokputer/grokputer/contracts/screen"
)

// Namer tells what is drawn in a box of a picture, and how sure that is, 0 to 1; "" when
// it is not sure. Where the box holds a piece of it only, at is the whole's. It is safe for
// concurrent use.
type Namer func(picture *image.RGBA, box image.Rectangle) (name string, at image.Rectangle, confidence float64)

// Named is a finder that finds what another does, and gives names to pictures that are
// pressed: icons, and buttons with next to nothing written on them. What was taken for
// several elements and is one such picture is an icon.
func Named(f Finder, n Namer) Finder { return named{f, n} }

type named struct {
	finder Finder
	namer  Namer
}

// certain is how sure a name is that counts more than what the finder or the reader made
// of a picture.
const certain = 0.8

// Find implements Finder.
func (n named) Find(ctx context.Context, picture *image.RGBA, windows []Window) ([]Region, error) {
	found, err := n.finder.Find(ctx, picture, windows)
	regions := slices.Clone(found)
	for i, r := range regions {
		box := pictured(r)
		if box.Empty() {
			continue
		}
		name, at, sure := n.namer(picture, box)
		piece := at != box && !at.In(r.Box)
		switch {
		case name == "", !piece && (r.Kind == screen.Check || r.Kind == screen.Radio):
		case piece && sure >= certain:
			regions[i] = Region{Kind: screen.Icon, Box: at, Name: name, Sure: sure}
		case !piece:
			regions[i].Name, regions[i].Sure = name, sure
		}
	}
	return withoutPieces(regions), err
}

// withoutPieces leaves out what lies in an icon and was taken for something of its own,
// and one that was found by several pieces again.
func withoutPieces(regions []Region) []Region {
	kinds := []screen.Kind{screen.Icon, screen.Button, screen.Check, screen.Radio}
	for i := 0; i < len(regions); i++ {
		whole := regions[i]
		if whole.Kind != screen.Icon || whole.Symbol != "" {
			continue
		}
		at, before := -1, 0
		regions = slices.DeleteFunc(regions, func(r Region) bool {
			at++
			piece := at != i && r.Box.In(whole.Box) && slices.Contains(kinds, r.Kind)
			if piece && at < i {
				before++
			}
			return piece
		})
		i -= before
	}
	return regions
}

// pictured is where a region may have a picture that is all it says; empty for none.
func pictured(r Region) image.Rectangle {
	const (
		edge = 3  // of a button, with its shadow
		most = 96 // pixels: larger ones are drawings
	)
	box := r.Box
	switch {
	case r.Symbol != "":
		return image.Rectangle{}
	case r.Kind == screen.Icon, (r.Kind == screen.Check || r.Kind == screen.Radio) && len(r.Lines) == 0:
	case r.Kind == screen.Button && len(r.Lines) == 0:
		box = box.Inset(edge)
	case r.Kind == screen.Button:
		box = image.Rectangle{}
		for _, l := range r.Lines {
			box = box.Union(l.Box)
		}
	default:
		return image.Rectangle{}
	}
	if r.Kind == screen.Button && (box.Dx() > 2*box.Dy() || box.Dy() > 2*box.Dx()) || max(box.Dx(), box.Dy()) > most {
		return image.Rectangle{}
	}
	return box
}

// drawn reports whether an element is to be called by its region's picture: nothing was
// read of it, or what may well be the picture read as a letter or two.
func drawn(e screen.Element, r Region) bool {
	const (
		letters  = 2
		doubtful = 0.8                // of what was read
		signs    = "+-–−*/÷×=<>?!.…^" // which are written on buttons
	)
	switch {
	case r.Name == "":
		return false
	case e.Text == "":
		return true
	case r.Kind != screen.Button || r.Sure < certain || utf8.RuneCountInString(e.Text) > letters:
		return false
	}
	word := strings.ContainsFunc(e.Text, func(c rune) bool {
		return unicode.IsLetter(c) || unicode.IsDigit(c) || strings.ContainsRune(signs, c)
	})
	return !word || e.Confidence < doubtful
}
