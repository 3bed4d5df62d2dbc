package actor

import (
	"fmt"
	"image"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Region is a part of the desktop that no input goes to.
type Region struct {
	Name string
	// Area is in the pointer's coordinates.
	Area image.Rectangle
}

var regionArea = regexp.MustCompile(`^\s*(-?\d+)\s*,\s*(-?\d+)\s*,\s*(\d+)\s*x\s*(\d+)\s*$`)

// ParseRegion reads an area such as 0,760,1280x40: its left upper corner, and its
// width and height in pixels.
func ParseRegion(name, area string) (Region, error) {
	wrong := fmt.Errorf("the region %q is %q, want X,Y,WIDTHxHEIGHT such as 0,760,1280x40", name, area)
	parts := regionArea.FindStringSubmatch(area)
	if parts == nil {
		return Region{}, wrong
	}
	var n [4]int
	for i, part := range parts[1:] {
		var err error
		if n[i], err = strconv.Atoi(part); err != nil {
			return Region{}, wrong
		}
	}
	if name == "" || n[2] <= 0 || n[3] <= 0 {
		return Region{}, wrong
	}
	return Region{Name: name, Area: image.Rect(n[0], n[1], n[0]+n[2], n[1]+n[3])}, nil
}

// ParseRegions reads regions by their names, and returns them in the names' order.
func ParseRegions(areas map[string]string) ([]Region, error) {
	var list []Region
	for name, area := range areas {
		r, err := ParseRegion(name, area)
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b Region) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

// WindowPattern forbids windows by their titles. It fits a title that has its
// text anywhere in it, in either case; * stands for any text.
type WindowPattern string

// OwnPages are the windows in which the person approves and stops: the agent
// must not answer for the person. They are forbidden whatever else is.
const OwnPages WindowPattern = "· Grokputer"

// Fits reports whether a title fits.
func (p WindowPattern) Fits(title string) bool {
	title = plain(title)
	for part := range strings.SplitSeq(plain(string(p)), "*") {
		_, rest, found := strings.Cut(title, part)
		if !found {
			return false
		}
		title = rest
	}
	return true
}

// plain is a text in lower case and without characters that cannot be seen.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, text)
}
