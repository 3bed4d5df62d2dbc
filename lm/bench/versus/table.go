package versus

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/grokputer/grokputer/lm/bench"
)

var heading = []string{"work", "ours", "best peer", "ratio", "goal", "met"}

// cells are the table's lines.
func (r Result) cells() [][]string {
	var lines [][]string
	for _, g := range r.Goals {
		line := []string{g.Work, written(g.Ours, g.digits) + " " + g.Unit, "-", "-", g.Want, "no"}
		if g.Peer != "" {
			line[2] = fmt.Sprintf("%s %s (%s)", written(*g.PeerValue, g.digits), g.Unit, g.Peer)
			line[3] = written(*g.Ratio, 2) + "x"
		}
		if g.Met {
			line[5] = "yes"
		}
		lines = append(lines, line)
	}
	return lines
}

// written is a median with its range.
func written(s bench.Spread, digits int) string {
	return fmt.Sprintf("%.*f (%.*f to %.*f)", digits, s.Median, digits, s.Least, digits, s.Most)
}

// Table writes the table for a terminal.
func (r Result) Table(to io.Writer) error {
	w := tabwriter.NewWriter(to, 0, 4, 2, ' ', 0)
	for _, line := range append([][]string{heading}, r.cells()...) {
		if _, err := fmt.Fprintln(w, strings.Join(line, "\t")); err != nil {
			return fmt.Errorf("bench: write the table: %w", err)
		}
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("bench: write the table: %w", err)
	}
	return nil
}

// Markdown returns the result as a page.
func (r Result) Markdown() string {
	var b strings.Builder
	b.WriteString("# The engine against its peers\n\nWritten by `make bench-lm`; do not edit. All numbers are in the JSON file beside it.\n\n")
	row := func(cells []string) { b.WriteString("| " + strings.Join(cells, " | ") + " |\n") }
	row(heading)
	row(slices.Repeat([]string{"---"}, len(heading)))
	for _, line := range r.cells() {
		row(line)
	}
	fmt.Fprintf(&b, "\nMedian (least to most) of %d rounds, %d threads for all, each measurement in a process of its own, in each round\n"+
		"one contestant after another. A ratio is taken within a round; the best peer is the one with the best median. The\n"+
		"goals are those for %s.\n", r.Rounds, r.Threads, processors(r.Machine.Vector))
	b.WriteString("\n## Where\n\n")
	fmt.Fprintf(&b, "- %s, commit %s\n- %s, %d cores, %.1f GB, Linux %s\n- instruction sets: %s\n- model: %s\n",
		r.Date, r.Commit, r.Machine.CPU, r.Machine.Cores, r.Machine.Memory, r.Machine.Kernel, strings.Join(r.Machine.Sets, ", "), r.Model)
	for _, name := range slices.Sorted(maps.Keys(r.Versions)) {
		fmt.Fprintf(&b, "- %s %s\n", name, r.Versions[name])
	}
	for _, name := range slices.Sorted(maps.Keys(r.Devices)) {
		fmt.Fprintf(&b, "- %s computes with: %s\n", name, r.Devices[name])
	}
	b.WriteString("\n## All contestants\n\n")
	row([]string{"contestant", "number", "median (least to most)"})
	row([]string{"---", "---", "---"})
	for _, name := range slices.Sorted(maps.Keys(r.Values)) {
		for _, m := range slices.Sorted(maps.Keys(r.Values[name])) {
			row([]string{name, string(m), written(bench.SpreadOf(r.Values[name][m]...), 2)})
		}
	}
	b.WriteString(r.method())
	return b.String()
}

func processors(vector bool) string {
	if vector {
		return "processors with AVX-512 BF16 and VNNI"
	}
	return "processors without AVX-512 BF16 and VNNI"
}

// method says what was measured.
func (r Result) method() string {
	s := r.Workload
	var b strings.Builder
	fmt.Fprintf(&b, `
## What is measured

All contestants get the same token ids, made from seeded screens and actions (lm/bench). Nothing of theirs is tokenised
in the measured time; our step includes it.

- Training: %d examples of %d to %d tokens, %d to %d of them the answer; rank 16 on all linear layers, AdamW, clipping, no
  dropout, %d examples a step. Ours are packed; PEFT's are sorted by length and padded within a batch, with the GGUF's
  weights dequantised when they are loaded. Tokens are counted without padding, over whole steps, after one step to warm
  up. Memory is the process's greatest resident set; the peers' is compared by its least.
- Prefill: %d tokens in one pass. Decode: %d tokens, greedily, after a prompt of %d.
- Step: a screen of %d tokens of which the first %d were seen in the step before, then one action inside the grammar of
  that screen. llama.cpp keeps its cache of the common tokens, gets the same grammar as GBNF, and checks the free choice
  before it masks the vocabulary.
- llama.cpp is built for this processor, with flash attention on and batches of 512.
`, s.Examples, s.Least, s.Most, s.AnswerLeast, s.AnswerMost, s.Batch, s.Prefill, s.Decode, s.Context, s.Screen, s.Seen)
	for _, name := range slices.Sorted(maps.Keys(r.Agreement)) {
		fmt.Fprintf(&b, "- In %s steps %s chose the action that we chose.\n", r.Agreement[name], name)
	}
	return b.String()
}
