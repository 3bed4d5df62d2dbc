package miniwob

import (
	"fmt"
	"slices"
	"strings"

	"github.com/grokputer/grokputer/contracts/screen"
)

// Markdown is the result as tables, with what it was measured with.
func (s Sight) Markdown(with string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### What the eyes see, scale %d\n\n%s\n\n", s.Scale, with)
	fmt.Fprintf(&b, "%d of %d found (%.1f %%). First frame %.0f ms, later frame with a small change %.0f ms (medians).\n\n",
		s.Found, s.N, 100*Tally{s.N, s.Found}.Share(), s.FirstFrameMS, s.LaterFrameMS)
	b.WriteString("| kind | n | found | share | misses by cause |\n|---|---|---|---|---|\n")
	for _, kind := range s.Kinds() {
		t := s.ByKind[kind]
		fmt.Fprintf(&b, "| %s | %d | %d | %.1f %% | %s |\n", kind, t.N, t.Found, 100*t.Share(), s.CausesOf(kind))
	}
	b.WriteString("\n| task | n | found | share |\n|---|---|---|---|\n")
	for _, task := range sortedKeys(s.ByTask) {
		t := s.ByTask[task]
		fmt.Fprintf(&b, "| %s | %d | %d | %.1f %% |\n", task, t.N, t.Found, 100*t.Share())
	}
	return b.String()
}

// Markdown is the result as a table, with what it was measured with.
func (r Result) Markdown(with string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### MiniWoB++, planner %s, scale %d\n\n%s\n\n", r.Planner, r.Scale, with)
	if r.Adapter != "" {
		fmt.Fprintf(&b, "Adapter %s. ", r.Adapter)
	}
	fmt.Fprintf(&b, "Mean of the tasks' rates: %.3f. A failure is due to the eyes when what the perfect plan needs was not seen, to the plan when\n", r.Mean)
	b.WriteString("something else was done, and to the hands else, misread texts that were typed included.\n\n")
	b.WriteString("| task | n | success | rate | 95 % interval | steps | seconds a step | failures |\n|---|---|---|---|---|---|---|---|\n")
	for _, task := range sortedKeys(r.Tasks) {
		t := r.Tasks[task]
		fmt.Fprintf(&b, "| %s | %d | %d | %.0f %% | %.0f to %.0f %% | %.1f | %.2f | %s |\n",
			task, t.N, t.Success, 100*t.Rate, 100*t.Low, 100*t.High, t.Steps, t.SecondsPerStep, t.FaultsText())
	}
	return b.String()
}

// FaultsText is what the failures are due to.
func (t TaskScore) FaultsText() string {
	var parts []string
	for _, fault := range sortedKeys(t.Faults) {
		parts = append(parts, fmt.Sprintf("%s %d", fault, t.Faults[fault]))
	}
	return strings.Join(parts, ", ")
}

// Kinds are those that were wanted, in the order of screen.Kinds.
func (s Sight) Kinds() []screen.Kind {
	return slices.DeleteFunc(screen.Kinds(), func(k screen.Kind) bool { return s.ByKind[k].N == 0 })
}

// CausesOf are a kind's misses, the most frequent cause first.
func (s Sight) CausesOf(kind screen.Kind) string {
	counts := s.Causes[kind]
	causes := sortedKeys(counts)
	slices.SortStableFunc(causes, func(a, b Cause) int { return counts[b] - counts[a] })
	parts := make([]string, len(causes))
	for i, cause := range causes {
		parts[i] = fmt.Sprintf("%s %d", cause, counts[cause])
	}
	return strings.Join(parts, ", ")
}

func sortedKeys[K ~string, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
