package rollout

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Heading names the columns of Rows.
func Heading() []string {
	return []string{"STARS", "CHALLENGER", "PROMOTED", "ROLLED BACK", "UNDECIDED", "MEDIAN", "P90"}
}

// Rows are the outcomes of all trials.
func (r Report) Rows() [][]string {
	var rows [][]string
	for _, d := range r.Distributions {
		for _, o := range []Outcome{d.NoDifference, d.Minus1, d.PlusHalf} {
			rows = append(rows, o.row(d.Name))
		}
	}
	for _, o := range r.Others {
		rows = append(rows, o.row(""))
	}
	return rows
}

func (o Outcome) row(stars string) []string {
	share := func(n int) string { return fmt.Sprintf("%.2f %%", 100*float64(n)/float64(max(o.Runs, 1))) }
	return []string{stars, o.Name, share(o.Promoted), share(o.RolledBack), share(o.Undecided), sessions(o.Median), sessions(o.P90)}
}

// sessions is a number of sessions, empty when there is none.
func sessions(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}

// Markdown is the report as a document. with says what it was measured with.
func (r Report) Markdown(with string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Experiments between two versions\n\nWritten by `make bench-rollout`; do not edit.\n\n%s\n\n", with)
	fmt.Fprintf(&b, "%d simulated experiments of each kind, seed %d, decided after every session, ended undecided after %d. The champion's stars\n"+
		"have a mean of %.1f. A session has succeeded when it is worth four or five stars, unless the row says otherwise. Median and\n"+
		"p90 are the sessions of the challenger's arm within which half, and nine of ten, of all runs were rolled back or promoted, whichever is right.\n\n",
		r.Runs, r.Seed, r.LimitSessions, r.BaseMean)
	b.WriteString("| goal | measured | met |\n|---|---|---|\n")
	goal := func(text, measured string, met bool) {
		word := "no"
		if met {
			word = "yes"
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", text, measured, word)
	}
	goal("no difference: at most 5 % promoted or rolled back, of each distribution", fmt.Sprintf("%.2f %% at most", 100*r.FalseDecisionRate), r.FalseDecisionRate <= 0.05)
	goal("bell, one star worse: rolled back within 20 sessions of its arm (median)", sessions(r.ToRollback), r.ToRollback != nil && *r.ToRollback <= 20)
	goal("bell, half a star better: promoted within 80 sessions of its arm (median)", sessions(r.ToPromote), r.ToPromote != nil && *r.ToPromote <= 80)
	b.WriteString("\n| stars | sd | 1 | 2 | 3 | 4 | 5 |\n|---|---|---|---|---|---|---|\n")
	for _, d := range r.Distributions {
		fmt.Fprintf(&b, "| %s | %.2f |", d.Name, d.SD)
		for _, p := range d.Base {
			fmt.Fprintf(&b, " %.1f %% |", 100*p)
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "\n| %s |\n|%s\n", strings.ToLower(strings.Join(Heading(), " | ")), strings.Repeat("---|", len(Heading())))
	for _, row := range r.Rows() {
		if row[0] == "" {
			row[0] = "other"
		}
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
	}
	r.horizon(&b)
	return b.String()
}

// Write writes a document.
func Write(file, document string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	if err := os.WriteFile(file, []byte(document), 0o644); err != nil { //nolint:gosec // a document for everyone
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}
