package mask

import "strings"

// Resembles reports whether a secret stands in a text, as far as a reader can be
// trusted: a quarter of its characters may be misread. A secret of few characters
// has to be the whole text.
func Resembles(text, secret string) bool {
	const short = 4
	t, s := []rune(squeezed(text)), []rune(squeezed(secret))
	switch {
	case len(s) == 0:
		return false
	case len(s) < short:
		return string(t) == string(s)
	default:
		return nearest(t, s) <= len(s)/4
	}
}

// squeezed is a text without spaces, in lower case.
func squeezed(text string) string { return strings.ToLower(strings.Join(strings.Fields(text), "")) }

// nearest is the least number of characters to change, add or leave out until the
// pattern stands somewhere in the text (P. Sellers, "The Theory and Computation of
// Evolutionary Distances", 1980).
func nearest(text, pattern []rune) int {
	row := make([]int, len(pattern)+1) // of the distances of each beginning of the pattern
	for i := range row {
		row[i] = i
	}
	least := row[len(pattern)]
	for _, c := range text {
		diagonal := row[0] // a match may begin anywhere
		for i, p := range pattern {
			change := diagonal
			if c != p {
				change++
			}
			diagonal = row[i+1]
			row[i+1] = min(change, row[i]+1, row[i+1]+1)
		}
		least = min(least, row[len(pattern)])
	}
	return least
}
