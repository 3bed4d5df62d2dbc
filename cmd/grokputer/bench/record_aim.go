package bench

import (
	"fmt"
	"slices"
	"strings"

	"github.com/grokputer/grokputer/cmd/grokputer/bench/miniwob/spelling"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/trainer/starter"
)

// look finds which element of a screen an aim means. The error says why none can be told.
func look(s screen.Screen, aim starter.Aim) (int, error) {
	if aim.Beside != "" {
		return beside(s, aim)
	}
	says := func(i int) bool { return aim.Text == "" || plain(s.Elements[i].Text) == plain(aim.Text) }
	found := which(s, aim.Kinds, says)
	if len(found) == 0 { // the reader has got one letter wrong, or has seen one that is a drawing
		found = which(s, aim.Kinds, func(i int) bool {
			a, b := plain(s.Elements[i].Text), plain(aim.Text)
			return len(b) > 1 && spelling.Distance(a, b) == 1
		})
	}
	return single(s, aim, found)
}

// single is the one element that was found, or that of the kind which is meant first.
func single(s screen.Screen, aim starter.Aim, found []int) (int, error) {
	if len(found) == 0 {
		return 0, fmt.Errorf("there is no %q on the screen", aim.Text+aim.Beside)
	}
	for _, kind := range aim.Kinds {
		of := slices.DeleteFunc(slices.Clone(found), func(i int) bool { return s.Elements[i].Kind != kind })
		if len(of) == 1 {
			return of[0], nil
		}
		if len(of) > 1 {
			break
		}
	}
	return 0, fmt.Errorf("there are %d of %q on the screen", len(found), aim.Text+aim.Beside)
}

// beside finds the field that a caption belongs to: the observer says it, or it
// stands to the right of the caption on its line.
func beside(s screen.Screen, aim starter.Aim) (int, error) {
	found := which(s, aim.Kinds, func(i int) bool { return plain(s.Elements[i].Caption) == plain(aim.Beside) })
	if len(found) == 1 {
		return found[0], nil
	}
	labels := which(s, screen.Kinds(), func(i int) bool { return plain(s.Elements[i].Text) == plain(aim.Beside) })
	if len(labels) != 1 {
		return 0, fmt.Errorf("there are %d of %q on the screen", len(labels), aim.Beside)
	}
	label := s.Elements[labels[0]].Box
	right := which(s, aim.Kinds, func(i int) bool {
		box := s.Elements[i].Box
		_, y := label.Center()
		return box.X >= label.X+label.W && box.Y <= y && y <= box.Y+box.H
	})
	if len(right) == 0 {
		return 0, fmt.Errorf("nothing stands beside %q", aim.Beside)
	}
	return slices.MinFunc(right, func(a, b int) int { return s.Elements[a].Box.X - s.Elements[b].Box.X }), nil
}

// which are the elements of the kinds for which ok holds.
func which(s screen.Screen, kinds []screen.Kind, ok func(int) bool) []int {
	var found []int
	for i, e := range s.Elements {
		if slices.Contains(kinds, e.Kind) && ok(i) {
			found = append(found, i)
		}
	}
	return found
}

// plain is a text without what readers and programs add to it or leave out.
func plain(s string) string {
	return strings.ToLower(strings.TrimRight(strings.Join(strings.Fields(s), " "), ".…: "))
}
