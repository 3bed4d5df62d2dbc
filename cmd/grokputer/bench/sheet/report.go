package sheet

import (
	"fmt"
	"slices"
	"strings"
)

// Of is the median of a figure over the rounds, and the smallest and the largest.
func (r Report) Of(figure func(Round) float64) (median, least, most float64) {
	values := make([]float64, 0, len(r.Rounds))
	for _, round := range r.Rounds {
		values = append(values, figure(round))
	}
	if len(values) == 0 {
		return 0, 0, 0
	}
	slices.Sort(values)
	return values[len(values)/2], values[0], values[len(values)-1]
}

// figures are the rows of the table.
var figures = []struct {
	name, unit string
	of         func(Round) float64
}{
	{"first frame", "ms", func(r Round) float64 { return r.FirstMS }},
	{"later frame, 5 % changed", "ms", func(r Round) float64 { return r.LaterMS }},
	{"the same read whole", "ms", func(r Round) float64 { return r.AgainMS }},
	{"the same by Tesseract, whole picture", "ms", func(r Round) float64 { return r.WholeMS }},
	{"read whole / later frame", "x", func(r Round) float64 { return r.AgainMS / r.LaterMS }},
	{"Tesseract's whole picture / later frame", "x", func(r Round) float64 { return r.WholeMS / r.LaterMS }},
	{"lines read exactly", "%", func(r Round) float64 { return 100 * float64(r.Exact) / (2 * Lines) }},
}

// Rows are the figures with their medians and ranges. Ratios are taken within a round.
func (r Report) Rows() [][]string {
	rows := make([][]string, 0, len(figures))
	for _, f := range figures {
		median, least, most := r.Of(f.of)
		rows = append(rows, []string{f.name, fmt.Sprintf("%.1f %s", median, f.unit), fmt.Sprintf("%.1f to %.1f", least, most)})
	}
	return rows
}

// Markdown is the report as a table, with what it was measured with.
func (r Report) Markdown(with string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### A screen full of text, reader %s\n\n%s\n\n", r.Reader, with)
	fmt.Fprintf(&b, "%d lines of about %d letters on %dx%d in a browser, from before the picture is taken to after its elements are known; %d rounds.\n\n",
		Lines, lineLength, Width, Height, len(r.Rounds))
	b.WriteString("| | median | range |\n|---|---|---|\n")
	for _, row := range r.Rows() {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
	}
	return b.String()
}
