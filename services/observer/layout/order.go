package layout

import (
	"cmp"
	"image"
	"slices"

	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/observer"
)

// columnGap is the least gap between columns that are read one after the
// other, in pixels.
const columnGap = 20

// readingOrder sorts elements by recursive cuts along the gaps between them
// (the XY-cut of Nagy and Seth, 1984): rows first, unless there are columns
// whose rows are not in line with each other.
func readingOrder(regions []observer.Region) []observer.Region {
	if len(regions) < 2 {
		return regions
	}
	rows := split(regions, vertical)
	columns := split(regions, horizontal)
	parts := rows
	if len(rows) < 2 || apart(columns) {
		parts = columns
	}
	if len(rows) < 2 {
		if tall, rest := setApart(regions); len(tall) > 0 && len(split(rest, vertical)) > 1 {
			return insert(readingOrder(rest), tall)
		}
	}
	if len(parts) < 2 {
		slices.SortStableFunc(regions, func(a, b observer.Region) int {
			return cmp.Or(cmp.Compare(a.Box.Min.Y, b.Box.Min.Y), cmp.Compare(a.Box.Min.X, b.Box.Min.X))
		})
		return regions
	}
	sorted := make([]observer.Region, 0, len(regions))
	for _, part := range parts {
		sorted = append(sorted, readingOrder(part)...)
	}
	return sorted
}

// apart reports whether some neighbouring columns are read one after the
// other: there is space between them, and less than half of the elements of
// the shorter one are in line with one of the other. Icons below each other are
// no column: each belongs to what is beside it, such as a message in a list.
func apart(columns [][]observer.Region) bool {
	for i := 1; i < len(columns); i++ {
		a, b := columns[i-1], columns[i]
		if len(a) > len(b) {
			a, b = b, a
		}
		if len(a) < 2 || onlyIcons(columns[i-1]) || onlyIcons(columns[i]) || union(columns[i]).Min.X-union(columns[i-1]).Max.X < columnGap {
			continue
		}
		inLine := 0
		for _, r := range a {
			if slices.ContainsFunc(b, func(o observer.Region) bool { return aligned(r.Box, o.Box) }) {
				inLine++
			}
		}
		if 2*inLine < len(a) {
			return true
		}
	}
	return false
}

func onlyIcons(regions []observer.Region) bool {
	return !slices.ContainsFunc(regions, func(r observer.Region) bool { return r.Kind != screen.Icon })
}

// aligned reports whether two boxes have their upper ends or their middles on
// one line.
func aligned(a, b image.Rectangle) bool {
	slack := max(3, min(a.Dy(), b.Dy())/4)
	near := func(d int) bool { return d <= slack && d >= -slack }
	return near(a.Min.Y-b.Min.Y) || near((a.Min.Y+a.Max.Y-b.Min.Y-b.Max.Y)/2)
}

func union(regions []observer.Region) image.Rectangle {
	var r image.Rectangle
	for _, region := range regions {
		r = r.Union(region.Box)
	}
	return r
}

// setApart takes out the elements that are higher than a row of the others and
// so keep the rows from being cut, such as a key of double height.
func setApart(regions []observer.Region) (tall, rest []observer.Region) {
	median := medianHeight(regions)
	for _, r := range regions {
		if 10*r.Box.Dy() >= 17*median {
			tall = append(tall, r)
		} else {
			rest = append(rest, r)
		}
	}
	return tall, rest
}

// insert puts each tall element where its upper end is: in that row from left
// to right.
func insert(sorted, tall []observer.Region) []observer.Region {
	median := medianHeight(sorted)
	for _, t := range tall {
		at := slices.IndexFunc(sorted, func(r observer.Region) bool {
			below := r.Box.Min.Y >= t.Box.Min.Y+median/2
			inRow := !below && r.Box.Max.Y > t.Box.Min.Y
			return below || inRow && r.Box.Min.X > t.Box.Min.X
		})
		if at < 0 {
			at = len(sorted)
		}
		sorted = slices.Insert(sorted, at, t)
	}
	return sorted
}

func medianHeight(regions []observer.Region) int {
	heights := make([]int, len(regions))
	for i, r := range regions {
		heights[i] = r.Box.Dy()
	}
	slices.Sort(heights)
	return heights[len(heights)/2]
}

func vertical(r observer.Region) (from, to int)   { return r.Box.Min.Y, r.Box.Max.Y }
func horizontal(r observer.Region) (from, to int) { return r.Box.Min.X, r.Box.Max.X }

// split cuts regions at every gap of their projection.
func split(regions []observer.Region, extent func(observer.Region) (from, to int)) [][]observer.Region {
	sorted := slices.Clone(regions)
	slices.SortStableFunc(sorted, func(a, b observer.Region) int {
		fa, _ := extent(a)
		fb, _ := extent(b)
		return cmp.Compare(fa, fb)
	})
	var parts [][]observer.Region
	end := 0
	for i, r := range sorted {
		from, to := extent(r)
		if i == 0 || from >= end {
			parts = append(parts, nil)
		}
		parts[len(parts)-1] = append(parts[len(parts)-1], r)
		end = max(end, to)
	}
	return parts
}
